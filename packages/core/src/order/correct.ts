import type { AmbassadorItem } from "../ambassador/index.ts";
import { type Candidate, type Signal, seen } from "../attribution/index.ts";
import { type Commission, CommissionEntity } from "../commission/index.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { type ProgramSnapshot, rulesOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { redecided } from "./again.ops.ts";
import { commissionKeyOf, orderKey } from "./keys.ts";
import type { OrderItem } from "./order.entity.ts";
import type { AttributedOrder } from "./outcome.ts";
import { correctedByHand } from "./receipt.ts";
import { withCode } from "./signals.ts";
import { type Loaded, loadAll, weigh } from "./state.ts";
import { correctSubscription } from "./subscription.ops.ts";

/** Whose a person says that an order is, and why. */
export interface HandedOver {
  /** Undefined for nobody. */
  to: AmbassadorItem | undefined;
  reason: string;
}

/**
 * An order as a person gives it to somebody, or to nobody: final, whatever the checkout tells later. It earns at the tier that
 * the ambassador's code has now. An order that comes back to somebody who had it earns as it did: their commission is restored.
 * Where it is the first payment of a subscription, those to come follow.
 */
export async function handedOver(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  { to, reason }: HandedOver,
): Promise<AttributedOrder> {
  const told = order.receipt.candidates.filter((each) => each.kind !== "manual");
  const winner =
    to &&
    (await withCode(ctx, {
      kind: "manual" as const,
      ref: null,
      seenAt: null,
      found: "ours" as const,
      ambassadorId: to.id,
      tierId: to.tierId,
      ambassadorStatus: to.status,
      joinedAt: to.joinedAt,
      code: told.find((each) => each.ambassadorId === to.id && each.code)?.code ?? to.primaryCode,
    } satisfies Signal));
  const decision: Candidate = winner
    ? { ...seen(winner), outcome: "won", rule: "by_hand" }
    : { kind: "manual", outcome: "lost", rule: "by_hand" };
  const candidates = [
    decision,
    ...told.map(
      (each): Candidate =>
        each.outcome === "lost"
          ? each
          : { ...each, outcome: "lost", rule: to && each.ambassadorId === to.id ? "same_ambassador" : "by_hand" },
    ),
  ];
  const changed = redecided(
    ctx,
    snapshot,
    order,
    { candidates, winner, rules: rulesOf(snapshot.program), inputs: order.receipt.inputs ?? {} },
    `${correctedByHand}: ${reason}`,
  );
  const { receipt } = changed.order;
  // A waiting order has no decision to be a revision of; that a person made this one is told all the same.
  receipt.cause ??= `${correctedByHand}: ${reason}`;
  receipt.tier = (to && (await tierEarnedAt(ctx, snapshot, to.id, order))) ?? receipt.tier;
  const { attribution } = changed.order;
  const writes = await correctSubscription(ctx, snapshot, order, { attribution, reason });
  return { ...changed, writes: [...changed.writes, ...writes] };
}

/** The tier at which somebody had an order before; undefined where they never had it. */
export async function tierEarnedAt(
  ctx: Context,
  { tiers }: ProgramSnapshot,
  ambassadorId: string,
  order: OrderItem,
): Promise<OrderItem["receipt"]["tier"]> {
  const had = await commissionAt(ctx, ambassadorId, order);
  return had && { id: had.tierId, name: tiers.find(({ id }) => id === had.tierId)?.name ?? "", rateBp: had.rateBp };
}

/** What an ambassador earned by an order, whether it is theirs still or was. */
export const commissionAt = async (
  ctx: Context,
  ambassadorId: string,
  order: OrderItem,
): Promise<Commission | undefined> =>
  parse(CommissionEntity, await getItem(ctx.table, commissionKeyOf(ambassadorId, order)));

/** An order with all that hangs on it, or the one that stands for it. @throws AppError not_found */
export async function loadOrder(ctx: Context, orderId: string): Promise<Loaded> {
  const [loaded] = await loadAll(ctx, [orderId]);
  if (!loaded) throw notFound();
  return loaded;
}

/** That an order is still as it was read. */
export const unchanged = (ctx: Context, orderId: string, version: number): Write =>
  write.check("order", {
    TableName: ctx.table.name,
    Key: orderKey(orderId),
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#version": "version" },
    ExpressionAttributeValues: { ":version": version },
  });

export { type Loaded, weigh };
