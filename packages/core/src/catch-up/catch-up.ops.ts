import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { activeConnections } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { takePage } from "./page.ts";
import { type Poll, PollEntity } from "./poll.entity.ts";

const minuteMs = 60_000;
/** WooCommerce sends a webhook once and never again: what was lost is found within this. */
const pollEveryMs = 15 * minuteMs;
/** Clocks differ, and a change may be told a little later than one that came after it. */
const overlapMs = 10 * minuteMs;
/** A connection that was never looked through is from its beginning, or from so long ago. */
const firstReachMs = 24 * 60 * minuteMs;
const workMs = 30_000;

export interface CaughtUp {
  /** Orders that changed at the shop. */
  seen: number;
  /** Those of which something was not known here. */
  fresh: number;
  /** Where to go on, where the time was over before the end. */
  next?: string;
}

/**
 * Asks a shop for the orders that changed since a time, and takes in what is not known here as if its webhook had come. What
 * is known is left alone, and what was told meanwhile is taken in once.
 * @param deadline epoch ms of the real clock after which no further page is begun
 * @param after where an earlier time went no further
 * @throws AppError unavailable or rejected by the shop; what was taken in until then stays
 */
export async function catchUp(
  ctx: Context,
  connection: Connection,
  since: Date,
  { deadline = Date.now() + workMs, after }: { deadline?: number; after?: string | undefined } = {},
): Promise<CaughtUp> {
  let [seen, fresh, next] = [0, 0, after];
  do {
    const page = await takePage(ctx, connection, { since, after: next });
    seen += page.seen;
    fresh += page.fresh;
    next = page.next;
  } while (next !== undefined && Date.now() < deadline);
  return { seen, fresh, ...(next === undefined ? {} : { next }) };
}

/**
 * Looks through the stores that send nothing twice, each every 15 minutes. Who comes second leaves it alone.
 * @returns how many orders were found of which something was not known here
 */
export async function pollStores(ctx: Context, deadline = Date.now() + workMs): Promise<number> {
  let fresh = 0;
  for (const connection of activeConnections(await ctx.program())) {
    if (connection.provider !== "woocommerce" || Date.now() > deadline) continue;
    fresh += await poll(ctx, connection, deadline);
  }
  return fresh;
}

async function poll(ctx: Context, connection: Connection, deadline: number): Promise<number> {
  const now = ctx.now();
  const before = parse(PollEntity, await getItem(ctx.table, { pk: `POLL#${connection.id}`, sk: "POLL" }));
  if (before && before.nextAt > now.toISOString()) return 0;
  const first = Math.max(Date.parse(connection.connectedAt ?? "") || 0, now.getTime() - firstReachMs);
  const claimed: Poll = {
    connectionId: connection.id,
    seenUntil: before?.seenUntil ?? new Date(first).toISOString(),
    nextAt: new Date(now.getTime() + pollEveryMs).toISOString(),
    begun: before?.begun,
    lastError: before?.lastError,
    version: (before?.version ?? 0) + 1,
  };
  if (!(await keep(ctx, claimed, before))) return 0;
  // What was not looked through goes on with the next minute, at the same page: from its beginning it might never come further.
  const look = claimed.begun ?? {
    since: new Date(Date.parse(claimed.seenUntil) - overlapMs).toISOString(),
    at: now.toISOString(),
  };
  try {
    const { fresh, next } = await catchUp(ctx, connection, new Date(look.since), { deadline, after: look.after });
    const done: Poll = { ...claimed, lastError: undefined, version: claimed.version + 1 };
    await keep(
      ctx,
      next === undefined
        ? // What changed while it was looked through is for the next time.
          { ...done, begun: undefined, seenUntil: look.at }
        : { ...done, begun: { ...look, after: next }, nextAt: now.toISOString() },
      claimed,
    );
    if (fresh > 0) ctx.log.warn("catch_up.found", { connectionId: connection.id, fresh });
    return fresh;
  } catch (error) {
    ctx.log.warn("catch_up.failed", { connectionId: connection.id, ...errorOf(error) });
    if (!(error instanceof AppError)) throw error;
    await keep(ctx, { ...claimed, lastError: error.message.slice(0, 300), version: claimed.version + 1 }, claimed);
    return 0;
  }
}

/** False where somebody else was quicker. */
async function keep(ctx: Context, next: Poll, before: Poll | undefined): Promise<boolean> {
  const at = { table: ctx.table.name };
  const params = before
    ? PollEntity.put(next)
        .where((a, o) => o.eq(a.version, before.version))
        .params(at)
    : PollEntity.create(next).params(at);
  return (await transact(ctx.table, [write.put("poll", params)])).ok;
}
