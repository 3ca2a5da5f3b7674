import type { Context } from "../kernel/context.ts";
import { post } from "../ledger/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItems, type Item, queryPage } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { type Commission, CommissionEntity, dueShards } from "./commission.entity.ts";
import { leftOf } from "./commission.ts";

/** So many commissions of one ambassador and currency are released by one entry. */
const perEntry = 25;
const perQuery = 200;

/**
 * Releases every commission whose hold has ended: pending → available. Safe to run twice at once and to die anywhere:
 * each batch is one transaction on the versions of its commissions, and what a refund changed meanwhile is left for the next round.
 * @param deadline epoch ms of the real clock at which no further batch is begun
 * @returns how many commissions were released
 */
export async function releaseDue(ctx: Context, deadline = Date.now() + 60_000): Promise<number> {
  let released = 0;
  for (let shard = 0; shard < dueShards; shard++) {
    for (;;) {
      const { items } = await queryPage(
        ctx.table,
        { index: "gsi1", pk: `DUE#${shard}`, skUpTo: `${ctx.now().toISOString()}~` },
        { limit: perQuery, newestFirst: false },
      );
      const moved = await releaseThese(ctx, items, deadline);
      released += moved;
      if (moved === 0 || items.length < perQuery || Date.now() > deadline) break;
    }
  }
  return released;
}

async function releaseThese(ctx: Context, found: Item[], deadline: number): Promise<number> {
  const now = ctx.now().toISOString();
  // The index may lag behind; the items themselves decide.
  const commissions = (await getItems(ctx.table, found as unknown as Key[]))
    .map((item) => parse(CommissionEntity, item))
    .filter((each): each is Commission => each?.state === "pending" && each.releaseAt <= now);
  let released = 0;
  for (const group of Map.groupBy(commissions, (each) => `${each.ambassadorId} ${each.currency}`).values())
    for (let at = 0; at < group.length; at += perEntry) {
      if (Date.now() > deadline) return released;
      const batch = group.slice(at, at + perEntry);
      if (await release(ctx, batch)) released += batch.length;
    }
  return released;
}

/** One transaction, one entry. False where one of them has changed since it was read. */
async function release(ctx: Context, batch: Commission[]): Promise<boolean> {
  const { ambassadorId, currency } = batch[0]!;
  const { program } = await ctx.program();
  const amountMinor = batch.reduce((sum, each) => sum + leftOf(each), 0);
  const done = await transact(ctx.table, [
    ...batch.map((each) =>
      write.put(
        each.orderId,
        CommissionEntity.put({ ...each, place: "available", state: "available", version: each.version + 1 })
          .where((a, o) => o.eq(a.version, each.version))
          .params({ table: ctx.table.name }),
      ),
    ),
    ...post(ctx, program.timeZone, {
      ambassadorId,
      currency,
      kind: "release",
      postings: amountMinor > 0 ? [{ from: "ambassador.pending", to: "ambassador.available", amountMinor }] : [],
      orderIds: batch.map((each) => each.orderId),
    }),
  ]);
  return done.ok;
}
