import type { Connection } from "../connection/index.ts";
import * as Events from "../event/index.ts";
import { factOf, type Told } from "../event/translate.ts";
import type { ShopGateway, StoredOrder } from "../gateway/checkout/port.ts";
import { wooIdentity } from "../gateway/woocommerce/facts.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { AliasEntity, aliasKey, OrderEntity, orderKey } from "../order/index.ts";
import { activeConnections } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { isKnown } from "./known.ts";
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
  /** False where the time was over before the end: then go on at `until`. */
  complete: boolean;
  /** Every change until then was taken in. */
  until: Date;
}

/** Shops that can be asked for their orders. */
export function shopOf(ctx: Context, { provider }: Connection): ShopGateway | undefined {
  return provider === "stripe" ? undefined : ctx.gateways[provider];
}

/**
 * Asks a shop for the orders that changed since a time, and takes in what is not known here as if its webhook had come. What
 * is known is left alone, and what was told meanwhile is taken in once.
 * @param deadline epoch ms of the real clock after which no further page is begun
 * @throws AppError unavailable or rejected by the shop; what was taken in until then stays
 */
export async function catchUp(
  ctx: Context,
  connection: Connection,
  since: Date,
  deadline = Date.now() + workMs,
): Promise<CaughtUp> {
  const shop = shopOf(ctx, connection);
  if (!shop) throw new AppError("rejected", "catch_up.no_shop", "This checkout has no orders that could be listed.");
  const begunAt = ctx.now();
  const done: CaughtUp = { seen: 0, fresh: 0, complete: false, until: since };
  let after: string | undefined;
  do {
    const page = await shop.listOrdersSince(connection, since, after);
    const told = page.orders.map((order) => ({ order, told: read(connection, order, begunAt) }));
    for (const { order } of await unknownOf(ctx, connection, told)) {
      await Events.receive(ctx, connection, identityOf(connection, order), order.rawBody);
      done.fresh++;
    }
    done.seen += page.orders.length;
    // Pages come with the oldest change first, so all changes until the last one are done.
    if (!page.aside) for (const each of told) done.until = later(done.until, changeOf(each.told));
    after = page.next;
  } while (after && Date.now() < deadline);
  done.complete = after === undefined;
  // What changes while it is looked through is for the next time.
  if (done.complete) done.until = begunAt;
  return done;
}

/** A fetched order goes by what it says: fetched again unchanged, it is the same event. */
function identityOf(connection: Connection, { id, type, rawBody }: StoredOrder): { eventId: string; type: string } {
  if (connection.provider === "woocommerce") return wooIdentity(rawBody, type);
  return { eventId: `fetched.${id}.${sha256(rawBody).slice(0, 32)}`, type };
}

const read = (connection: Connection, { type, rawBody }: StoredOrder, receivedAt: Date): Told =>
  factOf(connection, { type, rawBody, receivedAt }, receivedAt);

/** When an order changed last, as its shop tells it. */
function changeOf(told: Told): Date {
  const [first] = told.kind === "several" ? told.facts : [told];
  return new Date(first?.kind === "purchase" && first.at ? first.at : 0);
}
const later = (a: Date, b: Date): Date => (a > b ? a : b);

interface Listed {
  order: StoredOrder;
  told: Told;
}

/** Those of which something is not known here. */
async function unknownOf(ctx: Context, connection: Connection, listed: readonly Listed[]): Promise<Listed[]> {
  const aliases = await getItems(
    ctx.table,
    listed.map(({ order }) => aliasKey(connection.namespace, `order_${order.id}`)),
  );
  const ids = aliases.map((item) => parse(AliasEntity, item)?.orderId);
  const known = await getItems(
    ctx.table,
    ids.flatMap((id) => (id ? [orderKey(id)] : [])),
  );
  const byId = new Map(
    known.flatMap((item) => (item ? [[item.id as string, parse(OrderEntity, item)!] as const] : [])),
  );
  return listed.filter(({ told }, place) => {
    const stands = byId.get(ids[place] ?? "");
    return told.kind !== "ignored" && !(stands && !stands.mergedInto && isKnown(stands, told));
  });
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
    lastError: before?.lastError,
    version: (before?.version ?? 0) + 1,
  };
  if (!(await keep(ctx, claimed, before))) return 0;
  const since = new Date(Date.parse(claimed.seenUntil) - overlapMs);
  try {
    const { fresh, complete, until } = await catchUp(ctx, connection, since, deadline);
    const reached = until.toISOString() > claimed.seenUntil ? until.toISOString() : claimed.seenUntil;
    const done: Poll = { ...claimed, seenUntil: reached, lastError: undefined, version: claimed.version + 1 };
    // What was not looked through goes on with the next minute.
    await keep(ctx, complete ? done : { ...done, nextAt: now.toISOString() }, claimed);
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
