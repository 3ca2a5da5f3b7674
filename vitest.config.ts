import { defineConfig } from "vitest/config";

const tests = ["{packages,functions,stacks,web,scripts}/**/*.test.{ts,tsx}", "*.test.ts"];
const notOurs = ["**/node_modules/**", "**/dist/**", "e2e/**", ".laurel/**", ".sst/**"];

/** Tests that replace modules or settings of their process, or fill it with what SST keeps for a deployment. */
const apart = [
  "functions/{deployed,telemetry,lambda}.test.ts",
  "packages/local/src/stripe/port-worker.test.ts",
  "web/src/features/review/recent.test.ts",
  "stacks/{every-stack,bundles,deploy}.test.ts",
];

/**
 * All tests that need Node alone. Browser tests have a configuration of their own (vitest.e2e.config.ts).
 * Files share a process: a fresh one for each would load and compile the same libraries anew, which is a third of the work.
 */
export default defineConfig({
  test: {
    environment: "node",
    globalSetup: ["packages/local/testing/temp.ts", "packages/local/testing/global.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      { test: { name: "together", include: tests, exclude: [...notOurs, ...apart], isolate: false } },
      { test: { name: "apart", include: apart, exclude: notOurs } },
    ],
  },
});
