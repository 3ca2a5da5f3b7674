import type Stripe from "stripe";
import type { Desk } from "./desk.ts";
import { getCharge, getPaymentIntent } from "./payment.ts";
import { missing, refuse } from "./refusal.ts";

const fee = 2000;

/** The buyer's bank asks for the money back, or asks first what it was for (https://docs.stripe.com/disputes/how-disputes-work). */
export function openDispute(
  desk: Desk,
  {
    paymentIntent,
    amount,
    inquiry = false,
  }: { paymentIntent: string; amount?: number | undefined; inquiry?: boolean | undefined },
): Stripe.Dispute {
  const charge = getCharge(desk, getPaymentIntent(desk, paymentIntent).latest_charge as string);
  if (charge.status !== "succeeded") refuse("This payment has not succeeded, so nobody can dispute it.");
  const dispute = {
    id: desk.newId("du_1"),
    object: "dispute",
    amount: amount ?? charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: desk.nowS,
    currency: charge.currency,
    evidence: {},
    is_charge_refundable: inquiry,
    livemode: false,
    metadata: {},
    payment_intent: paymentIntent,
    reason: "fraudulent",
    status: inquiry ? "warning_needs_response" : "needs_response",
  } as unknown as Stripe.Dispute;
  const made = inquiry ? dispute : withMove(desk, dispute, -dispute.amount);
  desk.store.put(desk.account, made);
  desk.store.put(desk.account, { ...charge, disputed: true });
  desk.emit("charge.dispute.created", made);
  if (!inquiry) desk.emit("charge.dispute.funds_withdrawn", made);
  return made;
}

export const getDispute = (desk: Desk, id: string): Stripe.Dispute =>
  desk.store.get<Stripe.Dispute>(desk.account, "dispute", id) ?? missing("dispute", id);

const outOf = (dispute: Stripe.Dispute): number =>
  -dispute.balance_transactions.reduce((sum, each) => sum + each.amount, 0);

const withMove = (desk: Desk, dispute: Stripe.Dispute, amount: number): Stripe.Dispute => ({
  ...dispute,
  balance_transactions: [
    ...dispute.balance_transactions,
    {
      id: desk.newId("txn_1"),
      object: "balance_transaction",
      amount,
      currency: dispute.currency,
      fee: amount < 0 ? fee : -fee,
      net: amount - (amount < 0 ? fee : -fee),
      type: "adjustment",
    } as unknown as Stripe.BalanceTransaction,
  ],
});

/** The dispute goes on to a status, and money with it: it is withdrawn while it is open or lost, and given back once it is won. */
export function moveDispute(desk: Desk, id: string, status: string): Stripe.Dispute {
  const before = getDispute(desk, id);
  let dispute = { ...before, status } as Stripe.Dispute;
  const out = outOf(before);
  const open = ["needs_response", "under_review", "lost"].includes(status) || status.startsWith("appeal_");
  if (open && out === 0) dispute = withMove(desk, dispute, -dispute.amount);
  if (status === "won" && out > 0) dispute = withMove(desk, dispute, out);
  desk.store.put(desk.account, dispute);
  const closed = ["won", "lost", "warning_closed", "prevented"].includes(status);
  desk.emit(closed ? "charge.dispute.closed" : "charge.dispute.updated", dispute, { status: before.status });
  const now = outOf(dispute);
  if (now > out) desk.emit("charge.dispute.funds_withdrawn", dispute);
  if (now < out) desk.emit("charge.dispute.funds_reinstated", dispute);
  return dispute;
}
