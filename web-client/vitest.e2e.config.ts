import { defineConfig } from "vitest/config";

/** Run by `cargo xtask test web-client/e2e`, which starts the servers and tells where they are (see e2e/support.ts). */
export default defineConfig({
  test: {
    include: process.env["SCREENSHOTS"] === undefined ? ["e2e/**/*.test.ts"] : ["e2e/screenshots.ts"],
    environment: "node",
    // One machine runs the browser, both servers and us.
    fileParallelism: false,
    // Generous: what is waited for is waited for, and a busy machine is no fault.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
