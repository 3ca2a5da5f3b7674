import type { Purchase, Signals } from "./fact.ts";
import { type Payment, payments } from "./fact.ts";
import { flagged } from "./money.ts";
import type { OrderItem } from "./order.entity.ts";

const maxAliases = 16;
const maxEventIds = 40;
const maxSignals = 10;

export const higherPayment = (a: Payment, b: Payment): Payment => (payments.indexOf(a) >= payments.indexOf(b) ? a : b);

const joined = (a: readonly string[] | undefined, b: readonly string[] | undefined): string[] | undefined => {
  const all = [...new Set([...(a ?? []), ...(b ?? [])])].slice(0, maxSignals);
  return all.length > 0 ? all : undefined;
};

/** What may name an ambassador, as an order or a subscription keeps it. */
export type KeptSignals = Pick<OrderItem, "promotionCodeIds" | "codes" | "clickId" | "earlierClickIds" | "customerKey">;

export const keptSignals = (signals: Signals, customerKey: string | undefined): KeptSignals => ({
  promotionCodeIds: joined(signals.promotionCodeIds, undefined),
  codes: joined(
    signals.codes?.map((code) => code.toUpperCase()),
    undefined,
  ),
  clickId: signals.clickId ?? undefined,
  earlierClickIds: joined(signals.earlierClickIds, undefined),
  customerKey,
});

/** Two tellings of what was seen. What both name stands as the first has it; nothing gets lost. */
export function joinSignals(a: KeptSignals, b: KeptSignals): KeptSignals {
  const clickId = a.clickId ?? b.clickId;
  const clicks = joined(a.earlierClickIds, b.earlierClickIds) ?? [];
  const other = b.clickId !== undefined && b.clickId !== clickId ? [b.clickId] : [];
  return {
    promotionCodeIds: joined(a.promotionCodeIds, b.promotionCodeIds),
    codes: joined(a.codes, b.codes),
    clickId,
    earlierClickIds: joined(clicks, other),
    customerKey: a.customerKey ?? b.customerKey,
  };
}

/** Whether the second has nothing that the first lacks. */
export const sameSignals = (a: KeptSignals, b: KeptSignals): boolean =>
  JSON.stringify(normal(a)) === JSON.stringify(normal(b));
const normal = ({ promotionCodeIds, codes, clickId, earlierClickIds, customerKey }: KeptSignals) => [
  [...(promotionCodeIds ?? [])].sort(),
  [...(codes ?? [])].sort(),
  [...new Set([...(earlierClickIds ?? []), ...(clickId ? [clickId] : [])])].sort(),
  customerKey ?? null,
];

/** A purchase with the amounts that the program counts, and what of them was paid outside of the checkout. */
export type CountedPurchase = Omit<Purchase, "outOfBand"> & Pick<OrderItem, "outOfBand">;

/** The amounts of a telling, where they are to replace those that stand: told later, of a purchase that nobody has paid. */
function amountsOf(order: OrderItem, purchase: CountedPurchase): Partial<OrderItem> {
  const { at } = purchase;
  const replaces = order.payment !== "paid" && at !== undefined && at > (order.amountsAt ?? "");
  if (!replaces) return {};
  const { grossMinor, baseMinor, baseLines, currency, outOfBand } = purchase;
  return {
    outOfBand,
    grossMinor,
    baseMinor,
    baseLines: baseLines.map(({ label, amountMinor }) => [label, amountMinor]),
    currency,
    amountsAt: at,
  };
}

/**
 * Takes another telling of the same purchase in: the further payment wins, blanks are filled, amounts stay as first told,
 * unless they could still change.
 */
export function withPurchase(order: OrderItem, purchase: CountedPurchase, customerKey?: string): OrderItem {
  const amounts = amountsOf(order, purchase);
  const differ =
    amounts.grossMinor === undefined &&
    (order.currency !== purchase.currency || order.grossMinor !== purchase.grossMinor);
  return {
    ...order,
    ...amounts,
    ...joinSignals(order, keptSignals(purchase.signals, customerKey)),
    payment: higherPayment(order.payment, purchase.payment),
    number: order.number ?? purchase.number,
    subscription: order.subscription ?? purchase.subscription,
    // A telling that knows the checkout ends the waiting for it.
    awaits: purchase.attributedElsewhere ? order.awaits : undefined,
    flags: differ ? flagged(order.flags, "amounts_told_twice") : order.flags,
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

/** Whether a person decided whose the order is: nothing that becomes known changes that. */
export const byHand = (order: OrderItem): boolean =>
  order.receipt.candidates.some((candidate) => candidate.rule === "by_hand");

/**
 * A shop's order number as it is looked for: letters and digits alone, upper case, so that `#1001` and `1001` are one.
 * @returns undefined where nothing is left of it
 */
export function numberKeyOf(number: string | undefined): string | undefined {
  const key = (number ?? "")
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]/gu, "")
    .toUpperCase();
  return key === "" ? undefined : key;
}
