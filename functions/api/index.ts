import { handle } from "hono/aws-lambda";
import { runtime } from "../runtime.ts";
import { createApi } from "./app.ts";

let made: ReturnType<typeof handle> | undefined;

/** The Lambda function behind /api. Built at the first request, so that a cold start pays for nothing twice. */
export const handler: ReturnType<typeof handle> = (event, context) => {
  made ??= handle(createApi(runtime()));
  return made(event, context);
};
