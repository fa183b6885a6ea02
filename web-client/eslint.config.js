import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Who may import whom: shared code → features → app, and features do not know each other. */
const forbid = (regex, message) => ({
  "no-restricted-imports": ["error", { patterns: [{ regex, message }] }],
});
const ALONE = "A feature knows neither the app nor another feature.";

export default tseslint.config(
  { ignores: ["dist", "src/api/*.generated.ts"] },
  tseslint.configs.strictTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // `onClick={() => void save()}` is how a handler starts what it does not wait for.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "localStorage", message: "Only src/ui/theme.ts keeps anything there." },
        { name: "sessionStorage", message: "Nothing is kept there." },
      ],
    },
  },
  {
    files: ["src/{api,posts,session,ui}/**"],
    rules: forbid("/(features|app)/", "Shared code knows neither the features nor the app."),
  },
  // One step up from a file of a feature's own folder leaves the feature; from a folder inside it, two do.
  { files: ["src/features/*/*"], rules: forbid("^\\.\\./(?!\\.\\./)|/(features|app)/", ALONE) },
  { files: ["src/features/*/*/*"], rules: forbid("^\\.\\./\\.\\./(?!\\.\\./)|/(features|app)/", ALONE) },
  {
    // They look at what pages keep, and a fixture's `use` is no hook.
    files: ["e2e/**"],
    rules: { "no-restricted-globals": "off", "react-hooks/rules-of-hooks": "off" },
  },
  {
    files: ["eslint.config.js", "public/*.js"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
    rules: { "no-restricted-globals": "off" },
  },
);
