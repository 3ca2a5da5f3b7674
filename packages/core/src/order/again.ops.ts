import type { Signal } from "../attribution/index.ts";
import { intend } from "../effect/effect.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { findConnection, type ProgramSnapshot } from "../program/index.ts";
import { jitter, mostWrites, type Write } from "../table/transact.ts";
import type { OrderItem } from "./order.entity.ts";
import { byHand } from "./order.ts";
import { type AttributedOrder, busy, rounds } from "./outcome.ts";
import { attributionOf, freeze } from "./receipt.ts";
import { type Attributed, asSeen, attributeBy, readAll, see, signalKeys } from "./signals.ts";
import { type Change, findOrders, type Loaded, loadAll, save } from "./state.ts";
import { followSubscription } from "./subscription.ops.ts";

export interface Changed extends AttributedOrder {
  /** What belongs into the transaction beside it: an audit, the end of a claim. */
  beside?: Write[];
  /** Whether it is decided in its place among its customer's orders, by whoever sees to all of them. */
  inPlace?: boolean;
  /** What a repetition of the request is told; ids and states only. */
  result?: unknown;
}

/**
 * Changes an order by what `change` makes of it, and brings its commission and the ledger in line: the one way to decide an
 * order anew by hand, by other rules, or because something became known. Read and decided again where something else moved.
 * @param change pure but for reads; undefined where there is nothing to change
 * @returns the order as it is then
 * @throws AppError not_found; unavailable where it changes too fast
 */
export async function changeOrder(
  ctx: Context,
  orderId: string,
  change: (loaded: Loaded, snapshot: ProgramSnapshot) => Promise<Changed | undefined>,
): Promise<OrderItem> {
  for (let round = 0; round < rounds; round++) {
    const snapshot = await ctx.program();
    const [loaded] = await loadAll(ctx, [orderId]);
    if (!loaded) throw notFound();
    const changed = await change(loaded, snapshot);
    if (!changed) return loaded.order;
    const { order, winner, inPlace } = changed;
    const saved = await save(ctx, snapshot, [{ before: loaded, order, winner, inPlace }]);
    const writes = [...saved.writes, ...changed.writes, ...(changed.beside ?? [])];
    if ((await commit(ctx, writes, changed.result ?? null)).ok) return saved.orders[0]!;
    await jitter(round);
  }
  throw busy();
}

/**
 * Changes several orders in one transaction and one try: all of them, or none.
 * @param change as of one order; undefined for those that stay as they are
 * @returns false where one of them does not exist or stands for another, too much would be written at once, or something else
 *   moved: then each is changed by itself
 */
export async function changeTogether(
  ctx: Context,
  orderIds: readonly string[],
  change: (loaded: readonly Loaded[], snapshot: ProgramSnapshot) => Promise<(Changed | undefined)[]>,
): Promise<boolean> {
  const snapshot = await ctx.program();
  const loaded = (await loadAll(ctx, orderIds)).filter((each) => each !== undefined);
  if (new Set(loaded.map(({ order }) => order.id)).size < orderIds.length) return false;
  const changed = await change(loaded, snapshot);
  const changes = changed.flatMap((each, at): Change[] => {
    const before = loaded[at]!;
    return each ? [{ before, order: each.order, winner: each.winner, inPlace: each.inPlace }] : [];
  });
  if (changes.length === 0) return true;
  const saved = await save(ctx, snapshot, changes);
  const writes = [...saved.writes, ...changed.flatMap((each) => [...(each?.writes ?? []), ...(each?.beside ?? [])])];
  return writes.length <= mostWrites && (await commit(ctx, writes)).ok;
}

/** An order as somebody decides it: whose it is from now on, as a new revision of its receipt. */
export const redecided = (
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  attributed: Omit<Attributed, "waitingFor">,
  cause: string,
): AttributedOrder => ({
  order: {
    ...order,
    awaits: undefined,
    attribution: attributionOf(attributed),
    // What waited was no decision yet.
    receipt: freeze(ctx, snapshot, attributed, { before: order.awaits ? undefined : order.receipt, cause }),
  },
  winner: attributed.winner,
  writes: [],
});

/**
 * Decides an order again by what is known now of what was not: a promotion code that was looked up, a checkout that was told,
 * a subscription. What else was seen stays as it was seen then. Nothing happens to what a person decided.
 */
export async function decideAgain(ctx: Context, orderId: string): Promise<void> {
  await changeOrder(ctx, orderId, async ({ order }, snapshot) => {
    if (byHand(order)) return undefined;
    const connection = findConnection(snapshot, order.connectionId);
    if (order.subscription && connection) {
      const followed = await followSubscription(ctx, snapshot, {
        before: order,
        order,
        namespace: connection.namespace,
      });
      const same = followed.order.awaits === order.awaits && followed.order.receipt === order.receipt;
      return same && followed.writes.length === 0 ? undefined : followed;
    }
    const unknown = order.receipt.candidates.some((each) => each.rule === "not_known_yet");
    if (order.awaits || order.attribution || !unknown) return undefined;
    const read = await readAll(ctx, signalKeys(order.connectionId, { promotionCodeIds: order.promotionCodeIds }));
    const { signals } = await see(ctx, order.connectionId, { promotionCodeIds: order.promotionCodeIds }, read);
    const others = order.receipt.candidates.filter(
      (each) => each.kind !== "promotion_code" || !order.promotionCodeIds?.includes(each.ref ?? ""),
    );
    return decided(
      ctx,
      snapshot,
      order,
      [...signals, ...others.map(asSeen)],
      "The promotion code was looked up at the checkout",
    );
  });
}

async function decided(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  signals: readonly Signal[],
  cause: string,
): Promise<AttributedOrder> {
  const { occurredAt, receipt } = order;
  const attributed = await attributeBy(ctx, snapshot, signals, { occurredAt, inputs: receipt.inputs ?? {} });
  const { waitingFor } = attributed;
  const { connectionId, id: orderId } = order;
  // A code that nobody knows yet, or another one: it is looked up in its turn.
  const writes = waitingFor ? intend(ctx, "promotion_code.fetch", waitingFor, { connectionId, orderId }) : [];
  if (waitingFor && !order.awaits) return { order, writes };
  return { ...redecided(ctx, snapshot, order, attributed, cause), writes };
}

/** Decides an order whose checkout was looked for and can't be found, by what it knows itself. */
export async function decideWithoutCheckout(ctx: Context, orderId: string): Promise<void> {
  await changeOrder(ctx, orderId, async ({ order }, snapshot) => {
    if (!order.awaits || order.subscription) return undefined;
    const read = await readAll(ctx, signalKeys(order.connectionId, order));
    const seen = await see(ctx, order.connectionId, order, read, { own: [order.id], at: order.occurredAt });
    const inputs = { ...seen.inputs, ...order.receipt.inputs };
    const known: OrderItem = { ...order, receipt: { ...order.receipt, inputs } };
    return decided(ctx, snapshot, known, seen.signals, "Its checkout was looked for and not found");
  });
}

/** Holds what an order earned, for a reason of one's own naming. Held for several reasons, it is held until the last one is cleared. */
export const hold = (ctx: Context, orderId: string, reason: string, beside: Write[] = []): Promise<OrderItem> =>
  changeOrder(ctx, orderId, async ({ order }) => {
    const before = order.holds?.[reason];
    if (before && !before.clearedAt) return undefined;
    const holds = { ...order.holds, [reason]: { since: ctx.now().toISOString() } };
    return { order: { ...order, holds }, writes: [], beside };
  });

/** Clears a reason for which an order's commission is held; where it was the last one, the commission goes on. */
export const clear = (ctx: Context, orderId: string, reason: string, beside: Write[] = []): Promise<OrderItem> =>
  changeOrder(ctx, orderId, async ({ order }) => {
    const before = order.holds?.[reason];
    if (!before || before.clearedAt) return undefined;
    const holds = { ...order.holds, [reason]: { ...before, clearedAt: ctx.now().toISOString() } };
    return { order: { ...order, holds }, writes: [], beside };
  });

/** An order by its id, or the one that stands for it. */
export const findOrder = async (ctx: Context, orderId: string): Promise<OrderItem | undefined> =>
  (await findOrders(ctx, [orderId]))[0];

export { findOrders };
