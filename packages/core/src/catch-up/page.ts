import type { Connection } from "../connection/index.ts";
import * as Events from "../event/index.ts";
import { factOf, type Told } from "../event/translate.ts";
import type { ShopGateway, StoredOrder } from "../gateway/checkout/port.ts";
import { wooIdentity } from "../gateway/woocommerce/facts.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { AliasEntity, aliasKey, OrderEntity, orderKey } from "../order/index.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { isKnown } from "./known.ts";

/** A webhook is on its way for so long and no longer: what is not here then was lost. */
export const onItsWayMs = 10 * 60_000;
const atOnce = 8;

/** Shops that can be asked for their orders. */
export function shopOf(ctx: Context, { provider }: Connection): ShopGateway | undefined {
  return provider === "stripe" ? undefined : ctx.gateways[provider];
}

/** What was found on one page of a checkout's own list. */
export interface FoundOnPage {
  seen: number;
  /** Those that had not come here. */
  fresh: number;
  /** Where the next page begins; absent on the last one. */
  next?: string | undefined;
}

/**
 * Takes in one page of a shop's orders, oldest change first.
 * @param upTo what changed after it is left for the next time
 */
export async function takePage(
  ctx: Context,
  connection: Connection,
  { since, after, upTo }: { since: Date; after: string | undefined; upTo?: Date },
): Promise<FoundOnPage> {
  const shop = shopOf(ctx, connection);
  if (!shop) throw new AppError("rejected", "catch_up.no_shop", "This checkout has no orders that could be listed.");
  const page = await shop.listOrdersSince(connection, since, after);
  const told = page.orders.map((order) => ({ order, told: read(connection, order, ctx.now()) }));
  const unknown = (await unknownOf(ctx, connection, told)).filter((each) => !upTo || changeOf(each.told) <= upTo);
  const fresh = await receiveFound(
    ctx,
    connection,
    unknown.map(({ order, told }) => ({
      ...identityOf(connection, order),
      rawBody: order.rawBody,
      at: changeOf(told),
    })),
  );
  return { seen: page.orders.length, fresh, next: page.next };
}

/** What a checkout has of something that happened, as its webhook would have told it. */
export interface Found {
  eventId: string;
  type: string;
  rawBody: Uint8Array;
  at: Date;
}

/**
 * Takes in what no webhook has told, in the order given and a few at a time.
 * @returns how many of them had not come here
 */
export async function receiveFound(ctx: Context, connection: Connection, found: readonly Found[]): Promise<number> {
  const lostBefore = ctx.now().getTime() - onItsWayMs;
  let fresh = 0;
  for (let from = 0; from < found.length; from += atOnce)
    await Promise.all(
      found.slice(from, from + atOnce).map(async ({ rawBody, at, eventId, type }) => {
        const isNew = await Events.receive(ctx, connection, { eventId, type, source: "comparison" }, rawBody);
        if (!isNew) return;
        fresh++;
        if (at.getTime() < lostBefore) ctx.metrics.record("FoundEvents");
      }),
    );
  return fresh;
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
