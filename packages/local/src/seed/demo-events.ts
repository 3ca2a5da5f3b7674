/** A purchase of the demo's year, as Stripe would tell of it (https://docs.stripe.com/api/checkout/sessions/object). */
export interface DemoSale {
  n: number;
  at: Date;
  currency: "eur" | "usd" | "jpy";
  /** Minor units: the goods before the discount. */
  goodsMinor: number;
  percentOff: number;
  promotionCodeId: string | undefined;
  /** Whether the buyer came by the ambassador's link; the click is recorded when its time comes. */
  byLink: boolean;
  clickId: string | undefined;
  email: string;
  payment: "paid" | "unpaid";
  /** A second code that was entered beside the first. */
  otherPromotionCodeId?: string;
  /** A mark of the card, and where the goods go: what fraud signals compare. */
  card?: string;
  address?: { line1: string; postal_code: string; country: string };
}

export const stripeId = (prefix: string, n: number): string => `${prefix}_test_demo${String(n).padStart(5, "0")}`;
const seconds = (at: Date): number => Math.floor(at.getTime() / 1000);

export interface DemoEvent {
  eventId: string;
  type: string;
  body: Uint8Array;
}

function event(n: string, type: string, at: Date, object: Record<string, unknown>): DemoEvent {
  const eventId = `evt_test_demo${n}`;
  const body = {
    id: eventId,
    object: "event",
    api_version: "2026-10-28.endive",
    created: seconds(at),
    livemode: false,
    type,
    data: { object },
  };
  return { eventId, type, body: Buffer.from(JSON.stringify(body)) };
}

/** Goods less discount, tax in them at 19 %, shipping free above a limit: what the shop's checkout would come to. */
export function totalsOf(sale: DemoSale) {
  const discount = Math.floor((sale.goodsMinor * sale.percentOff) / 100);
  const free = sale.currency === "jpy" ? 10_000 : 8_000;
  const shipping = sale.goodsMinor - discount >= free ? 0 : sale.currency === "jpy" ? 700 : 590;
  const net = sale.goodsMinor - discount;
  const tax = Math.floor(((net + shipping) * 19) / 100);
  const shippingTax = Math.floor((shipping * 19) / 100);
  return { subtotal: sale.goodsMinor, discount, tax, shipping, shippingTax, total: net + shipping + tax };
}

/** @param again another event about the same purchase */
export function completed(sale: DemoSale, again = ""): DemoEvent {
  return event(`${sale.n}c${again}`, "checkout.session.completed", sale.at, sessionOf(sale));
}

function sessionOf(sale: DemoSale): Record<string, unknown> {
  const totals = totalsOf(sale);
  return {
    id: stripeId("cs", sale.n),
    object: "checkout.session",
    mode: "payment",
    created: seconds(sale.at),
    payment_intent: sale.card
      ? {
          id: stripeId("pi", sale.n),
          object: "payment_intent",
          latest_charge: { payment_method_details: { card: { fingerprint: sale.card } } },
        }
      : stripeId("pi", sale.n),
    payment_status: sale.payment,
    status: "complete",
    currency: sale.currency,
    amount_subtotal: totals.subtotal,
    amount_total: totals.total,
    total_details: { amount_discount: totals.discount, amount_shipping: totals.shipping, amount_tax: totals.tax },
    shipping_cost: {
      amount_subtotal: totals.shipping,
      amount_tax: totals.shippingTax,
      amount_total: totals.shipping + totals.shippingTax,
      shipping_rate: null,
    },
    discounts: [sale.promotionCodeId, sale.otherPromotionCodeId].flatMap((promotion_code) =>
      promotion_code ? [{ coupon: null, promotion_code }] : [],
    ),
    client_reference_id: sale.clickId ?? null,
    customer: null,
    customer_details: { email: sale.email, name: "Demo Buyer", address: sale.address ?? { country: "DE" } },
    metadata: {},
  };
}

export const refunded = (sale: DemoSale, at: Date, amount: number): DemoEvent =>
  event(`${sale.n}r`, "refund.created", at, {
    id: stripeId("re", sale.n),
    object: "refund",
    amount,
    currency: sale.currency,
    payment_intent: stripeId("pi", sale.n),
    charge: stripeId("ch", sale.n),
    status: "succeeded",
    reason: "requested_by_customer",
  });

/** The end of a payment that took days, such as a bank transfer. */
export const asyncEnded = (sale: DemoSale, at: Date, how: "succeeded" | "failed"): DemoEvent =>
  event(`${sale.n}a`, `checkout.session.async_payment_${how}`, at, {
    ...sessionOf(sale),
    payment_status: how === "succeeded" ? "paid" : "unpaid",
  });

/** The shop gave it away: nothing is paid, and nothing earned. */
export const free = (sale: DemoSale): DemoEvent =>
  event(`${sale.n}c`, "checkout.session.completed", sale.at, {
    ...sessionOf(sale),
    payment_intent: null,
    payment_status: "no_payment_required",
    amount_total: 0,
    total_details: { amount_discount: sale.goodsMinor, amount_shipping: 0, amount_tax: 0 },
    shipping_cost: null,
  });

export const refundFailed = (sale: DemoSale, at: Date, amount: number): DemoEvent =>
  event(`${sale.n}f`, "refund.failed", at, {
    id: stripeId("re", sale.n),
    object: "refund",
    amount,
    currency: sale.currency,
    payment_intent: stripeId("pi", sale.n),
    charge: stripeId("ch", sale.n),
    status: "failed",
    failure_reason: "expired_or_canceled_card",
  });

/** How much went back in all, as older accounts of Stripe tell it. */
export const chargeRefunded = (sale: DemoSale, at: Date, refundedMinor: number): DemoEvent =>
  event(`${sale.n}g`, "charge.refunded", at, {
    id: stripeId("ch", sale.n),
    object: "charge",
    amount: totalsOf(sale).total,
    amount_refunded: refundedMinor,
    currency: sale.currency,
    payment_intent: stripeId("pi", sale.n),
    refunded: refundedMinor >= totalsOf(sale).total,
  });

/** The checkout of a buyer who subscribes: the sale is its first payment. */
export const subscribed = (sale: DemoSale): DemoEvent =>
  event(`${sale.n}s`, "checkout.session.completed", sale.at, {
    ...sessionOf(sale),
    mode: "subscription",
    payment_intent: null,
    invoice: stripeId("in", sale.n),
    subscription: stripeId("sub", sale.n),
  });

/**
 * A paid invoice: a payment of the subscription that began with a sale, with that sale itself or with a later one; of no
 * subscription without.
 */
export function invoiced(sale: DemoSale, beganWith?: DemoSale): DemoEvent {
  const totals = totalsOf(sale);
  const subscription = beganWith && stripeId("sub", beganWith.n);
  const reason = sale.n === beganWith?.n ? "subscription_create" : "subscription_cycle";
  return event(`${sale.n}i`, "invoice.paid", sale.at, {
    id: stripeId("in", sale.n),
    object: "invoice",
    billing_reason: subscription ? reason : "manual",
    created: seconds(sale.at),
    currency: sale.currency,
    customer_email: (beganWith ?? sale).email,
    status: "paid",
    subtotal: totals.subtotal,
    total: totals.total,
    total_excluding_tax: totals.total - totals.tax,
    total_taxes: [{ amount: totals.tax }],
    total_discount_amounts: totals.discount > 0 ? [{ amount: totals.discount }] : [],
    shipping_cost: {
      amount_subtotal: totals.shipping,
      amount_tax: totals.shippingTax,
      amount_total: totals.shipping + totals.shippingTax,
    },
    amount_due: totals.total,
    amount_paid: totals.total,
    starting_balance: 0,
    discounts: subscription || !sale.promotionCodeId ? [] : [{ promotion_code: sale.promotionCodeId }],
    parent: subscription && { type: "subscription_details", subscription_details: { subscription, metadata: {} } },
    lines: { data: [], has_more: false },
    metadata: {},
    test_clock: null,
  });
}

/** That the invoice of one telling and the payment of another are one purchase. */
export const invoicePaid = (invoice: DemoSale, payment: DemoSale, at: Date): DemoEvent =>
  event(`${invoice.n}l`, "invoice_payment.paid", at, {
    id: stripeId("inpay", invoice.n),
    object: "invoice_payment",
    invoice: stripeId("in", invoice.n),
    payment: { type: "payment_intent", payment_intent: stripeId("pi", payment.n) },
    status: "paid",
  });

export const unsubscribed = (beganWith: DemoSale, at: Date): DemoEvent =>
  event(`${beganWith.n}e`, "customer.subscription.deleted", at, {
    id: stripeId("sub", beganWith.n),
    object: "subscription",
    ended_at: seconds(at),
    status: "canceled",
  });

/** The card's issuer suspects that somebody else has used it. */
export const warned = (sale: DemoSale, at: Date): DemoEvent =>
  event(`${sale.n}w`, "radar.early_fraud_warning.created", at, {
    id: stripeId("issfr", sale.n),
    object: "radar.early_fraud_warning",
    actionable: true,
    charge: stripeId("ch", sale.n),
    payment_intent: stripeId("pi", sale.n),
    fraud_type: "made_with_stolen_card",
  });

/** How a dispute of all that was paid stands. What is withdrawn while it is open comes back once it is won. */
export const disputed = (sale: DemoSale, at: Date, status: string, currency: string = sale.currency): DemoEvent => {
  const { total } = totalsOf(sale);
  const inquiry = status.startsWith("warning_");
  const moved = inquiry ? [] : status === "won" ? [-total, total] : [-total];
  return event(`${sale.n}d${status}`, "charge.dispute.updated", at, {
    id: stripeId("du", sale.n),
    object: "dispute",
    amount: total,
    balance_transactions: moved.map((amount) => ({ amount, currency, fee: 2000 })),
    charge: stripeId("ch", sale.n),
    currency,
    payment_intent: stripeId("pi", sale.n),
    reason: "fraudulent",
    status,
  });
};

/** News that changes nothing here, for an inbox that looks like one. */
export const unimportant = (sale: DemoSale): DemoEvent =>
  event(`${sale.n}u`, "payment_intent.succeeded", sale.at, {
    id: stripeId("pi", sale.n),
    object: "payment_intent",
    amount: totalsOf(sale).total,
    currency: sale.currency,
  });

/** What a signed event looks like that nobody can understand. */
export const garbled = (n: number, at: Date): DemoEvent =>
  event(`${n}x`, "checkout.session.completed", at, {
    id: stripeId("cs", 90_000 + n),
    object: "checkout.session",
    mode: "payment",
    payment_status: "paid",
    amount_total: "12.50",
    currency: "eur",
  });

/** Names what it is about and does not carry it, as newer destinations of events are told (https://docs.stripe.com/event-destinations). */
export const thinWarning = (n: number, at: Date): DemoEvent => {
  const eventId = `evt_test_demo${n}t`;
  const type = "v1.radar.early_fraud_warning.created";
  const id = stripeId("issfr", 95_000 + n);
  const body = {
    id: eventId,
    object: "v2.core.event",
    created: at.toISOString(),
    livemode: false,
    type,
    related_object: { id, type: "radar.early_fraud_warning", url: `/v1/radar/early_fraud_warnings/${id}` },
  };
  return { eventId, type, body: Buffer.from(JSON.stringify(body)) };
};
