import type { Connection } from "../connection/index.ts";
import { readStripeObject } from "../gateway/stripe/facts.ts";
import { idOf } from "../gateway/stripe/fields.ts";
import type { Context } from "../kernel/context.ts";
import { errorOf } from "../kernel/failure.ts";
import { type Fact, lookEveryMs, ParkedEntity, type ParkedItem, take } from "../order/index.ts";
import { findConnection } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, queryPage } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { fetchOrder } from "./fetch.ts";
import { readInvoice, readSession } from "./find-checkout.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** After so long somebody is told, and it is looked for once a day; after so long it is looked for no more. */
const alertAfterMs = dayMs;
const giveUpAfterMs = 30 * dayMs;
const atOnce = 25;

/**
 * Looks for the purchases of refunds and disputes that wait: hourly on the first day, then daily. What is found is taken in as
 * if it had been told, so a purchase whose own event was lost is found by its refund.
 * @returns how many were looked for
 */
export async function sweepParked(ctx: Context, deadline = Date.now() + 30_000): Promise<number> {
  const { items } = await queryPage(
    ctx.table,
    { index: "gsi1", pk: "PARKED", skUpTo: `${ctx.now().toISOString()}~` },
    { limit: atOnce, newestFirst: false },
  );
  let looked = 0;
  for (const key of items) {
    if (Date.now() > deadline) break;
    const parked = parse(ParkedEntity, await getItem(ctx.table, { pk: key.pk, sk: key.sk }));
    if (!parked || parked.nextLookAt > ctx.now().toISOString()) continue;
    await lookFor(ctx, parked);
    looked++;
  }
  return looked;
}

async function lookFor(ctx: Context, parked: ParkedItem): Promise<void> {
  const connection = findConnection(await ctx.program(), parked.connectionId);
  try {
    if (connection?.provider === "stripe")
      for (const fact of await purchaseOf(ctx, connection, parked.alias)) await take(ctx, { connection, fact });
    else if (connection) {
      const told = await fetchOrder(ctx, connection, parked.alias);
      if (told) await take(ctx, { connection, fact: told });
    }
  } catch (error) {
    ctx.log.warn("order.look_failed", { alias: parked.alias, connectionId: parked.connectionId, ...errorOf(error) });
  }
  await lookAgain(ctx, parked);
}

/** What the checkout knows of a payment: the invoice that it paid, or the checkout that it came from. */
async function purchaseOf(ctx: Context, connection: Connection, alias: string): Promise<Fact[]> {
  const { stripe } = ctx.gateways;
  const facts: Fact[] = [];
  let paymentIntent = alias.startsWith("pi_") ? alias : undefined;
  if (/^(ch|py)_\w+$/.test(alias)) {
    const charge = await stripe.getObject(connection, `/v1/charges/${alias}`);
    paymentIntent = charge && idOf(charge.payment_intent);
    if (paymentIntent) facts.push({ kind: "link", aliases: [paymentIntent, alias] });
  }
  if (!paymentIntent) return facts;
  for (const each of await stripe.findInvoicePayments(connection, { paymentIntent })) {
    const link = readStripeObject("invoice_payment.paid", each, {}, ctx.now());
    if (link.kind !== "link") continue;
    facts.push(link);
    const invoiceId = link.aliases.find((id) => id.startsWith("in_"));
    const invoice = invoiceId && (await stripe.getInvoice(connection, invoiceId));
    const told = invoice && readInvoice(ctx, invoice);
    if (told) facts.push(told);
  }
  const sessions = await stripe.findSessions(connection, { paymentIntent });
  facts.push(...sessions.map((each) => readSession(ctx, each)).filter((fact) => fact.kind === "purchase"));
  return facts;
}

/** Says when to look again, unless the purchase was found; after a day it tells somebody. */
async function lookAgain(ctx: Context, before: ParkedItem): Promise<void> {
  const now = ctx.now().getTime();
  const waitsMs = now - Date.parse(before.parkedAt);
  const alert = waitsMs >= alertAfterMs && !before.alertedAt;
  const at = { table: ctx.table.name };
  const { namespace, alias, looks } = before;
  const next =
    waitsMs >= giveUpAfterMs
      ? write.delete(
          "parked",
          ParkedEntity.delete({ namespace, alias })
            .where((a, o) => o.eq(a.looks, looks))
            .params(at),
        )
      : write.put(
          "parked",
          ParkedEntity.put({
            ...before,
            looks: looks + 1,
            nextLookAt: new Date(now + (waitsMs >= alertAfterMs ? dayMs : lookEveryMs)).toISOString(),
            ...(alert ? { alertedAt: new Date(now).toISOString() } : {}),
          })
            .where((a, o) => o.eq(a.looks, looks))
            .params(at),
        );
  // Refused where its purchase has taken it up meanwhile.
  const kept = await transact(ctx.table, [next]);
  if (!kept.ok || !alert) return;
  ctx.metrics.record("DeadLetters");
  ctx.log.error("order.parked_for_a_day", { alias, connectionId: before.connectionId, parkedAt: before.parkedAt });
}
