import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { accountsOf, balancesOf } from "@laurel/core/ledger";
import { checkLedger } from "@laurel/core/ledger-check";
import type { OrderItem } from "@laurel/core/order";
import { afterEach, expect, test } from "vitest";
import { serveApp } from "../../packages/local/src/shops/testing.ts";
import { consumersOf } from "../../packages/local/src/stream/consumers.ts";
import { createPoller } from "../../packages/local/src/stream/poller.ts";
import { openPositions } from "../../packages/local/src/stream/positions.ts";
import { createStripeStandIn } from "../../packages/local/src/stripe/index.ts";
import { sdkAt } from "../../packages/local/src/stripe/testing.ts";
import { ambassador } from "../../packages/local/testing/checkout.ts";
import { withoutFlags } from "../../packages/local/testing/flags.ts";
import { openWorld } from "../../packages/local/testing/index.ts";
import { scan } from "../../packages/local/testing/scan.ts";
import { streamOf } from "../../packages/local/testing/stream.ts";
import { assemble } from "../assemble.ts";
import { createMinute } from "../job/minute.ts";
import { createWebhook } from "./app.ts";

/* Events that only name their objects, from the stand-in to the ledger, asked for by the official SDK. */

const apiKey = "sk_test_laurel";
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** An account that sends these kinds of events to one connection. */
async function open(kinds: readonly ("thin" | "whole")[]) {
  const world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
  closing.push(() => world.close());
  await withoutFlags(world);
  const anna = await ambassador(world, "Anna Muster");
  let ms = world.clock.now().getTime();
  const now = () => {
    ms = Math.max(ms, world.clock.now().getTime()) + 1_000;
    world.clock.set(new Date(ms));
    return new Date(ms);
  };
  const bodies: string[] = [];
  const hooks = await serveApp({
    fetch: async (request) => {
      const body = await request.text();
      bodies.push(body);
      const { method, headers, url } = request;
      return app.fetch(new Request(url, { method, headers, body }));
    },
  });
  const { connectionId } = world.program;
  const url = `${hooks.url}/webhooks/stripe/${connectionId}`;
  const secrets = [world.webhookSecrets[0]!];
  const standIn = createStripeStandIn({
    now,
    accounts: [{ apiKey, webhooks: kinds.map((kind) => ({ url, secrets, thin: kind === "thin" })) }],
  });
  const api = await serveApp(standIn.app);
  closing.push(() => standIn.close(), api.close, hooks.close);
  const { gateways, keys } = world.ctx();
  const runtime = assemble(
    world.runtime.env,
    { ...gateways, stripe: createStripeGateway({ secrets: gateways.secrets, apiBase: api.url }) },
    {
      keys,
      log: world.runtime.log,
      metrics: world.runtime.metrics,
      now: world.clock.now,
      newId: world.newId,
      table: world.table,
    },
  );
  const app = createWebhook(runtime);
  const reader = await streamOf(world);
  const poller = createPoller({
    reader,
    positions: openPositions(undefined, reader.streamArn),
    consumers: consumersOf(runtime),
    log: world.runtime.log,
    backoffMs: 5,
  });
  closing.push(() => poller.stop());
  const stripe = sdkAt(api.url, apiKey);
  // Her code at the stand-in, under the id by which she has it.
  await stripe.coupons.create({ id: "spring", percent_off: 15, duration: "once" });
  const { id: promotionCode } = await stripe.promotionCodes.create({
    promotion: { type: "coupon", coupon: "spring" },
    code: anna.code,
    metadata: { laurel_code: anna.code, laurel_ambassador: anna.id },
  });
  /** Until all of it was asked for, and decided. */
  const settle = async () => {
    await standIn.settled();
    for (let round = 0; round < 4; round++) {
      await poller.drain();
      world.clock.advance(4 * 60_000);
      await createMinute(runtime)();
    }
  };
  return { world, anna, standIn, stripe, promotionCode, bodies, settle, secret: secrets[0]! };
}
type Opened = Awaited<ReturnType<typeof open>>;

/** A purchase that is refunded in part, and a subscription with a renewal that is disputed and won. */
async function live({ stripe, standIn, promotionCode, settle }: Opened): Promise<void> {
  const made = await stripe.checkout.sessions.create({
    mode: "payment",
    success_url: "https://shop.example/thanks",
    line_items: [
      { quantity: 1, price_data: { currency: "eur", unit_amount: 10_000, product_data: { name: "Goods" } } },
    ],
    discounts: [{ promotion_code: promotionCode }],
  });
  const { session } = await standIn.complete(apiKey, made.id, { email: "bea@gmx.de" });
  const paymentIntent = session.payment_intent as string;
  await stripe.refunds.create({ payment_intent: paymentIntent, amount: 1_700 });
  const failed = await stripe.refunds.create({ payment_intent: paymentIntent, amount: 850 });
  await standIn.settleRefund(apiKey, failed.id, false);
  const begun = await standIn.subscribe(apiKey, {
    currency: "eur",
    subtotal: 10_000,
    tax: 1_900,
    promotionCode,
    discount: 1_500,
    email: "cleo@gmx.de",
  });
  const { id } = await standIn.renew(apiKey, begun.subscription as string);
  const { data } = await stripe.invoicePayments.list({ invoice: id! });
  const dispute = await standIn.dispute(apiKey, { paymentIntent: data[0]!.payment.payment_intent as string });
  await standIn.moveDispute(apiKey, dispute.id, "lost");
  await standIn.moveDispute(apiKey, dispute.id, "won");
  await settle();
}

/** What the books say in the end. */
async function books({ world, anna }: Opened) {
  const items = await scan(world);
  const orders = items.filter((item) => item.__edb_e__ === "order") as unknown as OrderItem[];
  expect((await checkLedger(world.table)).differences).toEqual([]);
  expect(items.filter((item) => ["retry", "parked"].includes(item.__edb_e__))).toEqual([]);
  expect(items.filter((item) => item.__edb_e__ === "done" && item.status === "unprocessable")).toEqual([]);
  const [account] = await accountsOf(world.table, anna.id);
  const { pendingMinor, heldMinor } = balancesOf(account!);
  return {
    pendingMinor,
    heldMinor,
    orders: orders
      .map(({ status, grossMinor, baseMinor, refundedMinor, disputedMinor = 0, attribution }) => ({
        status,
        grossMinor,
        baseMinor,
        refundedMinor,
        disputedMinor,
        owner: attribution?.ambassadorId === anna.id,
      }))
      .sort((a, b) => a.grossMinor - b.grossMinor),
  };
}

/** 85.00 less a fifth, 85.00 again, and a renewal over 100.00: at 10 %. */
const expected = {
  pendingMinor: 680 + 850 + 1_000,
  heldMinor: 0,
  orders: [
    {
      status: "partly_refunded",
      grossMinor: 8_500,
      baseMinor: 8_500,
      refundedMinor: 1_700,
      disputedMinor: 0,
      owner: true,
    },
    { status: "paid", grossMinor: 10_400, baseMinor: 8_500, refundedMinor: 0, disputedMinor: 0, owner: true },
    { status: "paid", grossMinor: 11_900, baseMinor: 10_000, refundedMinor: 0, disputedMinor: 0, owner: true },
  ],
};

test("what is told by thin events alone is asked for, and comes to the same", async () => {
  const opened = await open(["thin"]);
  await live(opened);
  expect(await books(opened)).toEqual(expected);
  // They are thin, and the official SDK reads them and what they name.
  const { bodies, stripe, secret } = opened;
  expect(bodies.length).toBeGreaterThan(15);
  for (const body of bodies) {
    const header = stripe.webhooks.generateTestHeaderString({ payload: body, secret });
    const thin = stripe.parseEventNotification(body, header, secret) as never as {
      data?: unknown;
      related_object: { id: string };
      fetchRelatedObject(): Promise<{ id: string }>;
    };
    expect(thin.data).toBeUndefined();
    expect((await thin.fetchRelatedObject()).id).toBe(thin.related_object.id);
  }
}, 60_000);

test("a thin event and a whole one of the same fact are one fact", async () => {
  const opened = await open(["whole", "thin"]);
  await live(opened);
  expect(await books(opened)).toEqual(expected);
  const told = opened.bodies.map((body) => (JSON.parse(body) as { object: string }).object);
  expect(told).toContain("event");
  expect(told).toContain("v2.core.event");
}, 60_000);
