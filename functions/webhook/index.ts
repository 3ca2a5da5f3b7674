import type { LambdaFunctionURLEvent } from "aws-lambda";
import { handle } from "hono/aws-lambda";
import { runtime } from "../runtime.ts";
import { createWebhook } from "./app.ts";

let made: ReturnType<typeof handle> | undefined;

/** The deployed webhook receiver, built at its first event. */
export const handler = (event: LambdaFunctionURLEvent, context: never) => {
  made ??= handle(createWebhook(runtime()));
  return made(event as never, context);
};
