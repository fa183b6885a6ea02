import react from "@vitejs/plugin-react";
import { type Connect, defineConfig, type Plugin } from "vite";

import { securityHeaders, settingsFrom } from "./serving.ts";

const settings = settingsFrom(process.env);

/** Answers `/config.json` with the settings of the environment, in place of the file of the defaults. */
function servesSettings(): Plugin {
  const answer = (middlewares: Connect.Server) =>
    middlewares.use("/config.json", (_request, response) => {
      response.setHeader("Content-Type", "application/json");
      response.setHeader("Cache-Control", "no-store");
      response.end(JSON.stringify(settings));
    });
  return {
    name: "serves-settings",
    configureServer: (server) => void answer(server.middlewares),
    configurePreviewServer: (server) => void answer(server.middlewares),
  };
}

export default defineConfig({
  plugins: [react(), servesSettings()],
  // Fonts and icons stay files: a data: URL would need a looser Content-Security-Policy.
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The dictionaries of the strength meter, loaded when a password is chosen.
    chunkSizeWarningLimit: 2500,
  },
  // By its number: `localhost` may be ::1 alone, and browsers try both.
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1", headers: securityHeaders(settings) },
});
