import { randomBytes } from "node:crypto";
import { CodeEntity, findCode } from "@laurel/core/code";
import { sweepParked } from "@laurel/core/event";
import { accountsOf, balancesOf } from "@laurel/core/ledger";
import { checkLedger } from "@laurel/core/ledger-check";
import { list as listOrders, receipt } from "@laurel/core/order";
import { transact, write } from "@laurel/core/table";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  moneySet,
  refundLine,
  refundTransaction,
  shopifyOrder,
  shopifyRefund,
} from "../../packages/core/src/gateway/shopify/samples.testing.ts";
import { wooLine, wooOrder, wooRefund } from "../../packages/core/src/gateway/woocommerce/samples.testing.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  purchase,
  refund,
  session,
  type TestAmbassador,
} from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { openShops, type ShopUnderTest } from "../../packages/local/testing/shops.ts";
import { refused, wrapped } from "../../packages/local/testing/wrap.ts";
import { createRedirect } from "../redirect.ts";

/* Whole sales of shops: from their webhooks to the ledger. */

type Json = Record<string, unknown>;

let world: World;
let checkout: Checkout;
let shopify: ShopUnderTest;
let woo: ShopUnderTest;
let anna: TestAmbassador;
let made = 0;
const nextId = () => 5_391_000_000_000 + ++made;

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
  checkout = openCheckout(world);
  ({ shopify, woo } = await openShops(world, { stripeNamespace: "stripe_test" }));
  anna = await ambassador(world, "Anna Muster");
});
afterAll(async () => {
  expect(world.logs.filter((each) => each.level === "error")).toEqual([]);
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const orderOf = async (id: unknown) => (await listOrders(world.ctx(), { externalId: `order_${id}` })).items[0]!;
const ok = async (answer: Promise<Response>): Promise<void> => void expect((await answer).status).toBe(200);
const nobody: Json = { landing_site: "/", email: "", contact_email: null, customer: null, discount_applications: [] };
const byCode = () => ({ discount_applications: [{ type: "discount_code", code: anna.code.toLowerCase() }] });

/** Tries each, a few at a time: purchases do not know of each other. */
async function each<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one);
    }),
  );
}

describe("whose it is", () => {
  test("a code of ours by its text, in any case: the receipt says so", async () => {
    const id = nextId();
    await ok(shopify.tell("orders/paid", shopifyOrder({ id, ...nobody, ...byCode() })));
    const order = await orderOf(id);
    expect(order).toMatchObject({
      attribution: { ambassadorId: anna.id, code: anna.code, reason: "promotion_code" },
      baseMinor: 8_500,
      commission: { earnedMinor: 850 },
    });
    expect(await receipt(world.ctx(), order.id)).toMatchObject({
      candidates: [{ kind: "promotion_code", outcome: "won" }],
    });
  });

  test("a discount by hand that is named like a code is nobody's", async () => {
    const id = nextId();
    const manual = {
      ...nobody,
      discount_codes: [{ code: anna.code, amount: "15.00", type: "percentage" }],
      discount_applications: [{ type: "manual", title: anna.code }],
    };
    await ok(shopify.tell("orders/paid", shopifyOrder({ id, ...manual })));
    expect(await orderOf(id)).toMatchObject({ status: "paid", attribution: null });
  });

  test("a code of the shop's own that is named like one of ours which it refused is nobody's", async () => {
    const [refused, wooId, shopifyId] = ["REFUSED15", nextId(), nextId()];
    const code = (await findCode(world.ctx(), anna.code))!;
    const at = { table: world.table.name };
    await transact(world.table, [
      write.put(
        "code",
        CodeEntity.put({
          ...code,
          code: refused,
          state: "failed",
          primary: false,
          promotionCodes: { [shopify.connection.id]: "gid://shopify/DiscountCodeNode/1" },
        }).params(at),
      ),
    ]);
    await ok(
      woo.tell(
        "order.created",
        wooOrder({ id: wooId, meta_data: [], billing: {}, coupon_lines: [{ code: refused.toLowerCase() }] }),
      ),
    );
    expect(await orderOf(wooId)).toMatchObject({ attribution: null });
    // Where it was made, it is ours.
    await ok(
      shopify.tell(
        "orders/paid",
        shopifyOrder({ id: shopifyId, ...nobody, discount_applications: [{ type: "discount_code", code: refused }] }),
      ),
    );
    expect(await orderOf(shopifyId)).toMatchObject({ attribution: { code: refused } });
  });

  test("a click that the shop handed over, by note, landing page or meta", async () => {
    const { table, newId, runtime, clock } = world;
    const redirect = createRedirect({ table, now: clock.now, newId, log: runtime.log } as never);
    const visit = async () => {
      const answer = await redirect.request(`/r/${anna.code}`, {
        headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" },
      });
      return new URL(answer.headers.get("location")!).searchParams.get("laurel_click")!;
    };
    // Clicks are made on the program's clock, and the samples are from the 15th.
    const at = "2026-06-20T10:00:00Z";
    const [byNote, byLanding, byMeta] = [nextId(), nextId(), nextId()];
    await ok(
      shopify.tell(
        "orders/paid",
        shopifyOrder({
          id: byNote,
          ...nobody,
          processed_at: at,
          note_attributes: [{ name: "laurel_click", value: await visit() }],
        }),
      ),
    );
    await ok(
      shopify.tell(
        "orders/paid",
        shopifyOrder({
          id: byLanding,
          ...nobody,
          processed_at: at,
          landing_site: `/?laurel_click=${await visit()}&laurel_code=${anna.code}`,
        }),
      ),
    );
    await ok(
      woo.tell(
        "order.created",
        wooOrder({
          id: byMeta,
          billing: {},
          coupon_lines: [],
          date_created_gmt: at.slice(0, 19),
          meta_data: [{ key: "_laurel_click", value: await visit() }],
        }),
      ),
    );
    for (const id of [byNote, byLanding, byMeta])
      expect(await orderOf(id)).toMatchObject({
        attribution: { ambassadorId: anna.id, reason: "click" },
        commission: { earnedMinor: 850 },
      });
  });
});

describe("one sale that a shop and Stripe both tell of", () => {
  const told = () => {
    const of = purchase(new Date("2026-06-15T09:00:00Z"), { totalMinor: 10_710 });
    const id = nextId();
    const order = wooOrder({
      id,
      billing: {},
      meta_data: [{ key: "_stripe_intent_id", value: of.paymentIntent }],
      transaction_id: of.charge,
      coupon_lines: [{ code: anna.code.toLowerCase() }],
    });
    return { of, id, order };
  };

  test.each(["the shop first", "Stripe first"])(
    "is one order, %s, and a refund that both tell of counts once",
    async (first) => {
      const { of, id, order } = told();
      const stripe = () => ok(checkout.tell(event("checkout.session.completed", session(of), of.at)));
      const shop = () => ok(woo.tell("order.created", order));
      for (const tell of first === "the shop first" ? [shop, stripe] : [stripe, shop]) await tell();
      await world.settle();
      const one = await orderOf(id);
      expect(one.externalIds).toEqual(expect.arrayContaining([`order_${id}`, of.session, of.paymentIntent]));
      expect((await listOrders(world.ctx(), { externalId: of.session })).items.map((each) => each.id)).toEqual([
        one.id,
      ]);
      await ok(checkout.tell(event("refund.created", refund(of, 5_355), of.at)));
      await ok(
        woo.tell("order.updated", {
          ...order,
          date_modified_gmt: "2026-06-16T09:00:00",
          refunds: [wooRefund("-53.55")],
        }),
      );
      expect(await orderOf(id)).toMatchObject({ status: "partly_refunded", refundedMinor: 5_355 });
    },
  );
});

describe("in any order of arrival, doubled, and with losses that are sent again", () => {
  /** Everything that a Shopify order with its two refunds sends, in the order in which it happened. */
  function shopifyStory(id: number): [topic: string, body: Json][] {
    const at = (minute: number) => new Date(Date.UTC(2026, 5, 15, 9, minute)).toISOString();
    const some = { id, ...nobody, ...byCode() };
    const first = shopifyRefund({
      id: id + 1,
      order_id: id,
      refund_line_items: [refundLine(4_250, 808)],
      transactions: [refundTransaction(5_058)],
    });
    const second = shopifyRefund({
      id: id + 2,
      order_id: id,
      refund_line_items: [],
      order_adjustments: [],
      transactions: [refundTransaction(1_071)],
    });
    return [
      ["orders/create", shopifyOrder({ ...some, financial_status: "pending", updated_at: at(0) })],
      ["orders/paid", shopifyOrder({ ...some, updated_at: at(1) })],
      ["orders/updated", shopifyOrder({ ...some, updated_at: at(1) })],
      ["refunds/create", first],
      [
        "orders/updated",
        shopifyOrder({ ...some, updated_at: at(2), financial_status: "partially_refunded", refunds: [first] }),
      ],
      ["refunds/create", second],
      [
        "orders/updated",
        shopifyOrder({ ...some, updated_at: at(3), financial_status: "partially_refunded", refunds: [first, second] }),
      ],
    ];
  }
  /** The same for WooCommerce, where a refund is taken back in the end. */
  function wooStory(id: number): [topic: string, body: Json][] {
    const at = (minute: number) => new Date(Date.UTC(2026, 5, 15, 9, minute)).toISOString().slice(0, 19);
    const some = { id, billing: {}, meta_data: [], coupon_lines: [{ code: anna.code.toLowerCase() }] };
    const [a, b] = [wooRefund("-50.58", { id: id + 1 }), wooRefund("-10.71", { id: id + 2 })];
    return [
      ["order.created", wooOrder({ ...some, status: "pending", date_paid_gmt: null, date_modified_gmt: at(0) })],
      ["order.updated", wooOrder({ ...some, date_modified_gmt: at(1) })],
      ["order.updated", wooOrder({ ...some, date_modified_gmt: at(2), refunds: [a] })],
      ["order.updated", wooOrder({ ...some, date_modified_gmt: at(3), refunds: [a, b] })],
      ["order.updated", wooOrder({ ...some, date_modified_gmt: at(4), refunds: [b] })],
      ["order.updated", wooOrder({ ...some, date_modified_gmt: at(5), status: "completed", refunds: [b] })],
    ];
  }

  test.each<[string, () => ShopUnderTest, (id: number) => [string, Json][], Json, Json]>([
    // By its lines 42.50, and a tenth of 85.00 for the second: 51.00 of the base, rounded up.
    [
      "Shopify",
      () => shopify,
      shopifyStory,
      { status: "partly_refunded", refundedMinor: 6_129 },
      { earnedMinor: 850, reversedMinor: 510 },
    ],
    [
      "WooCommerce",
      () => woo,
      wooStory,
      { status: "partly_refunded", refundedMinor: 1_071 },
      { earnedMinor: 850, reversedMinor: 85 },
    ],
  ])(
    "%s ends the same, and as the rules say",
    async (_name, of, story, expected, commission) => {
      const runs = fc.sample(fc.array(fc.nat(99), { minLength: 0, maxLength: 16 }), { numRuns: 25, seed: 7 });
      const wrong: unknown[] = [];
      await each(runs, async (picks) => {
        const id = nextId() * 10;
        const events = story(id);
        // Any of them at first, in any order and number; then all of them once more, the last ones first.
        const order = [...picks.map((pick) => pick % events.length), ...events.keys()].map((at, n) =>
          n < picks.length ? at : events.length - 1 - at,
        );
        for (const at of order) await ok(of().tell(...events[at]!));
        const { status, refundedMinor, commission: found } = await orderOf(id);
        const { earnedMinor, reversedMinor } = found!;
        if (
          JSON.stringify([
            { status, refundedMinor },
            { earnedMinor, reversedMinor },
          ]) !== JSON.stringify([expected, commission])
        )
          wrong.push({ order, status, refundedMinor, earnedMinor, reversedMinor });
      });
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  test("an order that is called off before it was paid earns nothing; one that is restored earns again", async () => {
    const [a, b] = [nextId(), nextId()];
    const off = {
      id: a,
      ...nobody,
      ...byCode(),
      financial_status: "voided",
      cancelled_at: "2026-06-16T09:00:00Z",
      updated_at: "2026-06-16T09:00:00Z",
    };
    await ok(shopify.tell("orders/cancelled", shopifyOrder(off)));
    await ok(
      shopify.tell(
        "orders/create",
        shopifyOrder({ ...off, financial_status: "pending", cancelled_at: null, updated_at: "2026-06-15T09:00:00Z" }),
      ),
    );
    expect(await orderOf(a)).toMatchObject({ status: "void", commission: null });

    const sale = wooOrder({ id: b, billing: {}, meta_data: [], coupon_lines: [{ code: anna.code.toLowerCase() }] });
    await ok(woo.tell("order.created", sale));
    await ok(woo.tell("order.deleted", { id: b }));
    expect(await orderOf(b)).toMatchObject({ status: "void", commission: { earnedMinor: 850, reversedMinor: 850 } });
    world.clock.advance(60_000);
    await ok(woo.tell("order.restored", { ...sale, status: "processing", customer_note: "restored" }));
    expect(await orderOf(b)).toMatchObject({ status: "paid", commission: { earnedMinor: 850, reversedMinor: 0 } });
  });
});

describe("what the shop is asked for", () => {
  test("the order of a refund that came alone, once it has waited", async () => {
    const id = nextId();
    const order = shopifyOrder({ id, ...nobody, ...byCode() });
    await ok(shopify.tell("refunds/create", shopifyRefund({ id: nextId(), order_id: id })));
    world.shops.shopify.pages.push([
      { id: String(id), type: "orders/updated", rawBody: Buffer.from(JSON.stringify(order)) },
    ]);
    expect(await orderOf(id)).toBeUndefined();
    world.clock.advance(2 * 3_600_000);
    expect(await sweepParked(world.ctx())).toBeGreaterThan(0);
    expect(await orderOf(id)).toMatchObject({
      refundedMinor: 10_115,
      commission: { earnedMinor: 850, reversedMinor: 850 },
    });
  });

  test("an order whose webhook was too large to keep", async () => {
    const id = nextId();
    const order = wooOrder({ id, billing: {}, coupon_lines: [{ code: anna.code }], meta_data: [] });
    const notes = randomBytes(500_000).toString("base64");
    world.shops.woocommerce.pages.push([
      { id: String(id), type: "order.updated", rawBody: Buffer.from(JSON.stringify(order)) },
    ]);
    await ok(woo.tell("order.created", { ...order, customer_note: notes }));
    await world.settle();
    expect(await orderOf(id)).toMatchObject({ status: "paid", commission: { earnedMinor: 850 } });
  });

  test("an order at Shopify that was too large to keep, and could not be decided at once", async () => {
    const [id, back] = [nextId(), nextId()];
    const large = { note: randomBytes(500_000).toString("base64") };
    const refund = shopifyRefund({ id: back, order_id: id });
    const stands = shopifyOrder({ id, ...nobody, ...byCode(), refunds: [refund] });
    world.shops.shopify.pages.push([
      { id: String(id), type: "orders/updated", rawBody: Buffer.from(JSON.stringify(stands)) },
    ]);
    // The engine does not take what would decide them, and goes on as if nothing had been.
    const { client } = world.table;
    world.table.client = wrapped(world.table, (call, send) =>
      call.name === "TransactWrite" ? Promise.reject(refused()) : send(),
    ).client;
    await ok(shopify.tell("orders/paid", shopifyOrder({ id, ...nobody, ...byCode(), ...large })));
    await ok(shopify.tell("refunds/create", { ...refund, ...large }));
    world.table.client = client;
    expect(await orderOf(id)).toBeUndefined();
    await world.settle();
    expect(await orderOf(id)).toMatchObject({
      refundedMinor: 10_115,
      commission: { earnedMinor: 850, reversedMinor: 850 },
    });
  });
});

test("amounts of other currencies are theirs to the last unit", async () => {
  const [yen, dinar] = [nextId(), nextId()];
  const set = (minor: number, currency: string) => moneySet(minor, currency);
  await ok(
    shopify.tell(
      "orders/paid",
      shopifyOrder({
        id: yen,
        ...nobody,
        ...byCode(),
        currency: "JPY",
        line_items: [],
        subtotal_price_set: set(12_345, "JPY"),
        total_price_set: set(13_580, "JPY"),
        shipping_lines: [],
      }),
    ),
  );
  expect(await orderOf(yen)).toMatchObject({
    currency: "JPY",
    grossMinor: 13_580,
    baseMinor: 12_345,
    commission: { earnedMinor: 1_235 },
  });
  await ok(
    woo.tell(
      "order.created",
      wooOrder({
        id: dinar,
        billing: {},
        meta_data: [],
        currency: "KWD",
        total: "12.345",
        line_items: [wooLine({ total: "10.005", subtotal: "10.005" })],
        coupon_lines: [{ code: anna.code }],
      }),
    ),
  );
  expect(await orderOf(dinar)).toMatchObject({
    currency: "KWD",
    grossMinor: 12_345,
    baseMinor: 10_005,
    commission: { earnedMinor: 1_001 },
  });
  const accounts = await accountsOf(world.table, anna.id);
  expect(balancesOf(accounts.find((each) => each.currency === "JPY")!)).toMatchObject({ pendingMinor: 1_235 });
});
