import type { Context } from "../kernel/context.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { aliasKey, type Place, placeOf } from "./keys.ts";
import { flagged } from "./money.ts";
import { AliasEntity, type OrderItem } from "./order.entity.ts";
import { byHand, higherPayment, joinSignals, withAliases, withEvent } from "./order.ts";
import type { Change, KnownAlias, Loaded } from "./state.ts";

type Refunds = NonNullable<OrderItem["refunds"]>;
type Disputes = NonNullable<OrderItem["disputes"]>;
type Holds = NonNullable<OrderItem["holds"]>;

/** By key, what both have joined by `both`. */
function union<T>(
  a: Record<string, T> | undefined,
  b: Record<string, T> | undefined,
  both: (a: T, b: T) => T,
): Record<string, T> | undefined {
  if (!b) return a;
  const all: Record<string, T> = { ...a };
  for (const [key, value] of Object.entries(b)) all[key] = all[key] === undefined ? value : both(all[key], value);
  return all;
}

const laterRefund = (a: Refunds[string], b: Refunds[string]): Refunds[string] => ({
  ...a,
  amountMinor: Math.max(a.amountMinor, b.amountMinor),
  state: a.state === "failed" || b.state === "failed" ? "failed" : "live",
  failedAt: [a.failedAt, b.failedAt].filter((each) => each !== undefined).sort()[0],
});
const laterDispute = (a: Disputes[string], b: Disputes[string]): Disputes[string] =>
  b.at > a.at || (b.at === a.at && b.step > a.step) ? b : a;
const earlierHold = (a: Holds[string], b: Holds[string]): Holds[string] => ({
  since: a.since < b.since ? a.since : b.since,
  ...(a.until || b.until ? { until: a.until ?? b.until } : {}),
  ...(a.clearedAt || b.clearedAt ? { clearedAt: a.clearedAt ?? b.clearedAt } : {}),
});

/** Of two orders that are one purchase, everything that is known of either. Amounts stay as the older has them, if it was paid. */
function joinTwo(older: OrderItem, newer: OrderItem): OrderItem {
  const floor = (newer.refundedFloorAt ?? "") > (older.refundedFloorAt ?? "") ? newer : older;
  const exact = (newer.refundedExactAt ?? "") > (older.refundedExactAt ?? "") ? newer : older;
  const amounts = older.payment !== "paid" && newer.payment === "paid" ? newer : older;
  const differ = older.grossMinor !== newer.grossMinor || older.currency !== newer.currency;
  let order: OrderItem = {
    ...withAliases(older, newer.aliases),
    ...joinSignals(older, newer),
    payment: higherPayment(older.payment, newer.payment),
    currency: amounts.currency,
    grossMinor: amounts.grossMinor,
    baseMinor: amounts.baseMinor,
    baseLines: amounts.baseLines,
    outOfBand: amounts.outOfBand,
    amountsAt: amounts.amountsAt,
    refunds: union(older.refunds, newer.refunds, laterRefund),
    refundedFloorMinor: floor.refundedFloorMinor,
    refundedFloorAt: floor.refundedFloorAt,
    refundedExactMinor: exact.refundedExactMinor,
    refundedExactAt: exact.refundedExactAt,
    disputes: union(older.disputes, newer.disputes, laterDispute),
    cancellation:
      (newer.cancellation?.at ?? "") > (older.cancellation?.at ?? "") ? newer.cancellation : older.cancellation,
    holds: union(older.holds, newer.holds, earlierHold),
    number: older.number ?? newer.number,
    subscription: older.subscription ?? newer.subscription,
    // It is enough that one of them knows its checkout.
    awaits: older.awaits && newer.awaits,
    flags: [...new Set([...(older.flags ?? []), ...(newer.flags ?? [])])],
  };
  // What a person decided stands, whichever of the two it was decided about.
  if (byHand(newer) && !byHand(older))
    order = {
      ...order,
      awaits: undefined,
      attribution: newer.attribution,
      receipt: { ...newer.receipt, reversals: older.receipt.reversals },
    };
  if (differ) order = { ...order, flags: flagged(order.flags, "amounts_told_twice") };
  if (order.flags?.length === 0) order = { ...order, flags: undefined };
  for (const event of newer.eventIds) order = withEvent(order, event);
  return order;
}

/** Kinds of ids of which a purchase has one: two of them are two purchases, whatever else they share. */
const onlyOne = /^(in|cs|order)_/;
const kindOf = (id: string): string => id.slice(0, id.indexOf("_"));

/**
 * Whether what is told can't be of one purchase, because two of its orders, or an order and what is told of it, have each an
 * invoice, a checkout or a number of their own: one payment may pay two.
 */
export const areApart = (orders: readonly OrderItem[], told: readonly Place[]): boolean => {
  const ofOrders = orders.flatMap(({ aliases }) => aliases.map((text) => text.slice(text.indexOf("#") + 1)));
  const ids = new Map<string, string>();
  for (const id of [...ofOrders, ...told.map(({ alias }) => alias)])
    if (onlyOne.test(id)) {
      if ((ids.get(kindOf(id)) ?? id) !== id) return true;
      ids.set(kindOf(id), id);
    }
  return false;
};

export interface Joined {
  /** The oldest order, with all that is known of the others. */
  order: OrderItem;
  /** The others, which it stands for from now on. */
  others: Change[];
  /** Their ids, beside those that were read already. */
  aliases: KnownAlias[];
}

/**
 * Makes one order of several that turned out to be one purchase: the oldest survives, and what the others earned is reversed.
 * @returns undefined where there is nothing to join
 */
export async function joinOrders(
  ctx: Context,
  oldest: Loaded | undefined,
  others: readonly Loaded[],
  known: readonly KnownAlias[],
): Promise<Joined | undefined> {
  if (!oldest || others.length === 0) return undefined;
  const { connections } = await ctx.program();
  const read = new Set(known.map(({ namespace, alias }) => `${namespace}#${alias}`));
  const places = others.flatMap(({ order }) => {
    const own = connections.find((each) => each.id === order.connectionId)?.namespace;
    return own === undefined ? [] : order.aliases.map((text) => placeOf(text, own));
  });
  const wanted = [...new Map(places.map((place) => [`${place.namespace}#${place.alias}`, place]))].flatMap(
    ([text, place]) => (read.has(text) ? [] : [place]),
  );
  const items = await getItems(
    ctx.table,
    wanted.map(({ namespace, alias }) => aliasKey(namespace, alias)),
  );
  return {
    order: others.reduce((order, each) => joinTwo(order, each.order), oldest.order),
    others: others.map((before) => ({ before, order: { ...before.order, mergedInto: oldest.order.id } })),
    aliases: wanted.map((place, at) => ({ ...place, item: parse(AliasEntity, items[at]) })),
  };
}
