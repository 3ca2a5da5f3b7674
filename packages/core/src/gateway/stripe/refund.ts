import type { Fact, Refund } from "../../order/fact.ts";
import { type Json, unclear } from "../checkout/json.ts";
import { amount, currencyOf, idOf, listOf, paymentAliases, toldAt } from "./fields.ts";

/** https://docs.stripe.com/api/refunds/object */
export function refund(object: Json, event: Json, now: Date): Refund {
  const failedNow = event.type === "refund.failed";
  const failed = failedNow || object.status === "failed" || object.status === "canceled";
  // One that was asked for may have failed long after the event that named it, and figures from between the two count it.
  const created = failed && !failedNow ? (event.readAt ?? event.created) : event.created;
  return {
    kind: "refund",
    aliases: paymentAliases(object.payment_intent, object.charge),
    refundId: idOf(object.id) ?? unclear("the refund has no id"),
    amountMinor: amount(object, "amount"),
    currency: currencyOf(object),
    state: failed ? "failed" : "live",
    at: toldAt({ created }, now),
  };
}

/** The sum of all refunds of a charge, and in accounts of before December 2022 each of them. */
export function chargeRefunded(object: Json, event: Json, now: Date): Fact {
  const aliases = paymentAliases(object.payment_intent, object.id, object.invoice);
  // A charge that was asked for tells its refunds as they are by then: one may have failed long after this event.
  const created = event.readAt ?? event.created;
  const inside = listOf(object.refunds).map((each) => ({
    ...refund({ charge: object.id, ...each }, { created }, now),
    aliases,
  }));
  const floor = {
    kind: "refunded_floor" as const,
    aliases,
    refundedMinor: amount(object, "amount_refunded"),
    currency: currencyOf(object),
    at: toldAt(event, now),
  };
  return inside.length > 0 ? { kind: "several", facts: [floor, ...inside] } : floor;
}
