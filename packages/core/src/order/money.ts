import type { OrderStatus } from "@laurel/contract";
import { assert } from "../kernel/errors.ts";
import { scaleUp } from "../kernel/money.ts";
import type { Cancellation, Dispute, MoneyFact, Refund, RefundedExact, RefundedFloor, Warning } from "./fact.ts";
import type { OrderDispute, OrderItem } from "./order.entity.ts";

/**
 * What is known of an order's money, and what follows from it. Pure: the end depends on what was heard, never on the order of
 * hearing or on how often.
 */
export type Money = Pick<
  OrderItem,
  | "payment"
  | "currency"
  | "grossMinor"
  | "refunds"
  | "refundedFloorMinor"
  | "refundedFloorAt"
  | "refundedExactMinor"
  | "refundedExactAt"
  | "disputes"
  | "cancellation"
  | "holds"
  | "flags"
>;
type Refunds = NonNullable<OrderItem["refunds"]>;
type Refunded = Pick<
  Money,
  "refunds" | "refundedFloorMinor" | "refundedFloorAt" | "refundedExactMinor" | "refundedExactAt" | "grossMinor"
>;

/** So many refunds of one order are told apart; further ones are flagged, and counted by the cumulative figure alone. */
export const maxRefunds = 60;
const maxDisputes = 20;
const maxHolds = 20;

/** Whether a shop told of a refund, by its own count. A means of payment has ids of its own (`re_…`). */
const isShops = (refundId: string): boolean => refundId.startsWith("refund_");

/** Every refund that did not fail, by who told of it: a shop and the account by which it takes its money tell of the same money. */
function liveOf(refunds: Refunds): { byShop: number; byPayment: number } {
  const live = { byShop: 0, byPayment: 0 };
  for (const [refundId, { amountMinor, state }] of Object.entries(refunds))
    if (state === "live") live[isShops(refundId) ? "byShop" : "byPayment"] += amountMinor;
  return live;
}

/**
 * Refunded so far: every refund that did not fail, or the latest cumulative figure heard, where it tells of more.
 * A refund that failed later explains a figure that was higher, so it lowers the figure by its amount. What a shop tells, one by
 * one or added up anew, counts where it comes to more than what its means of payment tells. Never more than was paid.
 */
export function refundedOf(order: Refunded): number {
  const { refunds = {}, refundedFloorMinor, refundedFloorAt, refundedExactMinor, grossMinor } = order;
  const { byShop, byPayment } = liveOf(refunds);
  let failedSince = 0;
  for (const [refundId, { amountMinor, state, failedAt }] of Object.entries(refunds))
    if (state === "failed" && !isShops(refundId) && (failedAt ?? "~") >= (refundedFloorAt ?? ""))
      failedSince += amountMinor;
  const gap = Math.max(0, (refundedFloorMinor ?? 0) - byPayment - failedSince);
  return Math.min(Math.max(byPayment + gap, byShop, refundedExactMinor ?? 0), grossMinor);
}

/** What a dispute has withdrawn, as far as it can be told in the order's currency. */
function withdrawnBy({ state, amountMinor, withdrawnMinor, currency }: OrderDispute): number {
  if (currency !== undefined) return 0;
  switch (state) {
    case "open":
    case "lost":
    case "won":
      // What comes back may be less than what was withdrawn, also in a dispute that was won.
      return Math.min(withdrawnMinor ?? (state === "won" ? 0 : amountMinor), amountMinor);
    default:
      return 0;
  }
}

/**
 * Withdrawn by disputes on top of what was refunded: both together are never more than was paid. A dispute that was prevented
 * is made good by a refund, which counts once, whichever of the two is heard of.
 */
export function disputedOf(order: Refunded & Pick<Money, "disputes">): number {
  const refundedMinor = refundedOf(order);
  let withdrawn = 0;
  let prevented = 0;
  for (const dispute of Object.values(order.disputes ?? {})) {
    withdrawn += withdrawnBy(dispute);
    if (dispute.state === "prevented" && dispute.currency === undefined) prevented += dispute.amountMinor;
  }
  return Math.min(Math.max(refundedMinor, prevented) + withdrawn, order.grossMinor) - refundedMinor;
}

/** How much of the base went back with all that: by lines where refunds tell them, else in proportion to the gross, rounded up. */
export function baseGoneOf(order: Refunded & Pick<Money, "disputes"> & Pick<OrderItem, "baseMinor">): number {
  const { grossMinor, baseMinor } = order;
  const goneMinor = refundedOf(order) + disputedOf(order);
  if (goneMinor === 0) return 0;
  if (goneMinor >= grossMinor) return baseMinor;
  let byLines = 0;
  let grossByLines = 0;
  for (const refund of Object.values(order.refunds ?? {}))
    if (refund.state === "live" && refund.baseMinor !== undefined) {
      byLines += refund.baseMinor;
      grossByLines += refund.amountMinor;
    }
  const others = Math.max(0, goneMinor - grossByLines);
  return Math.min(baseMinor, byLines + scaleUp(baseMinor, others, grossMinor));
}

/** Whether it was called off, so that nothing is earned by it. */
export const isCancelled = (order: Pick<OrderItem, "cancellation">): boolean => order.cancellation?.cancelled === true;

/** The reasons for which the commission of whoever has the order is held: by name, with the time from which on. */
export function holdsOf(
  order: Pick<OrderItem, "disputes" | "holds" | "attribution">,
): { reason: string; since: string }[] {
  const disputes = Object.entries(order.disputes ?? {}).flatMap(([id, dispute]) => {
    const { state, withdrawnMinor, currency, at } = dispute;
    const asked = state === "inquiry" || state === "unknown" || (state === "open" && withdrawnMinor === 0);
    const untold = currency !== undefined && (state === "open" || state === "lost" || state === "prevented");
    return asked || untold ? [{ reason: `dispute:${id}`, since: at }] : [];
  });
  const whose = order.attribution?.ambassadorId;
  const named = Object.entries(order.holds ?? {}).flatMap(([reason, { since, ambassadorId = whose, clearedAt }]) =>
    clearedAt || ambassadorId !== whose ? [] : [{ reason, since }],
  );
  return [...disputes, ...named].sort((a, b) => (a.reason < b.reason ? -1 : 1));
}

export function statusOf(
  order: Pick<OrderItem, "payment" | "grossMinor" | "cancellation" | "mergedInto">,
  refundedMinor: number,
): OrderStatus {
  if (order.mergedInto) return "merged";
  if (isCancelled(order) || order.payment === "failed") return "void";
  if (order.payment === "unpaid") return "pending";
  if (refundedMinor === 0) return "paid";
  return refundedMinor < order.grossMinor ? "partly_refunded" : "refunded";
}

export const flagged = (flags: readonly string[] | undefined, flag: string): string[] => [
  ...new Set([...(flags ?? []), flag]),
];

/** Takes what was told of an order's money into it. Taking the same in again changes nothing. */
export function withMoney<M extends Money>(money: M, fact: MoneyFact): M {
  switch (fact.kind) {
    case "cancellation":
      return withCancellation(money, fact);
    case "warning":
      return withWarning(money, fact);
    case "dispute":
      return withDispute(money, fact);
    default:
      if (fact.currency !== money.currency)
        return { ...money, flags: flagged(money.flags, `refund_currency_${fact.currency}`) };
      if (fact.kind === "refund") return withRefund(money, fact);
      return fact.kind === "refunded_floor" ? withFloor(money, fact) : withExact(money, fact);
  }
}

function withRefund<M extends Money>(money: M, fact: Refund): M {
  const before = money.refunds?.[fact.refundId];
  if (!before && Object.keys(money.refunds ?? {}).length >= maxRefunds)
    return { ...money, flags: flagged(money.flags, "too_many_refunds") };
  const failures = [before?.failedAt, fact.state === "failed" ? fact.at : undefined].filter(
    (each) => each !== undefined,
  );
  const baseMinor = highest(before?.baseMinor, fact.baseMinor);
  const refunds: Refunds = {
    ...money.refunds,
    [fact.refundId]: {
      amountMinor: Math.max(before?.amountMinor ?? 0, fact.amountMinor),
      ...(baseMinor === undefined ? {} : { baseMinor }),
      // A failure is final: the word of an earlier state that comes late does not bring the refund back.
      state: before?.state === "failed" ? "failed" : fact.state,
      failedAt: failures.sort()[0],
    },
  };
  const { byShop, byPayment } = liveOf(refunds);
  return {
    ...money,
    refunds,
    flags: Math.max(byShop, byPayment) > money.grossMinor ? flagged(money.flags, "refund_above_gross") : money.flags,
  };
}

const highest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

/** Whether a figure is the one that counts: the latest, of two from the same second the higher one. */
const isLater = (at: string, minor: number, beforeAt = "", beforeMinor = 0): boolean =>
  at > beforeAt || (at === beforeAt && minor > beforeMinor);

function withFloor<M extends Money>(money: M, { refundedMinor, at }: RefundedFloor): M {
  const flags = refundedMinor > money.grossMinor ? flagged(money.flags, "refund_above_gross") : money.flags;
  if (!isLater(at, refundedMinor, money.refundedFloorAt, money.refundedFloorMinor)) return { ...money, flags };
  return { ...money, flags, refundedFloorMinor: refundedMinor, refundedFloorAt: at };
}

function withExact<M extends Money>(money: M, { refundedMinor, at }: RefundedExact): M {
  const flags = refundedMinor > money.grossMinor ? flagged(money.flags, "refund_above_gross") : money.flags;
  if (!isLater(at, refundedMinor, money.refundedExactAt, money.refundedExactMinor)) return { ...money, flags };
  return { ...money, flags, refundedExactMinor: refundedMinor, refundedExactAt: at };
}

function withCancellation<M extends Money>(money: M, { cancelled, at }: Cancellation): M {
  const before = money.cancellation;
  if (before && (before.at > at || (before.at === at && (before.cancelled || !cancelled)))) return money;
  return { ...money, cancellation: { cancelled, at } };
}

function withWarning<M extends Money>(money: M, { reason, at }: Warning): M {
  const before = money.holds?.[reason];
  if (before || Object.keys(money.holds ?? {}).length >= maxHolds) return money;
  return { ...money, holds: { ...money.holds, [reason]: { since: at } } };
}

function withDispute<M extends Money>(money: M, fact: Dispute): M {
  assert(fact.amountMinor >= 0 && (fact.withdrawnMinor ?? 0) >= 0, "what is disputed is not negative");
  // A dispute is in the currency of the card; what it takes from the balance may be in that of the order.
  const { inBalance } = fact;
  const told =
    fact.currency !== money.currency && inBalance?.currency === money.currency ? { ...fact, ...inBalance } : fact;
  const before = money.disputes?.[fact.disputeId];
  if (!before && Object.keys(money.disputes ?? {}).length >= maxDisputes)
    return { ...money, flags: flagged(money.flags, "too_many_disputes") };
  const { state, step, amountMinor, withdrawnMinor, at } = told;
  const foreign = told.currency !== money.currency;
  const flags = foreign ? flagged(money.flags, `dispute_currency_${told.currency}`) : money.flags;
  if (before && !isLater(at, rank(told), before.at, rank(before))) return { ...money, flags };
  const dispute: OrderDispute = {
    state,
    step,
    amountMinor,
    ...(withdrawnMinor === undefined ? {} : { withdrawnMinor }),
    ...(foreign ? { currency: told.currency } : {}),
    at,
  };
  return { ...money, flags, disputes: { ...money.disputes, [fact.disputeId]: dispute } };
}

/** Of two tellings from one second, the further step counts, then the one that tells what was withdrawn, then the higher figure. */
const rank = ({ step, withdrawnMinor }: Pick<Dispute, "step" | "withdrawnMinor">): number =>
  step * 1e14 + (withdrawnMinor === undefined ? 0 : withdrawnMinor + 1);
