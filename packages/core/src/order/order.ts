import type { OrderStatus } from "@laurel/contract";
import { assert } from "../kernel/errors.ts";
import { type Payment, type Purchase, payments, type RefundedFloor, type RefundFact } from "./fact.ts";
import type { OrderItem } from "./order.entity.ts";

type Refunds = NonNullable<OrderItem["refunds"]>;
/** The part of an order that events change: what was paid and what went back. */
export type Money = Pick<
  OrderItem,
  "payment" | "currency" | "grossMinor" | "refunds" | "refundedFloorMinor" | "refundedFloorAt" | "flags"
>;
type Refunded = Pick<Money, "refunds" | "refundedFloorMinor" | "refundedFloorAt" | "grossMinor">;

/** So many refunds of one order are told apart; further ones are flagged, and counted by the cumulative figure alone. */
export const maxRefunds = 60;
const maxAliases = 12;
const maxEventIds = 40;

const higher = (a: Payment, b: Payment): Payment => (payments.indexOf(a) >= payments.indexOf(b) ? a : b);

/**
 * Refunded so far: every refund that did not fail, or the latest cumulative figure heard, where it tells of more.
 * A refund that failed later explains a figure that was higher, so it lowers the figure by its amount. The result depends on
 * what was heard, never on the order of hearing. Never more than was paid.
 */
export function refundedOf({ refunds, refundedFloorMinor, refundedFloorAt, grossMinor }: Refunded): number {
  let live = 0;
  let failedSince = 0;
  for (const { amountMinor, state, failedAt } of Object.values(refunds ?? {})) {
    if (state === "live") live += amountMinor;
    else if ((failedAt ?? "~") >= (refundedFloorAt ?? "")) failedSince += amountMinor;
  }
  const gap = Math.max(0, (refundedFloorMinor ?? 0) - live - failedSince);
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
  if (fact.kind === "refunded_floor") return withFloor(money, fact);
  const before = money.refunds?.[fact.refundId];
  if (!before && Object.keys(money.refunds ?? {}).length >= maxRefunds)
    return { ...money, flags: flagged(money.flags, "too_many_refunds") };
  const failures = [before?.failedAt, fact.state === "failed" ? fact.at : undefined].filter(
    (each) => each !== undefined,
  );
  const refunds: Refunds = {
    ...money.refunds,
    [fact.refundId]: {
      amountMinor: Math.max(before?.amountMinor ?? 0, fact.amountMinor),
      // A failure is final: the word of an earlier state that comes late does not bring the refund back.
      state: before?.state === "failed" ? "failed" : fact.state,
      failedAt: failures.sort()[0],
    },
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

/** The latest figure counts; of two from the same second, the higher one. */
function withFloor<M extends Money>(money: M, { refundedMinor, at }: RefundedFloor): M {
  const flags = refundedMinor > money.grossMinor ? flagged(money.flags, "refund_above_gross") : money.flags;
  const { refundedFloorAt: beforeAt = "", refundedFloorMinor: beforeMinor = 0 } = money;
  if (at < beforeAt || (at === beforeAt && refundedMinor <= beforeMinor)) return { ...money, flags };
  return { ...money, flags, refundedFloorMinor: refundedMinor, refundedFloorAt: at };
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

/** Keeps the first event, which told of the buyer, and the latest others. */
export function withEvent(order: OrderItem, event: string): OrderItem {
  if (order.eventIds.includes(event)) return order;
  const [first, ...others] = [...order.eventIds, event];
  return { ...order, eventIds: [first!, ...others.slice(1 - maxEventIds)] };
}
