import type { Signal } from "../attribution/index.ts";
import type { Context } from "../kernel/context.ts";
import { getItem, queryPage } from "../table/read.ts";
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
  return [write.put("attributed", AttributedEntity.put(item).params({ table: ctx.table.name }))];
}

const markOf = (ambassadorId: string) => ({ pk: `AMB#${ambassadorId}`, sk: "ATTRIBUTED" });

/** Whether an order is attributed to an ambassador: there is a mark, or a commission of the time after it was written. */
export async function hasOrder(ctx: Context, ambassadorId: string): Promise<boolean> {
  const [mark, { items: commissions }] = await Promise.all([
    getItem(ctx.table, markOf(ambassadorId)),
    queryPage(ctx.table, { pk: `AMB#${ambassadorId}`, skPrefix: "COM#" }, { limit: 1 }),
  ]);
  return mark !== undefined || commissions.length > 0;
}

/** Refuses a transaction once an order was attributed to an ambassador, for as long as such orders are marked. */
export const hasNoOrder = (ctx: Context, ambassadorId: string): Write =>
  write.check("attributed", {
    TableName: ctx.table.name,
    Key: markOf(ambassadorId),
    ConditionExpression: "attribute_not_exists(pk)",
  });
