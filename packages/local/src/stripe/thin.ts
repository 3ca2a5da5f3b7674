import type Stripe from "stripe";

const folders: Record<string, string> = {
  charge: "charges",
  "checkout.session": "checkout/sessions",
  dispute: "disputes",
  invoice: "invoices",
  invoice_payment: "invoice_payments",
  payment_intent: "payment_intents",
  refund: "refunds",
  subscription: "subscriptions",
};

/**
 * An event as a destination for thin events gets it: it names its object, which has to be asked for
 * (https://docs.stripe.com/event-destinations).
 * @returns undefined for what nobody can ask for
 */
export function thinOf(event: Stripe.Event): Record<string, unknown> | undefined {
  const { id, object: type } = event.data.object as { id: string; object: string };
  const folder = folders[type];
  if (!folder) return undefined;
  return {
    id: `evt_test_65${event.id.slice("evt_".length)}`,
    object: "v2.core.event",
    created: new Date(event.created * 1_000).toISOString(),
    livemode: event.livemode,
    reason: event.request?.id ? { type: "request", request: event.request } : null,
    related_object: { id, type, url: `/v1/${folder}/${id}` },
    snapshot_event: event.id,
    type: `v1.${event.type}`,
  };
}
