import { receiverRuntime } from "../deployed.ts";
import { onRequest } from "../lambda.ts";
import { createWebhook } from "./app.ts";

/** The deployed receiver of webhooks, at /webhooks. */
export const handler = onRequest(createWebhook, receiverRuntime);
