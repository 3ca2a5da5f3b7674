import type { Connection } from "../connection/index.ts";
import { readStripeObject, type StripeFetch } from "../gateway/stripe/facts.ts";
import type { Context } from "../kernel/context.ts";
import { epochS } from "../kernel/time.ts";
import type { Fact } from "../order/fact.ts";
import { factOf } from "./translate.ts";

/** What an event says that only names its object: the checkout is asked for it. Never within the answer to the checkout. */
export type Fetch = StripeFetch;

/** @throws AppError unavailable where the checkout does not answer; rejected where it says no */
export async function fetchFact(ctx: Context, connection: Connection, { type, path, created }: Fetch): Promise<Fact> {
  // A charge is told as it is now, and not as it was then: only each refund by itself says what became of it.
  const expand = type === "charge.refunded" ? ["refunds"] : undefined;
  const object = await ctx.gateways.stripe.getObject(connection, path, expand);
  if (!object) return { kind: "ignored", why: "What the event is about is not there any more." };
  return readStripeObject(type, object, { type, created, readAt: epochS(ctx.now()) }, ctx.now());
}

/** What a shop tells of an order now; undefined where it knows none. @param alias `order_5001` */
export async function fetchOrder(ctx: Context, connection: Connection, alias: string): Promise<Fact | undefined> {
  const [, id] = /^order_(\d{1,20})$/.exec(alias) ?? [];
  if (!id || connection.provider === "stripe") return undefined;
  const now = ctx.now();
  const order = await ctx.gateways[connection.provider].getOrder(connection, id);
  const told = order && factOf(connection, { type: order.type, rawBody: order.rawBody, receivedAt: now }, now);
  return told?.kind === "several" || told?.kind === "purchase" ? told : undefined;
}

/** The body of an event that was too large to keep, as the checkout still has it; undefined where it has not, or never does. */
export async function fetchBody(
  ctx: Context,
  connection: Connection,
  eventId: string,
): Promise<Uint8Array | undefined> {
  if (connection.provider === "woocommerce") {
    // Its id names the order; what is told of one is always the order as it stands.
    const [, orderId] = /^(\d{1,20})\.[0-9a-f]{40}$/.exec(eventId) ?? [];
    return orderId ? (await ctx.gateways.woocommerce.getOrder(connection, orderId))?.rawBody : undefined;
  }
  if (connection.provider !== "stripe" || !/^evt_\w{1,100}$/.test(eventId)) return undefined;
  const event = await ctx.gateways.stripe.getObject(connection, `/v1/events/${eventId}`);
  // The API leaves the account out of events that are asked for in its name.
  const { account } = connection;
  return event && Buffer.from(JSON.stringify(account ? { account, ...event } : event));
}
