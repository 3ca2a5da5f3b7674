import { errorOf } from "@laurel/core/kernel";
import type { Context } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Telemetry } from "./invocation.ts";
import { openPlainTelemetry } from "./plain-telemetry.ts";
import { openTelemetry } from "./telemetry.ts";

const context = {
  functionName: "prod-laurel-webhook",
  functionVersion: "$LATEST",
  memoryLimitInMB: "1024",
  invokedFunctionArn: "arn:aws:lambda:eu-central-1:123456789012:function:prod-laurel-webhook",
  awsRequestId: "5f0c4f7e-2f0e-4f65-9f0a-1d1d5f6f2b11",
} as Context;

let written: string[] = [];
beforeEach(() => {
  written = [];
  vi.stubEnv("POWERTOOLS_SERVICE_NAME", "laurel-webhook");
  vi.stubEnv("POWERTOOLS_METRICS_NAMESPACE", "Laurel/prod");
  vi.stubEnv("POWERTOOLS_LOG_LEVEL", "INFO");
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      written.push(String(text).trimEnd());
      return true;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const both: Record<string, () => Telemetry> = {
  powertools: openTelemetry,
  plain: () => openPlainTelemetry({ service: "laurel-webhook", namespace: "Laurel/prod" }),
};
const lines = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line));

/** One invocation with a line of each level and two metrics. */
function invoke({ log, metrics, begin, end }: Telemetry): Record<string, unknown>[] {
  written = [];
  begin(context);
  log.info("began");
  log.warn("effect.failed", { effectId: "eff_1", attempts: 2, ...errorOf(new Error("No way")) });
  log.error("job.failed", { part: "sweep" });
  metrics.record("WebhookLagMs", 40);
  metrics.record("WebhookLagMs", 60);
  metrics.record("DeadLetters");
  end();
  return lines();
}

test.each(Object.entries(both))(
  "%s: each line is JSON with level, message and the invocation it belongs to",
  (_, open) => {
    const [began, failed, broken] = invoke(open());
    expect(began).toMatchObject({
      level: "INFO",
      message: "began",
      service: "laurel-webhook",
      function_name: "prod-laurel-webhook",
      function_request_id: context.awsRequestId,
    });
    expect(Date.parse(began!.timestamp as string)).toBeGreaterThan(Date.now() - 60_000);
    expect(failed).toMatchObject({ level: "WARN", effectId: "eff_1", attempts: 2, error: "Error: No way" });
    expect(broken).toMatchObject({ level: "ERROR", part: "sweep" });
  },
);

test.each(Object.entries(both))(
  "%s: metrics are one line at the end, with the service as their only dimension",
  (_, open) => {
    const [, , , emf, ...more] = invoke(open());
    expect(more).toEqual([]);
    expect(emf).toEqual({
      _aws: {
        Timestamp: expect.any(Number),
        CloudWatchMetrics: [
          {
            Namespace: "Laurel/prod",
            Dimensions: [["service"]],
            Metrics: [
              { Name: "WebhookLagMs", Unit: "Milliseconds" },
              { Name: "DeadLetters", Unit: "Count" },
            ],
          },
        ],
      },
      service: "laurel",
      WebhookLagMs: [40, 60],
      DeadLetters: 1,
    });
  },
);

test.each(Object.entries(both))(
  "%s: an invocation without metrics writes none, and the next does not repeat those before",
  (_, open) => {
    const it = open();
    invoke(it);
    written = [];
    it.begin(context);
    it.end();
    expect(written).toEqual([]);
  },
);

test("both write lines of the same form", () => {
  const [powertools, plain] = Object.values(both).map((open) =>
    invoke(open()).map((line) =>
      Object.keys(line)
        .filter((key) => !["cold_start", "sampling_rate"].includes(key))
        .sort(),
    ),
  );
  expect(plain).toEqual(powertools);
});
