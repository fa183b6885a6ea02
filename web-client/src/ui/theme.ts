import { useState } from "react";

/** Light, dark, or as the system is. */
export type Theme = "system" | "light" | "dark";

const KEY = "theme";

/** The chosen theme, and how to choose. public/theme.js reads it before the first paint. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const { theme: chosen } = document.documentElement.dataset;
    return chosen === "light" || chosen === "dark" ? chosen : "system";
  });
  const choose = (chosen: Theme) => {
    setTheme(chosen);
    if (chosen === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = chosen;
    try {
      // eslint-disable-next-line no-restricted-globals -- the one thing kept there, and no secret
      localStorage.setItem(KEY, chosen);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
  };
  return [theme, choose];
}
