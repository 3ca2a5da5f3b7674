import type { Dispute, DisputeState, Fact } from "../../order/fact.ts";
import { type Json, unclear } from "../checkout/json.ts";
import { amount, currencyOf, idOf, listOf, paymentAliases, signedAmount, toldAt } from "./fields.ts";

/** What a status means, and how far it is along the way. A dispute that was lost goes on where it is appealed. */
const statuses: Record<string, [state: DisputeState, step: number] | undefined> = {
  warning_needs_response: ["inquiry", 0],
  warning_under_review: ["inquiry", 1],
  needs_response: ["open", 2],
  under_review: ["open", 3],
  lost: ["lost", 4],
  appeal_needs_response: ["open", 5],
  appeal_under_review: ["open", 6],
  prevented: ["prevented", 7],
  // What older accounts call a dispute that was answered by a refund.
  charge_refunded: ["prevented", 7],
  warning_closed: ["won", 8],
  won: ["won", 8],
};

/** https://docs.stripe.com/api/disputes/object */
export function dispute(object: Json, event: Json, now: Date): Fact {
  const [state, step] = (typeof object.status === "string" && Object.hasOwn(statuses, object.status)
    ? statuses[object.status]
    : undefined) ?? ["unknown" as const, 9];
  const amountMinor = amount(object, "amount");
  const moved = Array.isArray(object.balance_transactions) ? listOf(object.balance_transactions) : undefined;
  const withdrawnMinor = withdrawnOf(amountMinor, state, moved, event.type);
  return {
    kind: "dispute",
    aliases: paymentAliases(object.payment_intent, object.charge),
    disputeId: idOf(object.id) ?? unclear("the dispute has no id"),
    state,
    // Of two tellings from one second, the one that knows of more movements is the later.
    step: step * 10 + Math.min(moved?.length ?? 0, 9),
    amountMinor,
    ...(withdrawnMinor === undefined ? {} : { withdrawnMinor }),
    currency: currencyOf(object),
    ...inBalance(object, state, moved, event.type),
    at: toldAt(event, now),
  };
}

/** What was taken from the balance, in its own currency: where an order is in that one, it needs no conversion. */
function inBalance(
  dispute: Json,
  state: DisputeState,
  moved: Json[] | undefined,
  type: unknown,
): Pick<Dispute, "inBalance"> | undefined {
  const [first] = moved ?? [];
  if (!first || moved!.some((each) => each.currency !== first.currency)) return undefined;
  if (typeof first.currency !== "string" || currencyOf(first) === currencyOf(dispute)) return undefined;
  const amountMinor = Number(wholeOf(moved!.map((each) => BigInt(signedAmount(each, "amount")))));
  if (amountMinor <= 0) return undefined;
  const withdrawnMinor = withdrawnOf(amountMinor, state, moved, type);
  const told = withdrawnMinor === undefined ? {} : { withdrawnMinor };
  return { inBalance: { currency: currencyOf(first), amountMinor, ...told } };
}

/** What was withdrawn at once is all that is disputed; an appeal that is lost withdraws it again. */
const wholeOf = (changes: readonly bigint[]): bigint =>
  changes.reduce((most, change) => (-change > most ? -change : most), outOf(changes));

const outOf = (changes: readonly bigint[]): bigint => -changes.reduce((sum, change) => sum + change, 0n);

/**
 * What has been withdrawn and not come back, in the dispute's currency: the movements are in the currency of the balance, which
 * may be another one, so only their proportion counts. Fees are told apart from them and never count.
 */
function withdrawnOf(
  amountMinor: number,
  state: DisputeState,
  moved: Json[] | undefined,
  type: unknown,
): number | undefined {
  if (!moved || moved.length === 0) {
    if (type === "charge.dispute.funds_withdrawn") return amountMinor;
    if (type === "charge.dispute.funds_reinstated") return 0;
    // An open dispute for which nothing was moved yet.
    return moved && state === "open" ? 0 : undefined;
  }
  const changes = moved.map((each) => BigInt(signedAmount(each, "amount")));
  const stillOut = outOf(changes);
  // It was won, and the money is on its way.
  if (state === "won" && !changes.some((change) => change > 0n)) return undefined;
  if (stillOut <= 0n) return 0;
  const whole = wholeOf(changes);
  return Number((BigInt(amountMinor) * stillOut + whole - 1n) / whole);
}

/** The card's issuer suspects fraud (https://docs.stripe.com/api/radar/early_fraud_warnings/object). */
export function fraudWarning(object: Json, event: Json, now: Date): Fact {
  const id = idOf(object.id) ?? unclear("the warning has no id");
  return {
    kind: "warning",
    aliases: paymentAliases(object.payment_intent, object.charge),
    reason: `early_fraud_warning:${id}`,
    at: toldAt(event, now),
  };
}
