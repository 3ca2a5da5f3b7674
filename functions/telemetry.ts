import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { metrics as units } from "@laurel/core/kernel/metrics.ts";
import { metricsService, type Telemetry } from "./invocation.ts";

/** Opens a log and metrics of their own. Powertools take service, level and namespace from the environment, and write to the function's log. */
export function openTelemetry(): Telemetry {
  const logger = new Logger();
  const emf = new Metrics({ serviceName: metricsService });
  return {
    log: {
      info: (message, data = {}) => logger.info(message, data),
      warn: (message, data = {}) => logger.warn(message, data),
      error: (message, data = {}) => logger.error(message, data),
    },
    metrics: { record: (name, value = 1) => void emf.addMetric(name, units[name], value) },
    begin: (context) => logger.addContext(context),
    end: () => {
      if (emf.hasStoredMetrics()) emf.publishStoredMetrics();
    },
  };
}

let opened: Telemetry | undefined;
/** This process's own, opened when it is first needed. */
export function telemetry(): Telemetry {
  opened ??= openTelemetry();
  return opened;
}
