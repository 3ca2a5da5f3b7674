import { defineConfig } from "vitest/config";

/** Browser tests: they start the whole program and drive it with Chromium. */
export default defineConfig({
  test: {
    environment: "node",
    include: ["e2e/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // They measure and click; two at once on two cores would only make both slow.
    fileParallelism: false,
  },
});
