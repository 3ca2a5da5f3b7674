import { type MetricName, metrics as units } from "@laurel/core/kernel/metrics.ts";
import { metricsService, type Telemetry } from "./invocation.ts";
import { setting } from "./settings.ts";

/**
 * Log lines and metrics in the form of Powertools, for the two functions whose cold start somebody waits for, a visitor and a
 * checkout: the library would take a sixth of the one's and a fourteenth of the other's. A test holds both equal.
 * @param write one line to the function's log
 */
export function openPlainTelemetry(
  { service, namespace }: { service: string; namespace: string },
  write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`),
): Telemetry {
  let invoked: Record<string, unknown> = {};
  let recorded: Partial<Record<MetricName, number[]>> = {};
  const line =
    (level: string) =>
    (message: string, data: Record<string, unknown> = {}) =>
      write(JSON.stringify({ level, message, timestamp: new Date().toISOString(), service, ...invoked, ...data }));
  return {
    log: { info: line("INFO"), warn: line("WARN"), error: line("ERROR") },
    metrics: {
      record: (name, value = 1) => {
        recorded[name] = [...(recorded[name] ?? []), value];
      },
    },
    begin: ({ functionName, functionVersion: _, memoryLimitInMB, invokedFunctionArn, awsRequestId }) => {
      invoked = {
        function_arn: invokedFunctionArn,
        function_memory_size: memoryLimitInMB,
        function_name: functionName,
        function_request_id: awsRequestId,
      };
    },
    end: () => {
      const names = Object.keys(recorded) as MetricName[];
      if (names.length > 0) write(JSON.stringify(emf(namespace, names, recorded)));
      recorded = {};
    },
  };
}

let opened: Telemetry | undefined;
/** This process's own, opened when it is first needed. */
export function plainTelemetry(): Telemetry {
  opened ??= openPlainTelemetry({
    service: setting("POWERTOOLS_SERVICE_NAME") ?? metricsService,
    namespace: setting("POWERTOOLS_METRICS_NAMESPACE") ?? "Laurel",
  });
  return opened;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const emf = (namespace: string, names: MetricName[], values: Partial<Record<MetricName, number[]>>) => ({
  _aws: {
    Timestamp: Date.now(),
    CloudWatchMetrics: [
      {
        Namespace: namespace,
        Dimensions: [["service"]],
        Metrics: names.map((name) => ({ Name: name, Unit: units[name] })),
      },
    ],
  },
  service: metricsService,
  ...Object.fromEntries(names.map((name) => [name, values[name]!.length === 1 ? values[name]![0] : values[name]])),
});
