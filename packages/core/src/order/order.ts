import type { OrderStatus } from "@laurel/contract";
import { assert } from "../kernel/errors.ts";
import { maxAmountMinor } from "../kernel/money.ts";
import { type Payment, type Purchase, payments, type RefundFact } from "./fact.ts";
import type { OrderItem } from "./order.entity.ts";

type Refunds = NonNullable<OrderItem["refunds"]>;
/** The part of an order that events change: what was paid and what went back. */
export type Money = Pick<OrderItem, "payment" | "currency" | "grossMinor" | "refunds" | "refundedFloorMinor" | "flags">;

/** So many refunds of one order are told apart; further ones are refused as unprocessable. */
export const maxRefunds = 60;
const maxAliases = 12;
const maxEventIds = 40;

const higher = (a: Payment, b: Payment): Payment => (payments.indexOf(a) >= payments.indexOf(b) ? a : b);

/**
 * Refunded so far: every refund that did not fail, or the highest cumulative figure heard, where it tells of more.
 * A failed refund explains a figure that was higher, so it lowers the floor by its amount. The result depends on what was
 * heard, never on the order of hearing. Never more than was paid.
 */
export function refundedOf({
  refunds,
  refundedFloorMinor,
  grossMinor,
}: Pick<Money, "refunds" | "refundedFloorMinor" | "grossMinor">): number {
  let live = 0;
  let failed = 0;
  for (const { amountMinor, state } of Object.values(refunds ?? {})) {
    if (state === "live") live += amountMinor;
    else failed += amountMinor;
  }
  const gap = Math.max(0, (refundedFloorMinor ?? 0) - live - failed);
  return Math.min(live + gap, grossMinor);
}

export function statusOf(payment: Payment, grossMinor: number, refundedMinor: number): OrderStatus {
  if (payment === "unpaid") return "pending";
  if (payment === "failed") return "void";
  if (refundedMinor === 0) return "paid";
  return refundedMinor < grossMinor ? "partly_refunded" : "refunded";
}

const flagged = (flags: readonly string[] | undefined, flag: string): string[] => [
  ...new Set([...(flags ?? []), flag]),
];

/** Takes a refund or a cumulative figure into an order's money. Taking the same in again changes nothing. */
export function withRefund<M extends Money>(money: M, fact: RefundFact): M {
  assert(fact.kind === "refund" || fact.kind === "refunded_floor", "a refund fact");
  if (fact.currency !== money.currency)
    return { ...money, flags: flagged(money.flags, `refund_currency_${fact.currency}`) };
  if (fact.kind === "refunded_floor") {
    const flags = fact.refundedMinor > money.grossMinor ? flagged(money.flags, "refund_above_gross") : money.flags;
    return { ...money, flags, refundedFloorMinor: Math.max(money.refundedFloorMinor ?? 0, fact.refundedMinor) };
  }
  const before = money.refunds?.[fact.refundId];
  if (!before && Object.keys(money.refunds ?? {}).length >= maxRefunds)
    return { ...money, flags: flagged(money.flags, "too_many_refunds") };
  const refunds: Refunds = {
    ...money.refunds,
    // A failure is final: the word of an earlier state that comes late does not bring the refund back.
    [fact.refundId]: { amountMinor: fact.amountMinor, state: before?.state === "failed" ? "failed" : fact.state },
  };
  const live = Object.values(refunds).reduce(
    (sum, refund) => sum + (refund.state === "live" ? refund.amountMinor : 0),
    0,
  );
  return {
    ...money,
    refunds,
    flags: live > money.grossMinor ? flagged(money.flags, "refund_above_gross") : money.flags,
  };
}

/** Takes another telling of the same purchase in: the further payment wins, blanks are filled, amounts stay as first told. */
export function withPurchase(order: OrderItem, purchase: Purchase): OrderItem {
  return {
    ...order,
    payment: higher(order.payment, purchase.payment),
    clickId: order.clickId ?? purchase.signals.clickId ?? undefined,
    promotionCodeIds: order.promotionCodeIds?.length ? order.promotionCodeIds : purchase.signals.promotionCodeIds,
    flags:
      order.currency === purchase.currency && order.grossMinor === purchase.grossMinor
        ? order.flags
        : flagged(order.flags, "amounts_told_twice"),
  };
}

export const withAliases = (order: OrderItem, aliases: readonly string[]): OrderItem => ({
  ...order,
  aliases: [...new Set([...order.aliases, ...aliases])].slice(0, maxAliases),
});

export const withEvent = (order: OrderItem, eventId: string): OrderItem =>
  order.eventIds.includes(eventId) ? order : { ...order, eventIds: [...order.eventIds, eventId].slice(-maxEventIds) };

/** Whether an amount is one that money can be: whole, not negative, not absurd. */
export const isAmount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maxAmountMinor;
