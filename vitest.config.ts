import { defineConfig } from "vitest/config";

/** All tests that need Node alone. Browser tests have a configuration of their own (vitest.e2e.config.ts). */
export default defineConfig({
  test: {
    environment: "node",
    include: ["{packages,functions,stacks,web,scripts}/**/*.test.{ts,tsx}", "*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "e2e/**", ".laurel/**", ".sst/**"],
    globalSetup: ["packages/local/testing/temp.ts", "packages/local/testing/global.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    maxWorkers: 2,
  },
});
