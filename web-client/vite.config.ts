import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import react from "@vitejs/plugin-react";
import { type Connect, defineConfig, type Plugin } from "vite";

import { securityHeaders, settingsFrom } from "./serving.ts";

const settings = settingsFrom(process.env);

const answerSettings: Connect.NextHandleFunction = (_request, response) => {
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  response.end(JSON.stringify(settings));
};

/**
 * Answers `/config.json` with the settings of the environment, in place of the file of the defaults; and for files that are gone says so,
 * where the page itself would be taken for them.
 */
function servesAsInProduction(): Plugin {
  return {
    name: "serves-as-in-production",
    configureServer: ({ middlewares }) => void middlewares.use("/config.json", answerSettings),
    configurePreviewServer: ({ middlewares, config }) => {
      middlewares.use((_request, response, next) => {
        response.setHeaders(new Map(Object.entries(securityHeaders(settings))));
        next();
      });
      middlewares.use("/config.json", answerSettings);
      middlewares.use("/assets", (request, response, next) => {
        const { pathname } = new URL(request.url ?? "", "file:///assets");
        if (existsSync(join(resolve(config.root, config.build.outDir), "assets", pathname))) {
          next();
          return;
        }
        response.statusCode = 404;
        response.end();
      });
    },
  };
}

export default defineConfig({
  plugins: [react(), servesAsInProduction()],
  // Fonts and icons stay files: a data: URL would need a looser Content-Security-Policy.
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What is served says whose work is in it.
    license: { fileName: "licenses.md" },
    // The dictionaries of the strength meter, loaded when a password is chosen.
    chunkSizeWarningLimit: 2500,
  },
  // By its number: `localhost` may be ::1 alone, and browsers try both.
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
});
