import { event, providerId, type StripeEvent } from "./checkout.ts";

type Json = Record<string, unknown>;

/** How accounts of different API versions render the same thing (https://docs.stripe.com/upgrades). */
export const renderings = ["endive", "basil", "acacia"] as const;
export type Rendering = (typeof renderings)[number];

/** A payment of a subscription, or of an invoice alone. */
export interface Billed {
  invoice: string;
  paymentIntent: string;
  charge: string;
  /** Undefined for an invoice of no subscription. */
  subscription: string | undefined;
  reason: "subscription_create" | "subscription_cycle" | "subscription_update" | "manual";
  currency: string;
  /** What is paid in all, minor units; a fifth of it is tax. */
  totalMinor: number;
  at: Date;
}

export const billed = (at: Date, more: Partial<Billed> = {}): Billed => ({
  invoice: providerId("in"),
  paymentIntent: providerId("pi"),
  charge: providerId("ch"),
  subscription: providerId("sub"),
  reason: "subscription_create",
  currency: "eur",
  totalMinor: 12_000,
  at,
  ...more,
});

const secondsOf = (at: Date): number => Math.floor(at.getTime() / 1000);

/** The Checkout Session that began a subscription. */
export function beginning(of: Billed, rendering: Rendering, more: Json = {}): Json {
  return {
    id: `cs_${of.subscription}`,
    object: "checkout.session",
    mode: "subscription",
    created: secondsOf(of.at),
    status: "complete",
    payment_status: of.totalMinor === 0 ? "no_payment_required" : "paid",
    payment_intent: null,
    // Accounts of 2022 had no such field.
    ...(rendering === "acacia" ? {} : { invoice: of.invoice }),
    subscription: of.subscription,
    currency: of.currency,
    amount_subtotal: of.totalMinor,
    amount_total: of.totalMinor,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: Math.floor(of.totalMinor / 5) },
    client_reference_id: null,
    customer: "cus_1",
    customer_details: null,
    metadata: {},
    discounts: [],
    ...more,
  };
}

export function invoice(of: Billed, rendering: Rendering, more: Json = {}): Json {
  const tax = Math.floor(of.totalMinor / 5);
  const common: Json = {
    id: of.invoice,
    object: "invoice",
    created: secondsOf(of.at),
    billing_reason: of.reason,
    currency: of.currency,
    customer: "cus_1",
    customer_email: null,
    status: "paid",
    subtotal: of.totalMinor - tax,
    total: of.totalMinor,
    amount_due: of.totalMinor,
    amount_paid: of.totalMinor,
    starting_balance: 0,
    metadata: {},
    test_clock: null,
    total_discount_amounts: [],
  };
  const parent = of.subscription && { subscription: of.subscription, metadata: {} };
  if (rendering === "acacia")
    return {
      ...common,
      tax,
      total_tax_amounts: [{ amount: tax }],
      subscription: of.subscription ?? null,
      subscription_details: parent ? { metadata: {} } : null,
      payment_intent: of.totalMinor > 0 ? of.paymentIntent : null,
      charge: of.totalMinor > 0 ? of.charge : null,
      paid: true,
      paid_out_of_band: false,
      discount: null,
      lines: { data: [] },
      ...more,
    };
  return {
    ...common,
    total_taxes: [{ amount: tax }],
    total_excluding_tax: rendering === "endive" ? of.totalMinor - tax : null,
    parent: parent ? { type: "subscription_details", subscription_details: parent } : null,
    discounts: [],
    lines: { data: [], has_more: false },
    ...more,
  };
}

/** That a payment paid an invoice: events of the accounts that no longer say so on the invoice. */
export const invoicePayment = (of: Billed): Json => ({
  id: `inpay_${of.invoice}`,
  object: "invoice_payment",
  invoice: of.invoice,
  amount_paid: of.totalMinor,
  amount_requested: of.totalMinor,
  currency: of.currency,
  is_default: true,
  status: "paid",
  payment: { type: "payment_intent", payment_intent: of.paymentIntent },
});

/** What an account of a version tells of a payment that came in. */
export function paid(of: Billed, rendering: Rendering, more: Json = {}): StripeEvent[] {
  const told = [event("invoice.paid", invoice(of, rendering, more), of.at)];
  if (rendering !== "acacia" && of.totalMinor > 0) told.push(event("invoice_payment.paid", invoicePayment(of), of.at));
  if (of.totalMinor > 0) told.push(event("invoice.payment_succeeded", invoice(of, rendering, more), of.at));
  return told;
}

export function dispute(
  of: Pick<Billed, "paymentIntent" | "charge" | "currency">,
  rendering: Rendering,
  amountMinor: number,
  status: string,
  moved: number[],
  more: Json = {},
): Json {
  return {
    id: `${rendering === "acacia" ? "dp" : "du"}_${of.charge}`,
    object: "dispute",
    amount: amountMinor,
    currency: of.currency,
    charge: of.charge,
    payment_intent: of.paymentIntent,
    reason: "fraudulent",
    status,
    balance_transactions: moved.map((amount) => ({ amount, currency: of.currency, fee: 1500 })),
    ...more,
  };
}
