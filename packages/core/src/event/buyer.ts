import { gunzipSync } from "node:zlib";
import type { Context } from "../kernel/context.ts";
import { errorOf } from "../kernel/failure.ts";
import { epochS } from "../kernel/time.ts";
import type { Purchase, SubscriptionStart } from "../order/fact.ts";
import { findConnection, type ProgramSnapshot } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItems, type Item } from "../table/read.ts";
import { IncomingEntity } from "./event.entity.ts";
import { factOf, type Told } from "./translate.ts";

/** What events told of a buyer. It is read, compared and forgotten: nothing of it is written anywhere. */
export interface Buyer {
  email: string | undefined;
  /** The events as they came. */
  bodies: unknown[];
}

/**
 * Reads what is still kept of the events that told of orders: for two weeks, unless a buyer was erased.
 * @param eventIdsOf `con_…~evt_…`, as each order lists them
 * @returns of each order, in their order
 */
export async function buyersTold(ctx: Context, eventIdsOf: readonly (readonly string[])[]): Promise<Buyer[]> {
  const snapshot = await ctx.program();
  const items = await getItems(
    ctx.table,
    eventIdsOf.flat().map((id) => ({ pk: `EVT#${id.replace("~", "#")}`, sk: "IN" })),
  );
  return eventIdsOf.map((ids) => buyerIn(ctx, snapshot, items.splice(0, ids.length)));
}

function buyerIn(ctx: Context, snapshot: ProgramSnapshot, items: readonly (Item | undefined)[]): Buyer {
  const buyer: Buyer = { email: undefined, bodies: [] };
  for (const item of items) {
    const incoming = parse(IncomingEntity, item);
    const connection = incoming && findConnection(snapshot, incoming.connectionId);
    if (!incoming?.body || !connection || incoming.expiresAtEpochS <= epochS(ctx.now())) continue;
    try {
      const rawBody = gunzipSync(incoming.body as Uint8Array);
      buyer.bodies.push(JSON.parse(rawBody.toString("utf8")));
      const stored = { type: incoming.type, rawBody, receivedAt: new Date(incoming.receivedAt) };
      buyer.email ??= emailIn(factOf(connection, stored, ctx.now()));
    } catch (error) {
      // What can't be read any more tells nothing.
      ctx.log.warn("event.unreadable", { connectionId: incoming.connectionId, ...errorOf(error) });
    }
  }
  return buyer;
}

function emailIn(told: Told): string | undefined {
  const facts = told.kind === "several" ? told.facts : [told];
  const telling = facts.find(
    (fact): fact is Purchase | SubscriptionStart => fact.kind === "purchase" || fact.kind === "subscription_start",
  );
  return telling?.signals.email ?? undefined;
}
