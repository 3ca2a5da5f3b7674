import type Stripe from "stripe";
import * as z from "zod";
import type { Desk } from "./desk.ts";
import { page, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { startPayment } from "./payment.ts";
import { missing } from "./refusal.ts";

/** What an invoice is made of; amounts in minor units. */
export interface Bill {
  subscription: string | null;
  reason: Stripe.Invoice.BillingReason;
  currency: string;
  /** Before discounts and tax. */
  subtotal: number;
  discount: { amount: number; id: string } | undefined;
  tax: number;
  total: number;
  email: string | null;
  metadata: Record<string, string>;
  /** How many lines it has; the first ten are in the object. */
  lines?: number | undefined;
}

const linesShown = 10;

/** Makes an invoice and has it paid, by a card where there is something to pay (https://docs.stripe.com/api/invoices/object). */
export function billAndPay(desk: Desk, bill: Bill): Stripe.Invoice {
  const id = desk.newId("in_1");
  const subscription = bill.subscription;
  const lines = Array.from({ length: bill.lines ?? 1 }, (_, at) => ({
    id: desk.newId("il_1"),
    object: "line_item",
    amount: at === 0 ? bill.subtotal : 0,
    currency: bill.currency,
    discounts: at === 0 && bill.discount ? [bill.discount.id] : [],
    invoice: id,
    metadata: {},
    parent: { type: "subscription_item_details", subscription_item_details: { subscription, proration: false } },
  }));
  const invoice = {
    id,
    object: "invoice",
    account_country: "DE",
    amount_due: bill.total,
    amount_overpaid: 0,
    amount_paid: bill.total,
    amount_remaining: 0,
    amount_shipping: 0,
    billing_reason: bill.reason,
    created: desk.nowS,
    currency: bill.currency,
    customer: null,
    customer_email: bill.email,
    discounts: bill.discount ? [bill.discount.id] : [],
    lines: {
      object: "list",
      data: lines.slice(0, linesShown),
      has_more: lines.length > linesShown,
      url: `/v1/invoices/${id}/lines`,
    },
    livemode: false,
    metadata: bill.metadata,
    parent: subscription
      ? {
          type: "subscription_details",
          subscription_details: { subscription, metadata: bill.metadata },
          quote_details: null,
        }
      : null,
    shipping_cost: null,
    starting_balance: 0,
    status: "paid",
    subtotal: bill.subtotal,
    test_clock: null,
    total: bill.total,
    total_discount_amounts: bill.discount ? [{ amount: bill.discount.amount, discount: bill.discount.id }] : [],
    total_excluding_tax: bill.total - bill.tax,
    total_taxes: bill.tax > 0 ? [{ amount: bill.tax, tax_behavior: "exclusive" }] : [],
  } as unknown as Stripe.Invoice;
  desk.store.put(desk.account, invoice, { lines });
  if (bill.total > 0) {
    const { currency, email } = bill;
    const payment = { amount: bill.total, currency, email, name: null, country: null, metadata: {}, description: null };
    const intent = startPayment(desk, payment, false);
    const paid = {
      id: desk.newId("inpay_1"),
      object: "invoice_payment",
      amount_paid: bill.total,
      amount_requested: bill.total,
      created: desk.nowS,
      currency,
      invoice: id,
      is_default: true,
      livemode: false,
      payment: { type: "payment_intent", payment_intent: intent.id },
      status: "paid",
      status_transitions: { canceled_at: null, paid_at: desk.nowS },
    };
    desk.store.put(desk.account, paid);
    desk.emit("invoice_payment.paid", paid);
    desk.emit("invoice.payment_succeeded", invoice);
  }
  desk.emit("invoice.paid", invoice);
  return invoice;
}

export const getInvoice = (desk: Desk, id: string): Stripe.Invoice =>
  desk.store.get<Stripe.Invoice>(desk.account, "invoice", id) ?? missing("invoice", id);

export const ListInvoiceLines = z.strictObject({ ...page });
/** The lines of an invoice, from the first on. */
export function linesOfInvoice(desk: Desk, id: string, params: z.output<typeof ListInvoiceLines>) {
  getInvoice(desk, id);
  const { lines } = desk.store.hidden<{ lines: { id: string; object: string }[] }>(desk.account, "invoice", id)!;
  const from = params.starting_after ? lines.findIndex((line) => line.id === params.starting_after) + 1 : 0;
  const data = lines.slice(from, from + (params.limit ?? 10));
  return {
    object: "list" as const,
    url: `/v1/invoices/${id}/lines`,
    has_more: from + data.length < lines.length,
    data: structuredClone(data),
  };
}

export const getInvoicePayment = (desk: Desk, id: string) =>
  desk.store.get(desk.account, "invoice_payment", id) ?? missing("invoice_payment", id);

export const ListInvoicePayments = z.strictObject({
  ...page,
  invoice: text(255).optional(),
  payment: z
    .strictObject({
      type: z.enum(["payment_intent", "payment_record"]),
      payment_intent: text(255).optional(),
      payment_record: text(255).optional(),
    })
    .optional(),
  status: z.enum(["open", "paid", "canceled"]).optional(),
});
export const listInvoicePayments = (desk: Desk, params: z.output<typeof ListInvoicePayments>) =>
  pageOf(desk, "invoice_payment", "/v1/invoice_payments", params, [
    ["json_extract(data, '$.invoice') = ?", params.invoice],
    ["json_extract(data, '$.payment.payment_intent') = ?", params.payment?.payment_intent],
    ["json_extract(data, '$.status') = ?", params.status],
  ]);
