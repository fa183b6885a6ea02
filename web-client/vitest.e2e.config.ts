import { defineConfig } from "vitest/config";

/** Run by `cargo xtask test web-client/e2e`, which starts the servers and tells where they are (see e2e/support.ts). */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    // One machine runs the browser, both servers and us.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
