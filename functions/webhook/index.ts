import { behindFront } from "../front.ts";
import { plainTelemetry } from "../plain-telemetry.ts";
import { receiverRuntime } from "../receiver.ts";
import { originSecrets } from "../starting.ts";
import { createWebhook } from "./app.ts";

/** The deployed receiver of webhooks, at /webhooks. */
export const handler = behindFront({
  telemetry: plainTelemetry,
  secrets: originSecrets,
  start: receiverRuntime,
  make: createWebhook,
});
