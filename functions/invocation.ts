import type { Log } from "@laurel/core/kernel/context.ts";
import { errorOf } from "@laurel/core/kernel/failure.ts";
import type { Metrics } from "@laurel/core/kernel/metrics.ts";
import type { Context } from "aws-lambda";

/** The log and the metrics of a deployed function. */
export interface Telemetry {
  log: Log;
  metrics: Metrics;
  /** At the start of an invocation: its lines name it. */
  begin(context: Context): void;
  /** At its end: writes its metrics, all in one line. */
  end(): void;
}

/** All functions together are one service to the metrics, which cost for each value of a dimension. */
export const metricsService = "laurel";

/**
 * An invocation with its beginning and its end: its log lines name it, and its metrics are written, also where it fails. Of a
 * failure Lambda is told the name alone, because Lambda writes it to the log as it is.
 */
export async function invocation<R>(
  context: Context,
  { log, begin, end }: Telemetry,
  work: () => Promise<R>,
): Promise<R> {
  begin(context);
  try {
    return await work();
  } catch (error) {
    const told = errorOf(error);
    log.error("invocation.failed", told);
    throw new Error(told.error);
  } finally {
    end();
  }
}
