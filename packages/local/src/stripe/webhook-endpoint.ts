import type Stripe from "stripe";
import * as z from "zod";
import { apiVersion, type Desk, type HiddenEndpoint } from "./desk.ts";
import { boolean, expand, list, metadata, page, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { missing, refuse } from "./refusal.ts";

/** What Laurel's own endpoint is told; other events are made and kept, and go to whoever asks for them. */
export const usualEvents: Stripe.Event.Type[] = [
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "checkout.session.async_payment_failed",
  "payment_intent.succeeded",
  "charge.succeeded",
  "charge.refunded",
  "charge.refund.updated",
  "refund.created",
  "refund.updated",
  "refund.failed",
  "invoice.paid",
  "invoice_payment.paid",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
  "customer.subscription.deleted",
  "customer.discount.created",
];

const events = list(text(100), 300).pipe(z.array(z.string()).min(1));
export const CreateEndpoint = z.strictObject({
  url: text(),
  enabled_events: events,
  description: z.string().max(5000).optional(),
  api_version: z.literal(apiVersion).optional(),
  metadata: metadata.optional(),
  expand,
});

export function createEndpoint(desk: Desk, params: z.output<typeof CreateEndpoint>): Stripe.WebhookEndpoint {
  checkUrl(params.url);
  const secret = desk.newId("whsec_", 32);
  const endpoint = putEndpoint(
    desk,
    desk.newId("we_1"),
    params.url,
    params.enabled_events,
    [secret],
    params.description,
    params.metadata,
  );
  // The one time that the secret is shown.
  return { ...endpoint, secret };
}

/** The endpoint of a connection of ours: one id for good, wherever the port has moved since. */
export function putEndpoint(
  desk: Desk,
  id: string,
  url: string,
  enabledEvents: string[],
  secrets: string[],
  description: string | null = null,
  meta: Record<string, string> = {},
  thin = false,
): Stripe.WebhookEndpoint {
  const endpoint: Stripe.WebhookEndpoint = {
    id,
    object: "webhook_endpoint",
    api_version: apiVersion,
    application: null,
    created: desk.nowS,
    description,
    enabled_events: enabledEvents,
    livemode: false,
    metadata: meta,
    status: "enabled",
    url,
  };
  desk.store.put(desk.account, endpoint, { secrets, ...(thin ? { thin } : {}) } satisfies HiddenEndpoint);
  return endpoint;
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !["http:", "https:"].includes(new URL(url).protocol))
    refuse("Invalid URL", { code: "url_invalid", param: "url" });
}

export const getEndpoint = (desk: Desk, id: string): Stripe.WebhookEndpoint =>
  desk.store.get<Stripe.WebhookEndpoint>(desk.account, "webhook_endpoint", id) ??
  missing("webhook endpoint", id, "webhook_endpoint");

export const UpdateEndpoint = z.strictObject({
  url: text().optional(),
  enabled_events: events.optional(),
  disabled: boolean.optional(),
  expand,
});
export function updateEndpoint(
  desk: Desk,
  id: string,
  params: z.output<typeof UpdateEndpoint>,
): Stripe.WebhookEndpoint {
  const old = getEndpoint(desk, id);
  if (params.url) checkUrl(params.url);
  const endpoint = {
    ...old,
    url: params.url ?? old.url,
    enabled_events: params.enabled_events ?? old.enabled_events,
    status: params.disabled === undefined ? old.status : params.disabled ? "disabled" : "enabled",
  };
  desk.store.put(desk.account, endpoint);
  return endpoint;
}

export function deleteEndpoint(desk: Desk, id: string): Stripe.DeletedWebhookEndpoint {
  getEndpoint(desk, id);
  desk.store.remove(desk.account, "webhook_endpoint", id);
  return { id, object: "webhook_endpoint", deleted: true };
}

export const ListEndpoints = z.strictObject(page);
export const listEndpoints = (desk: Desk, params: z.output<typeof ListEndpoints>) =>
  pageOf<Stripe.WebhookEndpoint>(desk, "webhook_endpoint", "/v1/webhook_endpoints", params);
