import { getItem } from "@laurel/core/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import { discountCode, shopifyOrder } from "../../packages/core/src/gateway/shopify/samples.testing.ts";
import { wooOrder } from "../../packages/core/src/gateway/woocommerce/samples.testing.ts";
import { billOf, type Line, totalOf } from "../../packages/local/bench/bill.ts";
import { openRecorder } from "../../packages/local/bench/recorder.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  purchase,
  refund,
  type StripeEvent,
  session,
  type TestAmbassador,
  withCode,
} from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { beginning, billed, paid } from "../../packages/local/testing/renderings.ts";
import { openShops } from "../../packages/local/testing/shops.ts";
import { createRedirect } from "../redirect.ts";

const dayMs = 86_400_000;
let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
let recorder: ReturnType<typeof openRecorder>;
let shops: Awaited<ReturnType<typeof openShops>>;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  // Nothing is left of how she came in.
  world.clock.advance(dayMs);
  shops = await openShops(world);
  for (const shop of Object.values(shops)) await shop.post("{}", shop.headers("unknown", "{}"));
  recorder = openRecorder(world.table);
  // The program is remembered from the first sale on.
  await checkout.tell(sale({ n: 0 }));
});
afterAll(() => world.close());

interface Sale {
  n: number;
  of?: TestAmbassador;
  byCode?: boolean;
  click?: string;
}

let buyers = 0;
/** A purchase with all that a real one carries: ids of real length, a discount, shipping, an address, metadata. */
function sale({ n, of: who = anna, byCode = true, click }: Sale): StripeEvent {
  const of = purchase(new Date(world.clock.now().getTime() - n * 1000), {
    session: `cs_test_a1${"B3c5D7e9".repeat(7)}${String(n).padStart(2, "0")}`,
    paymentIntent: `pi_3SQabcdefGHIJKLM1${String(n).padStart(7, "0")}`,
  });
  const buyer = {
    email: `buyer.number.${++buyers}@some-provider.example`,
    name: "Bartholomew Longname-Mustermann",
    phone: "+4917012345678",
    address: {
      line1: "An der alten Mühle 17",
      line2: "Hinterhaus",
      city: "Musterstadt",
      postal_code: "12345",
      state: "",
      country: "DE",
    },
  };
  return event(
    "checkout.session.completed",
    session(of, {
      amount_subtotal: 12_900,
      amount_total: 13_637,
      total_details: { amount_discount: 1935, amount_shipping: 495, amount_tax: 2177 },
      shipping_cost: {
        amount_subtotal: 495,
        amount_tax: 94,
        amount_total: 589,
        shipping_rate: "shr_1SQabcdefGHIJKLM1",
      },
      discounts: byCode ? [{ coupon: null, promotion_code: who.promotionCodeId }] : [],
      client_reference_id: click ?? null,
      customer_details: buyer,
      collected_information: { shipping_details: { name: buyer.name, address: buyer.address } },
      custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
      payment_method_types: ["card", "klarna", "sepa_debit", "paypal"],
      phone_number_collection: { enabled: true },
      success_url: "https://shop.example/checkout/thank-you?session={CHECKOUT_SESSION_ID}",
      metadata: { cart: "4f8a7c9e-54d2-4a53-9c43-1b7f0d9d2a11", note: "Please leave it with the neighbours." },
    }),
    of.at,
  );
}

async function measured(
  told: StripeEvent,
): Promise<{ lines: Line[]; calls: number; readUnits: number; writeUnits: number }> {
  recorder.start();
  expect((await checkout.tell(told)).status).toBe(200);
  const calls = recorder.stop();
  const lines = await billOf(world.table, calls);
  return {
    lines,
    calls: calls.length,
    readUnits: totalOf(lines, "readUnits"),
    writeUnits: totalOf(lines, "writeUnits"),
  };
}

test("an attributed sale by promotion code: 3 calls from its receipt until it can be read, at most 24 write units", async () => {
  const told = sale({ n: 1 });
  const { lines, calls, readUnits, writeUnits } = await measured(told);
  const bill = lines
    .map((line) => `${line.call} ${line.item} ${line.bytes} B: ${line.writeUnits} w ${line.readUnits} r`)
    .join("\n");
  expect([...new Set(lines.map((line) => line.operation))], bill).toEqual([
    "PutItem",
    "BatchGetItem",
    "TransactWriteItems",
  ]);
  expect(calls, bill).toBeLessThanOrEqual(3);
  expect(writeUnits, bill).toBeLessThanOrEqual(24);
  expect(readUnits, bill).toBeLessThanOrEqual(5);
  // Commission and balance are there, and no consumer had to run for it.
  const done = await getItem(world.table, { pk: `EVT#${world.program.connectionId}#${told.id}`, sk: "DONE" });
  expect(done?.orderId).toMatch(/^ord_/);
  expect(
    lines.filter((line) => / (COM|LED|ACC)#/.test(line.item)),
    bill,
  ).toHaveLength(3);
});

test.each(["shopify", "woo"] as const)(
  "an attributed sale of a shop by its code's text: 3 calls, at most 24 write units (%s)",
  async (kind) => {
    const shop = shops[kind];
    const id = 5_390_123_456_789 + (kind === "woo" ? 1 : 0);
    const email = `buyer.number.${++buyers}@some-provider.example`;
    const [topic, body] =
      kind === "shopify"
        ? [
            "orders/paid",
            shopifyOrder({ id, email, landing_site: "/", discount_applications: [discountCode(anna.code)] }),
          ]
        : ["order.created", wooOrder({ id, meta_data: [], billing: { email }, coupon_lines: [{ code: anna.code }] })];
    const text = JSON.stringify(body);
    recorder.start();
    expect((await shop.post(text, shop.headers(topic, text))).status).toBe(200);
    const calls = recorder.stop();
    const lines = await billOf(world.table, calls);
    const bill = lines
      .map((line) => `${line.call} ${line.item} ${line.bytes} B: ${line.writeUnits} w ${line.readUnits} r`)
      .join("\n");
    expect(
      calls.map((call) => call.operation),
      bill,
    ).toEqual(["PutItem", "BatchGetItem", "TransactWriteItems"]);
    expect(totalOf(lines, "writeUnits"), bill).toBeLessThanOrEqual(24);
    expect(totalOf(lines, "readUnits"), bill).toBeLessThanOrEqual(5);
    expect(
      lines.filter((line) => / (COM|LED|ACC)#/.test(line.item)),
      bill,
    ).toHaveLength(3);
  },
);

test("a sale by code that also has a click reads one item more, and writes no more", async () => {
  const redirect = createRedirect({
    table: world.table,
    now: world.clock.now,
    newId: world.newId,
    log: world.runtime.log,
  });
  const visit = await redirect.request(`/r/${anna.code}`, {
    headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" },
  });
  const click = new URL(visit.headers.get("location")!).searchParams.get("laurel_click")!;
  const both = await measured(sale({ n: 2, click }));
  expect([both.calls, both.readUnits]).toEqual([3, 6]);
  expect(both.writeUnits).toBeLessThanOrEqual(24);
  // By the click alone, its code is read as well.
  const alone = await measured(sale({ n: 3, byCode: false, click }));
  expect(alone.calls).toBeLessThanOrEqual(4);
  expect(alone.writeUnits).toBeLessThanOrEqual(24);
});

test("the first sales of somebody who has just come in are marked, and take 2 write units more for a quarter of an hour", async () => {
  const bea = await ambassador(world, "Bea Beginner");
  const marked = (lines: Line[]) => lines.filter((line) => line.item === `AMB#${bea.id} / ATTRIBUTED`);
  for (const n of [5, 6]) {
    const { calls, writeUnits, lines } = await measured(sale({ n, of: bea }));
    expect([calls, marked(lines).length]).toEqual([3, 1]);
    expect(writeUnits).toBeLessThanOrEqual(24 + 2);
    console.log(`a sale of somebody who has just come in: ${calls} calls, ${writeUnits} write units`);
  }
  world.clock.advance(15 * 60_000 + 1);
  const later = await measured(sale({ n: 7, of: bea }));
  expect([later.calls, marked(later.lines).length]).toEqual([3, 0]);
  expect(later.writeUnits).toBeLessThanOrEqual(24);
});

test("a subscription's renewal reads once more, because only the subscription says whose code it is: 4 calls, at most 24 write units", async () => {
  const of = billed(world.clock.now());
  const began = event("checkout.session.completed", beginning(of, "endive", withCode(anna.promotionCodeId)), of.at);
  for (const told of [began, ...paid(of, "endive")]) expect((await checkout.tell(told)).status).toBe(200);
  const next = billed(world.clock.now(), { subscription: of.subscription, reason: "subscription_cycle" });
  const { calls, readUnits, writeUnits, lines } = await measured(paid(next, "endive")[0]!);
  expect(lines.filter((line) => / (COM|LED|ACC)#/.test(line.item))).toHaveLength(3);
  expect(calls).toBeLessThanOrEqual(4);
  expect(writeUnits).toBeLessThanOrEqual(24);
  expect(readUnits).toBeLessThanOrEqual(5);
});

test("a refund takes 5 calls at most", async () => {
  const of = purchase(world.clock.now());
  await checkout.tell(
    event("checkout.session.completed", session(of, { discounts: [{ promotion_code: anna.promotionCodeId }] }), of.at),
  );
  const { calls, lines } = await measured(event("refund.created", refund(of, 5950), of.at));
  expect(calls, lines.map((line) => `${line.call} ${line.operation} ${line.item}`).join("\n")).toBeLessThanOrEqual(5);
});

test("a repeated delivery costs two calls", async () => {
  const told = sale({ n: 4 });
  await checkout.tell(told);
  recorder.start();
  await checkout.tell(told);
  expect(recorder.stop().map((call) => call.operation)).toEqual(["PutItem", "GetItem"]);
});
