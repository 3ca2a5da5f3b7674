import type { Fact, Purchase } from "../../order/fact.ts";
import type { Json } from "../checkout/json.ts";
import { amount, currencyOf, idOf, paymentAliases, toldAt } from "./fields.ts";

/**
 * A card that was authorised in a checkout and charged later (https://docs.stripe.com/api/charges/object): the checkout's purchase
 * once more, paid now. What was not charged never comes, as if it had gone back: a refund of an id of its own, because refunds
 * of what was charged come on top of it.
 */
export function capture(charge: Json, purchase: Purchase, event: Json, now: Date): Fact {
  const aliases = [...new Set([...purchase.aliases, ...paymentAliases(charge.payment_intent, charge.id)])];
  const paid: Purchase = { ...purchase, aliases, payment: "paid" };
  const authorised = amount(charge, "amount");
  const left = authorised - amount(charge, "amount_captured", authorised);
  const leftMinor = currencyOf(charge) === purchase.currency ? left : 0;
  if (leftMinor <= 0) return paid;
  return {
    kind: "several",
    facts: [
      paid,
      {
        kind: "refund",
        aliases,
        refundId: `${idOf(charge.id)}:uncaptured`,
        amountMinor: leftMinor,
        currency: purchase.currency,
        state: "live",
        at: toldAt(event, now),
      },
    ],
  };
}
