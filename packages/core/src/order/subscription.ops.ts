import type { Signal } from "../attribution/index.ts";
import type { Connection } from "../connection/index.ts";
import { intend } from "../effect/effect.ts";
import type { Context } from "../kernel/context.ts";
import { assert } from "../kernel/errors.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { findConnection, type ProgramSnapshot, rulesOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { jitter, transact, type Write, write } from "../table/transact.ts";
import type { SubscriptionEnd, SubscriptionStart } from "./fact.ts";
import { subscriptionKey } from "./keys.ts";
import { isCancelled } from "./money.ts";
import type { OrderItem } from "./order.entity.ts";
import { joinSignals, keptSignals, sameSignals } from "./order.ts";
import { type AttributedOrder, busy, type Decided, findCheckout, rounds } from "./outcome.ts";
import { attributionOf, correctedByHand, freeze, waitingReceipt } from "./receipt.ts";
import { type Attributed, asSeen, attributeBy, type Read, readAll, see, signalKeys, withCode } from "./signals.ts";
import { type Subscription, SubscriptionEntity } from "./subscription.entity.ts";

const maxWaiting = 50;

const earliest = (a: string, b: string): string => (a < b ? a : b);

export const putSubscription = (ctx: Context, next: Subscription, before: Subscription | undefined): Write =>
  write.put(
    `subscription ${next.namespace} ${next.id}`,
    before
      ? SubscriptionEntity.put({ ...next, version: before.version + 1 })
          .where((a, o) => o.eq(a.version, before.version))
          .params({ table: ctx.table.name })
      : SubscriptionEntity.create({ ...next, version: 1 }).params({ table: ctx.table.name }),
  );

export async function findSubscription(ctx: Context, namespace: string, id: string): Promise<Subscription | undefined> {
  return parse(SubscriptionEntity, await getItem(ctx.table, subscriptionKey(namespace, id)));
}

/**
 * Decides whose a payment of a subscription is. The first payment has the signals of the checkout that began the subscription;
 * the others follow it for as long as the rules say. While the checkout is not known, the payment waits for it.
 */
export async function followSubscription(
  ctx: Context,
  snapshot: ProgramSnapshot,
  {
    before,
    order,
    namespace,
    read,
  }: { before: OrderItem | undefined; order: OrderItem; namespace: string; read?: Read | undefined },
): Promise<AttributedOrder> {
  const { id, part } = order.subscription!;
  if (before && before.payment === order.payment && sameSignals(before, order) && read) return { order, writes: [] };
  const key = subscriptionKey(namespace, id);
  const inBatch = read?.(key);
  const stored = inBatch
    ? parse(SubscriptionEntity, inBatch)
    : before || !read
      ? await findSubscription(ctx, namespace, id)
      : undefined;
  let next: Subscription = stored ?? {
    namespace,
    id,
    connectionId: order.connectionId,
    beganAt: order.occurredAt,
    complete: false,
    version: 0,
  };
  const writes: Write[] = [];
  if (part === "start") {
    const joined = joinSignals(next, order);
    // What is new may name somebody whom the rules believe first: the end hangs on what was told, not on what was told last.
    const again = next.decidedAt !== undefined && !next.corrected && !sameSignals(next, joined);
    next = { ...next, ...joined, beganAt: earliest(next.beganAt, order.occurredAt) };
    if (again) next = { ...next, decidedAt: undefined };
  }
  const place = `${order.occurredAt}#${order.aliases[0]}`;
  const counts = order.payment === "paid" && order.baseMinor > 0 && !isCancelled(order);
  if (counts && (!next.first || place < next.first.place)) {
    // The one that counted as the first until now may have earned as such.
    if (next.first && next.first.orderId !== order.id)
      writes.push(...intend(ctx, "order.decide", next.first.orderId, {}));
    next = { ...next, first: { orderId: order.id, place } };
  }
  if (!next.decidedAt && next.complete) {
    const decided = await decideSubscription(ctx, snapshot, next, [order.id]);
    next = decided.next;
    writes.push(...decided.writes.filter((each) => each.name !== `decide ${order.id}`));
  }
  let result: Omit<AttributedOrder, "writes">;
  if (next.decidedAt) result = await decideByIt(ctx, snapshot, before, order, next);
  else {
    const waiting = next.waiting ?? [];
    if (waiting.length === 0 && !next.complete) writes.push(...findCheckout(ctx, order.id));
    if (!waiting.includes(order.id)) next = { ...next, waiting: [...waiting, order.id].slice(-maxWaiting) };
    const receipt = before ? order.receipt : waitingReceipt(ctx, snapshot, [], {});
    // What was decided stands until it is decided anew.
    const stands = before !== undefined && !before.awaits;
    result = { order: stands ? order : { ...order, awaits: "checkout", receipt } };
  }
  if (!stored || JSON.stringify(stored) !== JSON.stringify(next)) writes.push(putSubscription(ctx, next, stored));
  return { ...result, writes };
}

/** Whose a subscription is, as its later payments see it. */
export const subscriptionSignal = ({ id, beganAt, attribution }: Subscription): Signal[] =>
  attribution
    ? [
        {
          kind: "subscription",
          ref: id,
          seenAt: beganAt,
          found: "ours",
          code: attribution.code,
          ambassadorId: attribution.ambassadorId,
        },
      ]
    : [];

/** Whose a payment is, now that the subscription itself is decided. */
async function decideByIt(
  ctx: Context,
  snapshot: ProgramSnapshot,
  before: OrderItem | undefined,
  order: OrderItem,
  subscription: Subscription,
): Promise<Omit<AttributedOrder, "writes">> {
  const { part } = order.subscription!;
  const { beganAt, first, attribution } = subscription;
  const inputs = {
    ...subscription.inputs,
    subscription: { part, beganAt, first: first?.orderId === order.id },
  };
  let attributed: Attributed;
  if (part === "start") {
    const candidates = subscription.candidates ?? [];
    const won = candidates.find((each) => each.outcome === "won");
    const winner = won && ((await withCode(ctx, asSeen(won))) as Attributed["winner"]);
    attributed = { candidates, winner, waitingFor: undefined, rules: rulesOf(snapshot.program), inputs };
  } else {
    attributed = await attributeBy(ctx, snapshot, subscriptionSignal(subscription), {
      occurredAt: order.occurredAt,
      inputs,
    });
  }
  const decidedBefore = before !== undefined && !before.awaits ? before : undefined;
  const { corrected } = subscription;
  // A correction is for the payments that are told after it: those before stay whose they are.
  const fromBefore =
    corrected && (attributed.winner || !attribution) && (before?.receipt.decidedAt ?? "") <= corrected.at;
  if (decidedBefore && (fromBefore || decidedBefore.attribution?.ambassadorId === attributed.winner?.ambassadorId))
    return { order: { ...order, awaits: undefined } };
  const receipt = freeze(ctx, snapshot, attributed, {
    // What waited was no decision yet.
    before: decidedBefore?.receipt,
    cause: "More became known of the subscription",
  });
  if (corrected) receipt.cause = `${correctedByHand}, with the subscription's first payment: ${corrected.reason}`;
  return {
    order: { ...order, awaits: undefined, attribution: attributionOf(attributed), receipt },
    winner: attributed.winner,
  };
}

/**
 * What makes the payments to come of a subscription follow a person's word on its first one; nothing for other orders. Those
 * that are decided already stay whose they are: each is corrected by itself.
 */
export async function correctSubscription(
  ctx: Context,
  snapshot: ProgramSnapshot,
  { id: orderId, connectionId, subscription }: OrderItem,
  { attribution, reason }: { attribution: OrderItem["attribution"]; reason: string },
): Promise<Write[]> {
  const connection = findConnection(snapshot, connectionId);
  if (subscription?.part !== "start" || !connection) return [];
  const stored = await findSubscription(ctx, connection.namespace, subscription.id);
  if (!stored) return [];
  const at = ctx.now().toISOString();
  const next: Subscription = {
    ...stored,
    attribution,
    corrected: { at, reason },
    complete: true,
    decidedAt: at,
    waiting: undefined,
  };
  const others = (stored.waiting ?? []).filter((each) => each !== orderId);
  return [putSubscription(ctx, next, stored), ...others.flatMap((each) => intend(ctx, "order.decide", each, {}))];
}

/** Decides whose a subscription is by all that is known of its start; then the payments that wait for it are decided. */
async function decideSubscription(
  ctx: Context,
  snapshot: ProgramSnapshot,
  subscription: Subscription,
  own: readonly string[] = [],
): Promise<{ next: Subscription; writes: Write[]; waitingFor: string | undefined }> {
  const { connectionId, beganAt, first, waiting = [] } = subscription;
  const read = await readAll(ctx, signalKeys(connectionId, subscription));
  const orders = [...own, ...waiting, ...(first ? [first.orderId] : [])];
  const seen = await see(ctx, connectionId, subscription, read, { own: orders, at: beganAt });
  // An earlier decision's knowledge of the buyer stands.
  const inputs = { ...seen.inputs, ...subscription.inputs };
  const attributed = await attributeBy(ctx, snapshot, seen.signals, { occurredAt: beganAt, inputs });
  const { waitingFor } = attributed;
  if (waitingFor)
    return {
      next: subscription,
      waitingFor,
      writes: intend(ctx, "promotion_code.fetch", waitingFor, { connectionId, subscriptionId: subscription.id }),
    };
  const { candidates } = attributed;
  const attribution = attributionOf(attributed);
  const moves = attribution?.ambassadorId !== subscription.attribution?.ambassadorId;
  // Decided again, its first payment does not wait any more, and goes where the subscription goes.
  const payments = new Set([...waiting, ...(moves && first ? [first.orderId] : [])]);
  return {
    next: {
      ...subscription,
      attribution,
      candidates,
      inputs,
      decidedAt: ctx.now().toISOString(),
      waiting: undefined,
    },
    waitingFor,
    writes: [...payments].flatMap((orderId) =>
      intend(ctx, "order.decide", orderId, {}).map((each) => ({ ...each, name: `decide ${orderId}` })),
    ),
  };
}

/** Takes in who began a subscription. */
export async function startSubscription(
  ctx: Context,
  snapshot: ProgramSnapshot,
  connection: Connection,
  fact: SubscriptionStart,
): Promise<Decided> {
  const { namespace } = connection;
  const id = fact.subscriptionId;
  const stored = await findSubscription(ctx, namespace, id);
  const customerKey = fact.signals.email ? emailKey(ctx.keys, fact.signals.email) : undefined;
  const kept = keptSignals(fact.signals, customerKey);
  const before: Subscription = stored ?? {
    namespace,
    id,
    connectionId: connection.id,
    beganAt: fact.occurredAt,
    complete: false,
    version: 0,
  };
  const joined = joinSignals(before, kept);
  const grown = !sameSignals(before, joined);
  // A hint that comes after that may be of any discount, also of one that was given to a subscription long since begun.
  if (before.decidedAt && (!fact.complete || before.corrected || !grown))
    return told("The subscription is known already, and whose it is has been decided.");
  const next: Subscription = {
    ...before,
    ...joined,
    beganAt: earliest(before.beganAt, fact.occurredAt),
    complete: before.complete || fact.complete,
    decidedAt: undefined,
  };
  const decided = next.complete
    ? await decideSubscription(ctx, snapshot, next)
    : { next, writes: [], waitingFor: undefined };
  const writes = [putSubscription(ctx, decided.next, stored), ...decided.writes];
  if (decided.waitingFor)
    return told("The subscription is stored; its promotion code is not known here and is being looked up.", writes);
  if (!next.complete) return told("It is remembered of the subscription, which has not begun here yet.", writes);
  return told(
    decided.next.attribution
      ? "The subscription is stored and attributed; its payments will earn."
      : "The subscription is stored and attributed to nobody.",
    writes,
  );
}

const told = (sentence: string, writes: Write[] = []): Decided => ({
  outcome: { status: "processed", sentence },
  writes,
});

export async function endSubscription(
  ctx: Context,
  connection: Connection,
  { subscriptionId, at }: SubscriptionEnd,
): Promise<Decided> {
  const stored = await findSubscription(ctx, connection.namespace, subscriptionId);
  if (!stored) return told("A subscription has ended of which nothing is known here.");
  if (stored.endedAt) return told("The subscription had ended already.");
  return told("The subscription has ended; what is still paid for it counts.", [
    putSubscription(ctx, { ...stored, endedAt: at }, stored),
  ]);
}

/**
 * Decides a subscription by what is known: after a code was looked up, or once its checkout was looked for and not found.
 * Nothing happens where it is decided already.
 */
export async function decideSubscriptionAgain(ctx: Context, connection: Connection, id: string): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const snapshot = await ctx.program();
    const stored = await findSubscription(ctx, connection.namespace, id);
    assert(stored, `a subscription that is decided again exists: ${id}`);
    if (stored.decidedAt) return;
    const { next, writes } = await decideSubscription(ctx, snapshot, { ...stored, complete: true });
    if ((await transact(ctx.table, [putSubscription(ctx, next, stored), ...writes])).ok) return;
    await jitter(round);
  }
  throw busy();
}
