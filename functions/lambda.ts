import type { Context } from "aws-lambda";
import type { Hono } from "hono";
import type { Runtime } from "./assemble.ts";
import { type Answer, behindFront } from "./front.ts";
import { invocation } from "./invocation.ts";
import { originSecrets } from "./starting.ts";
import { telemetry } from "./telemetry.ts";

/**
 * The handler of a function that an event wakes. What it needs is made at its first event; where that fails, the next event
 * tries again. A failure is told to Lambda, which hands the event out again or keeps it.
 * @param make from what `start` gives, once
 */
export function onEvent<T, E, R>(
  make: (ready: T) => (event: E) => Promise<R>,
  start: () => Promise<T>,
): (event: E, context: Context) => Promise<R> {
  let made: ((event: E) => Promise<R>) | undefined;
  return (event, context) =>
    invocation(context, telemetry(), async () => {
      const ready = await start();
      made ??= make(ready);
      return made(event);
    });
}

/** The handler of a function behind the front door; see `behindFront`. @param make from the runtime, once */
export const onRequest = (
  // biome-ignore lint/suspicious/noExplicitAny: an application of whatever variables
  make: (runtime: Runtime) => Hono<any>,
  start: () => Promise<Runtime>,
): Answer => behindFront({ telemetry, secrets: originSecrets, start, make });
