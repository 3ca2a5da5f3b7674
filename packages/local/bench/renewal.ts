import { ambassadors, type Buy, type Counter, sell, tell } from "./counter.ts";
import { delivered, sessionEvent, word } from "./purchase.ts";
import type { Staging } from "./stage.ts";

/** A payment of a subscription of 43.20 EUR with tax, in the fields that Stripe sends. */
function invoicePaid(staging: Staging, subscription: string, reason: "subscription_create" | "subscription_cycle") {
  const eventId = `evt_1Q${word(22)}`;
  const id = `in_1Q${word(22)}`;
  const created = Math.floor(Date.now() / 1000) - 1;
  const price = `price_1Q${word(22)}`;
  const line = {
    id: `il_1Q${word(22)}`,
    object: "line_item",
    amount: 3600,
    currency: "eur",
    description: "1 × Coffee for a month (at €36.00 / month)",
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: id,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: { credited_items: null },
        subscription,
        subscription_item: `si_${word(14)}`,
      },
      type: "subscription_item_details",
    },
    period: { end: created + 30 * 86_400, start: created },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price, product: `prod_${word(14)}` },
      type: "price_details",
      unit_amount_decimal: "3600",
    },
    quantity: 1,
    taxes: [{ amount: 720, tax_behavior: "exclusive", taxable_amount: 3600, type: "tax_rate_details" }],
  };
  const event = {
    id: eventId,
    object: "event",
    api_version: "2026-10-28.endive",
    created: created + 1,
    data: {
      object: {
        id,
        object: "invoice",
        account_country: "DE",
        account_name: "Example",
        amount_due: 4320,
        amount_paid: 4320,
        amount_remaining: 0,
        amount_shipping: 0,
        attempt_count: 1,
        attempted: true,
        auto_advance: false,
        billing_reason: reason,
        collection_method: "charge_automatically",
        created,
        currency: "eur",
        customer: `cus_${subscription.slice(-14)}`,
        customer_email: `buyer-${subscription.slice(-12).toLowerCase()}@example.com`,
        default_payment_method: null,
        discounts: [],
        due_date: null,
        effective_at: created,
        ending_balance: 0,
        hosted_invoice_url: `https://invoice.stripe.com/i/acct_test/${word(60)}`,
        lines: { object: "list", data: [line], has_more: false, total_count: 1, url: `/v1/invoices/${id}/lines` },
        livemode: false,
        metadata: {},
        number: `${word(8).toUpperCase()}-0001`,
        parent: {
          quote_details: null,
          subscription_details: { metadata: {}, subscription },
          type: "subscription_details",
        },
        period_end: created,
        period_start: created,
        post_payment_credit_notes_amount: 0,
        shipping_cost: null,
        starting_balance: 0,
        status: "paid",
        status_transitions: { finalized_at: created, marked_uncollectible_at: null, paid_at: created, voided_at: null },
        subtotal: 3600,
        subtotal_excluding_tax: 3600,
        test_clock: null,
        total: 4320,
        total_discount_amounts: [],
        total_excluding_tax: 3600,
        total_pretax_credit_amounts: [],
        total_taxes: [{ amount: 720, tax_behavior: "exclusive", taxable_amount: 3600, type: "tax_rate_details" }],
      },
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: "invoice.paid",
  };
  return delivered(staging, event, [eventId, id]);
}

/** Begins a subscription by everybody's code, with its first payment. @returns what makes the next payment of each */
export async function beginSubscriptions(counter: Counter): Promise<Buy> {
  const subscriptionOf = new Map<string, string>();
  const everybody = { inFlight: 16, seconds: 600, atMost: ambassadors };
  await tell(counter, everybody, (staged, { id, promotionCodeId }) => {
    const subscription = `sub_1Q${word(22)}`;
    subscriptionOf.set(id, subscription);
    const { event, ids } = sessionEvent(promotionCodeId, {
      mode: "subscription",
      payment_intent: null,
      subscription,
      customer: `cus_${subscription.slice(-14)}`,
    });
    return delivered(staged, event, ids);
  });
  const paying =
    (reason: "subscription_create" | "subscription_cycle"): Buy =>
    (staged, { id }) =>
      invoicePaid(staged, subscriptionOf.get(id)!, reason);
  await sell(counter, { ...everybody, buy: paying("subscription_create") });
  return paying("subscription_cycle");
}
