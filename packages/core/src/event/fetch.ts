import type { Connection } from "../connection/index.ts";
import { isObject, type Json, numericId, parseJson } from "../gateway/checkout/json.ts";
import { readStripeCapture, readStripeObject, type StripeFetch } from "../gateway/stripe/facts.ts";
import { idOf } from "../gateway/stripe/fields.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { epochS } from "../kernel/time.ts";
import type { Fact } from "../order/fact.ts";
import type { Incoming } from "./event.entity.ts";
import { readSession } from "./find-checkout.ts";
import { factOf } from "./translate.ts";

/** What an event says that only names its object: the checkout is asked for it. Never within the answer to the checkout. */
export type Fetch = StripeFetch;

/** @throws AppError unavailable where the checkout does not answer; rejected where it says no */
export async function fetchFact(ctx: Context, connection: Connection, { type, path, created }: Fetch): Promise<Fact> {
  // A charge is told as it is now, and not as it was then: only each refund by itself says what became of it.
  const expand = type === "charge.refunded" ? ["refunds"] : undefined;
  const object = await ctx.gateways.stripe.getObject(connection, path, expand);
  // A discount ends and is gone. All else stays for ever, so it is not there yet, or not for this key.
  if (!object && type === "customer.discount.created")
    return { kind: "ignored", why: "The discount that the event is about has ended." };
  if (!object)
    throw new AppError(
      "rejected",
      "event.object_missing",
      "Stripe does not know what the event is about. Check that the connection's key is of the same account.",
    );
  if (type === "charge.captured") return ofCapture(ctx, connection, object, created);
  return readStripeObject(type, object, { type, created, readAt: epochS(ctx.now()) }, ctx.now());
}

/** Whose checkout a charge came from, where its card was only authorised there; more of it may still be charged. */
async function ofCapture(ctx: Context, connection: Connection, charge: Json, created: number): Promise<Fact> {
  const { stripe } = ctx.gateways;
  const paymentIntent = idOf(charge.payment_intent);
  const sessions = paymentIntent ? await stripe.findSessions(connection, { paymentIntent }) : [];
  const purchase = sessions.map((each) => readSession(ctx, each)).find((fact) => fact.kind === "purchase");
  if (!purchase) return { kind: "ignored", why: "The payment came by no checkout of Stripe." };
  if (charge.amount_captured !== charge.amount) {
    const intent = await stripe.getObject(connection, `/v1/payment_intents/${paymentIntent}`);
    if (Number(intent?.amount_capturable) > 0)
      return { kind: "ignored", why: "More of the payment may still be charged. It counts with its last part." };
  }
  return readStripeCapture(charge, purchase, { created }, ctx.now());
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

/** By what an event that is too large to keep can be asked for, where its own id does not say so: a shop's id of the order. */
export function aboutOf(connection: Connection, rawBody: Uint8Array): string | undefined {
  const body = connection.provider === "shopify" ? parseJson(rawBody) : undefined;
  return isObject(body) ? numericId(body.order_id ?? body.id) : undefined;
}

/**
 * The body of an event that was too large to keep, as the checkout still has it, and as what it is read; undefined where it has
 * not, or never does. A shop tells the order as it stands, with all that an event said of it.
 */
export async function fetchBody(
  ctx: Context,
  connection: Connection,
  { eventId, type, about }: Pick<Incoming, "eventId" | "type" | "about">,
): Promise<{ rawBody: Uint8Array; type: string } | undefined> {
  if (connection.provider === "shopify")
    return about === undefined ? undefined : ctx.gateways.shopify.getOrder(connection, about);
  if (connection.provider === "woocommerce") {
    const [, orderId] = /^(\d{1,20})\.[0-9a-f]{40}$/.exec(eventId) ?? [];
    const order = orderId ? await ctx.gateways.woocommerce.getOrder(connection, orderId) : undefined;
    return order && { rawBody: order.rawBody, type };
  }
  if (!/^evt_\w{1,100}$/.test(eventId)) return undefined;
  const event = await ctx.gateways.stripe.getObject(connection, `/v1/events/${eventId}`);
  // The API leaves the account out of events that are asked for in its name.
  const { account } = connection;
  return event && { rawBody: Buffer.from(JSON.stringify(account ? { account, ...event } : event)), type };
}
