import type { Connection } from "../connection/index.ts";
import { readStripeObject } from "../gateway/stripe/facts.ts";
import type { Context } from "../kernel/context.ts";
import { epochS } from "../kernel/time.ts";
import { decideWithoutCheckout, type Fact, findOrder, type OrderItem, take } from "../order/index.ts";
import { findConnection } from "../program/index.ts";

type Json = Record<string, unknown>;

/**
 * Looks for the checkout that a payment came from, where it was not told by itself, and decides whose the payment is by what
 * is found. Acts on the order as it is now, so it may run twice; nothing happens to one that waits no more.
 * @throws AppError unavailable where the checkout does not answer; rejected where it says no
 */
export async function findCheckout(ctx: Context, orderId: string): Promise<void> {
  const order = await findOrder(ctx, orderId);
  if (!order?.awaits) return;
  const connection = findConnection(await ctx.program(), order.connectionId);
  if (connection?.provider === "stripe") {
    const facts = order.subscription
      ? await beginningOf(ctx, connection, order, order.subscription.id)
      : await checkoutOf(ctx, connection, order);
    for (const fact of facts) await take(ctx, { connection, fact });
  }
  // What was found decides; where nothing was, it is decided by what the payment itself knows.
  await decideWithoutCheckout(ctx, orderId);
}

/** Who began a subscription: by the checkout, else by what its first invoice tells. */
async function beginningOf(
  ctx: Context,
  connection: Connection,
  order: OrderItem,
  subscriptionId: string,
): Promise<Fact[]> {
  const { stripe } = ctx.gateways;
  const sessions = await stripe.findSessions(connection, { subscription: subscriptionId });
  const told = sessions.map((each) => readSession(ctx, each)).filter((fact) => fact.kind === "subscription_start");
  if (told.length > 0) return told;
  const invoiceId = order.subscription?.part === "start" ? idOfKind(order, "in_") : undefined;
  const invoice = invoiceId && (await stripe.getInvoice(connection, invoiceId));
  const read = invoice && readInvoice(ctx, invoice);
  return [
    {
      kind: "subscription_start",
      aliases: [],
      subscriptionId,
      occurredAt: order.occurredAt,
      signals: read ? read.signals : { promotionCodeIds: [], clickId: null, email: null },
      complete: true,
    },
  ];
}

/** The checkout that made an invoice: found by the payment, which is linked to it on the way. */
async function checkoutOf(ctx: Context, connection: Connection, order: OrderItem): Promise<Fact[]> {
  const { stripe } = ctx.gateways;
  const invoiceId = idOfKind(order, "in_");
  const facts: Fact[] = [];
  let paymentIntent = idOfKind(order, "pi_");
  if (!paymentIntent && invoiceId)
    for (const each of await stripe.findInvoicePayments(connection, { invoice: invoiceId })) {
      const link = readStripeObject("invoice_payment.paid", each, {}, ctx.now());
      if (link.kind !== "link") continue;
      facts.push(link);
      paymentIntent ??= link.aliases.find((alias) => alias.startsWith("pi_"));
    }
  const sessions = paymentIntent ? await stripe.findSessions(connection, { paymentIntent }) : [];
  const told = sessions.map((each) => readSession(ctx, each)).filter((fact) => fact.kind === "purchase");
  if (told.length > 0) return [...facts, ...told];
  const invoice = invoiceId && (await stripe.getInvoice(connection, invoiceId));
  const read = invoice && readInvoice(ctx, invoice);
  return read ? [...facts, { ...read, attributedElsewhere: false }] : facts;
}

/** A session as its event would have told it. */
export const readSession = (ctx: Context, session: Json): Fact =>
  readStripeObject("checkout.session.completed", session, { created: session.created }, ctx.now());

/** An invoice that is paid, as its event would have told it; undefined for another, and for what can't be understood. */
export function readInvoice(ctx: Context, invoice: Json) {
  if (invoice.status !== "paid") return undefined;
  const fact = readStripeObject("invoice.paid", invoice, { created: epochS(ctx.now()) }, ctx.now());
  return fact.kind === "purchase" ? fact : undefined;
}

const idOfKind = (order: OrderItem, prefix: string): string | undefined =>
  order.aliases.map((text) => text.slice(text.indexOf("#") + 1)).find((alias) => alias.startsWith(prefix));
