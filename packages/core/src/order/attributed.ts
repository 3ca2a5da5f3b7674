import type { Signal } from "../attribution/index.ts";
import type { Context } from "../kernel/context.ts";
import { queryPage } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { AttributedEntity } from "./attributed.entity.ts";

/**
 * So long after an ambassador came in each order that becomes theirs leaves a mark: the time in which the approval can be
 * undone, and five minutes for transactions under way and for clocks that differ.
 */
export const markedForMs = 15 * 60_000;

/**
 * What every transaction that makes an order somebody's writes beside it, whatever the order's payment: without it the
 * approval of that ambassador could be undone over their first sale. Nothing in the ordinary case, so that a sale costs no
 * more. Whose approval was undone is marked too, because they may come in again.
 */
export function markAttributed(
  ctx: Context,
  winner: Pick<Signal, "ambassadorStatus" | "joinedAt"> & { ambassadorId: string },
): Write[] {
  const since = ctx.now().getTime() - markedForMs;
  const settledIn = winner.joinedAt === undefined || Date.parse(winner.joinedAt) < since;
  if (settledIn && winner.ambassadorStatus === "active") return [];
  const item = { ambassadorId: winner.ambassadorId, at: ctx.now().toISOString() };
  return [write.put(orderAttributed, AttributedEntity.put(item).params({ table: ctx.table.name }))];
}

/** The name of the write that fails where an order is marked. */
export const orderAttributed = "attributed";

/** Refuses a transaction once an order was attributed to an ambassador, for as long as such orders are marked. */
export const hasNoOrder = (ctx: Context, ambassadorId: string): Write =>
  write.check(orderAttributed, {
    TableName: ctx.table.name,
    Key: { pk: `AMB#${ambassadorId}`, sk: "ATTRIBUTED" },
    ConditionExpression: "attribute_not_exists(pk)",
  });

/** Whether an ambassador has a commission: of an order from after the time of the marks, or from before there were any. */
export async function hasCommission(ctx: Context, ambassadorId: string): Promise<boolean> {
  const { items } = await queryPage(ctx.table, { pk: `AMB#${ambassadorId}`, skPrefix: "COM#" }, { limit: 1 });
  return items.length > 0;
}
