import { errorOf } from "@laurel/core/kernel/failure.ts";
import type { Context, LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";
import type { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { invocation, type Telemetry } from "./invocation.ts";
import { early, goneAround, originGuard } from "./origin.ts";

export type Answer = (event: LambdaFunctionURLEvent, context: Context) => Promise<LambdaFunctionURLResult>;

/**
 * The handler of a function behind the front door, at a Function URL. Whoever goes around the front door gets 403 before
 * anything of the request is read. What the function needs is made at its first request; while that fails, 503, so that
 * whoever sends comes again, and the next request tries anew.
 */
export function behindFront<T>({
  telemetry,
  secrets,
  start,
  make,
}: {
  telemetry: () => Telemetry;
  /** The origin secrets, with commas between. */
  secrets: () => string;
  start: () => Promise<T>;
  // biome-ignore lint/suspicious/noExplicitAny: an application of whatever variables
  make: (ready: T) => Hono<any>;
}): Answer {
  let passes: ReturnType<typeof originGuard> | undefined;
  let made: Answer | undefined;
  return (event, context) => {
    const told = telemetry();
    return invocation(context, told, async () => {
      try {
        passes ??= originGuard(secrets());
        if (!passes(event)) {
          told.log.warn("origin.refused");
          return goneAround(context.awsRequestId);
        }
        const ready = await start();
        made ??= handle(make(ready)) as unknown as Answer;
      } catch (error) {
        told.log.error("invocation.not_ready", errorOf(error));
        return early(503, {
          code: "runtime.not_ready",
          title: "Not available at the moment",
          detail: "A part of Laurel cannot start. Nothing was lost; try again in a moment.",
          requestId: context.awsRequestId,
          retryAfterS: 30,
        });
      }
      return made(event, context);
    });
  };
}
