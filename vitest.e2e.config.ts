import { defineConfig } from "vitest/config";

/** The tests that need a browser. They start the whole program, one after the other. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.test.ts"],
    globalSetup: ["packages/local/testing/temp.ts", "e2e/seed.ts"],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
