import type Stripe from "stripe";
import * as z from "zod";
import type { Desk } from "./desk.ts";
import { expand, metadata, page, positiveAmount, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { getCharge, getPaymentIntent } from "./payment.ts";
import { missing, refuse } from "./refusal.ts";

export const CreateRefund = z.strictObject({
  payment_intent: text(255).optional(),
  charge: text(255).optional(),
  amount: positiveAmount.optional(),
  reason: z.enum(["duplicate", "fraudulent", "requested_by_customer"]).optional(),
  metadata: metadata.optional(),
  expand,
});

/** Gives money back: at once to a card, after a while to a bank account. */
export function createRefund(desk: Desk, params: z.output<typeof CreateRefund>): Stripe.Refund {
  const charge = chargeFor(desk, params);
  if (charge.status !== "succeeded")
    refuse("This payment has not succeeded, so there is nothing to refund.", { code: "charge_not_refundable" });
  const left = charge.amount - charge.amount_refunded;
  if (left === 0) refuse(`Charge ${charge.id} has already been refunded.`, { code: "charge_already_refunded" });
  const amount = params.amount ?? left;
  if (amount > left)
    refuse(
      `Refund amount (${amount} ${charge.currency}) is greater than unrefunded amount on charge (${left} ${charge.currency})`,
      { param: "amount" },
    );
  const slow = charge.payment_method_details?.type === "sepa_debit";
  const refund: Stripe.Refund = {
    id: desk.newId("re_3"),
    object: "refund",
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: desk.nowS,
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: { type: slow ? "sepa_debit" : "card" },
    metadata: params.metadata ?? {},
    payment_intent: charge.payment_intent as string | null,
    payment_method: charge.payment_method,
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: slow ? "pending" : "succeeded",
    transfer_reversal: null,
  };
  desk.store.put(desk.account, refund);
  const refunded = withRefunded(charge, charge.amount_refunded + amount);
  desk.store.put(desk.account, refunded);
  desk.emit("refund.created", refund);
  desk.emit("charge.refunded", refunded, { amount_refunded: charge.amount_refunded, refunded: charge.refunded });
  return refund;
}

const withRefunded = (charge: Stripe.Charge, amount: number): Stripe.Charge => ({
  ...charge,
  amount_refunded: amount,
  refunded: amount === charge.amount,
});

function chargeFor(desk: Desk, params: z.output<typeof CreateRefund>): Stripe.Charge {
  if (params.charge) {
    const charge = getCharge(desk, params.charge);
    if (params.payment_intent && charge.payment_intent !== params.payment_intent)
      refuse("The charge does not belong to the payment_intent.", { param: "charge" });
    return charge;
  }
  if (!params.payment_intent)
    return refuse("One of the following params should be provided for this request: payment_intent or charge.", {
      code: "parameter_missing",
    });
  return getCharge(desk, getPaymentIntent(desk, params.payment_intent).latest_charge as string);
}

export const getRefund = (desk: Desk, id: string): Stripe.Refund =>
  desk.store.get<Stripe.Refund>(desk.account, "refund", id) ?? missing("refund", id);

/** The bank took the money of a pending refund, or sent it back, which a card's bank may also do later. */
export function settleRefund(desk: Desk, id: string, succeeded: boolean): Stripe.Refund {
  const old = getRefund(desk, id);
  if (old.status === "failed" || (succeeded && old.status !== "pending"))
    refuse(`Refund ${id} is ${old.status} already.`, { param: "refund" });
  const refund: Stripe.Refund = succeeded
    ? { ...old, status: "succeeded" }
    : { ...old, status: "failed", failure_reason: "expired_or_canceled_card" };
  desk.store.put(desk.account, refund);
  if (!succeeded) {
    const charge = getCharge(desk, old.charge as string);
    desk.store.put(desk.account, withRefunded(charge, charge.amount_refunded - old.amount));
    desk.emit("refund.failed", refund, { status: old.status });
  }
  desk.emit("refund.updated", refund, { status: old.status });
  desk.emit("charge.refund.updated", refund, { status: old.status });
  return refund;
}

export const ListRefunds = z.strictObject({
  ...page,
  payment_intent: text(255).optional(),
  charge: text(255).optional(),
});
export const listRefunds = (desk: Desk, params: z.output<typeof ListRefunds>) =>
  pageOf<Stripe.Refund>(desk, "refund", "/v1/refunds", params, [
    ["json_extract(data, '$.payment_intent') = ?", params.payment_intent],
    ["json_extract(data, '$.charge') = ?", params.charge],
  ]);
