import { get as getEvent } from "@laurel/core/event";
import { sha256 } from "@laurel/core/kernel";
import { list as listOrders } from "@laurel/core/order";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  refundTransaction,
  shopifyOrder,
  shopifyRefund,
} from "../../packages/core/src/gateway/shopify/samples.testing.ts";
import { wooLine, wooOrder, wooRefund } from "../../packages/core/src/gateway/woocommerce/samples.testing.ts";
import { dump } from "../../packages/local/src/dump.ts";
import { ambassador, type TestAmbassador } from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { clientSecrets, openShops, type ShopUnderTest } from "../../packages/local/testing/shops.ts";
import { createWebhook } from "./app.ts";

/* Hostile and malformed webhooks of shops: the exact answer of each, and what it leaves behind. */

type Json = Record<string, unknown>;

let world: World;
let shopify: ShopUnderTest;
let woo: ShopUnderTest;
let anna: TestAmbassador;
let made = 0;
const nextId = () => 5_390_000_000_000 + ++made;

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
  ({ shopify, woo } = await openShops(world));
  anna = await ambassador(world, "Anna Muster");
  // Nothing is left of how she came in.
  world.clock.advance(20 * 60_000);
  // That a connection was heard of, and refused something, is noted once a minute.
  for (const of of [shopify, woo]) {
    await of.post("{}", of.headers("unknown", "{}"));
    await of.post("{}", of.headers("unknown", "{ }"));
  }
});
afterAll(() => world.close());

const code = () => ({ discount_applications: [{ type: "discount_code", code: anna.code.toLowerCase() }] });
const coupon = () => ({ coupon_lines: [{ id: 1, code: anna.code.toLowerCase() }] });
/** A sale by code that no other test has told of. */
const shopifySale = (more: Json = {}): Json =>
  shopifyOrder({ id: nextId(), ...code(), landing_site: "/", email: "", contact_email: null, customer: null, ...more });
const wooSale = (more: Json = {}): Json => wooOrder({ id: nextId(), ...coupon(), meta_data: [], billing: {}, ...more });

/** Which items a request made or changed. Nothing partial can hide from it. */
async function changes(act: () => Promise<Response>): Promise<{ response: Response; touched: string[] }> {
  const before = new Set(await dump(world.table));
  const response = await act();
  const touched = (await dump(world.table))
    .filter((line) => !before.has(line))
    .map((line) => {
      const { pk, sk } = JSON.parse(line) as { pk: string; sk: string };
      return `${pk.split("#")[0]} ${sk.split("#")[0]}`;
    });
  return { response, touched: touched.sort() };
}

const wholeSale = ["ALIAS ALIAS", "AMB ACC", "AMB COM", "AMB LED", "EVT DONE", "EVT IN", "ORDER ORDER"];
const stored = ["EVT DONE", "EVT IN"];

describe("what every address of a webhook refuses", () => {
  const signed = (of: ShopUnderTest, body: string | Uint8Array, topic: string) => ({
    body,
    headers: of.headers(topic, body),
  });
  const cases = (name: string, of: () => ShopUnderTest, topic: string, sale: () => Json) =>
    [
      [`${name} 1: GET`, () => ({ of: of(), method: "GET", body: undefined, headers: {} }), 405],
      [`${name} 1: PUT`, () => ({ of: of(), method: "PUT", ...signed(of(), JSON.stringify(sale()), topic) }), 405],
      [
        `${name} 2: a connection that does not exist`,
        () => ({
          of: of(),
          path: `/webhooks/${of().connection.provider}/con_00000000000000000000000000`,
          ...signed(of(), JSON.stringify(sale()), topic),
        }),
        404,
      ],
      [
        `${name} 2: another provider's address`,
        () => ({
          of: of(),
          path: of().path.replace(/shopify|woocommerce/, "stripe"),
          ...signed(of(), JSON.stringify(sale()), topic),
        }),
        404,
      ],
      [`${name} 3: more than 1 MiB`, () => ({ of: of(), ...signed(of(), " ".repeat(1024 * 1024 + 1), topic) }), 413],
      [`${name} 4: an empty body`, () => ({ of: of(), ...signed(of(), "", topic) }), 400],
      [
        `${name} 6: gzip`,
        () => {
          const { body, headers } = signed(of(), JSON.stringify(sale()), topic);
          return { of: of(), body, headers: { ...headers, "content-encoding": "gzip" } };
        },
        415,
      ],
    ] as [string, () => Attack, number][];

  test.each([
    ...cases("Shopify", () => shopify, "orders/paid", shopifySale),
    ...cases("WooCommerce", () => woo, "order.created", wooSale),
  ])("%s", async (_name, make, status) => {
    const { of, method = "POST", path = of.path, body, headers } = make();
    const app = createWebhook(world.runtime);
    const { response, touched } = await changes(async () =>
      app.request(path, {
        method,
        headers,
        ...(body !== undefined && method !== "GET" ? { body: body as never } : {}),
      }),
    );
    expect([response.status, touched]).toEqual([status, []]);
    expect(await response.json()).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
  });
});

interface Attack {
  of: ShopUnderTest;
  method?: string;
  path?: string;
  body: string | Uint8Array | undefined;
  headers: Record<string, string>;
}

describe("signatures", () => {
  const shopifyBody = () => JSON.stringify(shopifySale());
  const wooBody = () => JSON.stringify(wooSale());
  const hmac = "x-shopify-hmac-sha256";
  const wc = "x-wc-webhook-signature";
  const asHex = (base64: string) => Buffer.from(base64, "base64").toString("hex");

  test.each<[string, () => Attack]>([
    [
      "36: in hex",
      () => {
        const body = shopifyBody();
        return {
          of: shopify,
          body,
          headers: shopify.headers("orders/paid", body, { [hmac]: asHex(shopify.sign(body)) }),
        };
      },
    ],
    [
      "36: too short",
      () => {
        const body = shopifyBody();
        return {
          of: shopify,
          body,
          headers: shopify.headers("orders/paid", body, { [hmac]: shopify.sign(body).slice(0, 20) }),
        };
      },
    ],
    [
      "36: too long",
      () => {
        const body = shopifyBody();
        return {
          of: shopify,
          body,
          headers: shopify.headers("orders/paid", body, { [hmac]: `${shopify.sign(body)}AAAA` }),
        };
      },
    ],
    [
      "36: empty",
      () => {
        const body = shopifyBody();
        return { of: shopify, body, headers: shopify.headers("orders/paid", body, { [hmac]: "" }) };
      },
    ],
    [
      "36: none",
      () => {
        const body = shopifyBody();
        const { [hmac]: _, ...headers } = shopify.headers("orders/paid", body);
        return { of: shopify, body, headers };
      },
    ],
    [
      "36: of another app",
      () => {
        const body = shopifyBody();
        return {
          of: shopify,
          body,
          headers: shopify.headers("orders/paid", body, { [hmac]: shopify.sign(body, "shpss_other") }),
        };
      },
    ],
    [
      "36: of other bytes",
      () => {
        const body = shopifyBody();
        return { of: shopify, body: `${body} `, headers: shopify.headers("orders/paid", body) };
      },
    ],
    [
      "36: of the store's secret",
      () => {
        const body = shopifyBody();
        return { of: shopify, body, headers: shopify.headers("orders/paid", body, { [hmac]: woo.sign(body) }) };
      },
    ],
    [
      "37: of another shop",
      () => {
        const body = shopifyBody();
        return {
          of: shopify,
          body,
          headers: shopify.headers("orders/paid", body, { "x-shopify-shop-domain": "other.myshopify.com" }),
        };
      },
    ],
    [
      "37: of no shop",
      () => {
        const body = shopifyBody();
        const { "x-shopify-shop-domain": _, ...headers } = shopify.headers("orders/paid", body);
        return { of: shopify, body, headers };
      },
    ],
    [
      "38: a request about personal data with a bad signature",
      () => {
        const body = JSON.stringify({ shop_domain: "example.myshopify.com", shop_id: 1 });
        return {
          of: shopify,
          body,
          headers: shopify.headers("shop/redact", body, { [hmac]: shopify.sign(body, "x") }),
        };
      },
    ],
    [
      "39: an order without a signature",
      () => {
        const body = wooBody();
        const { [wc]: _, ...headers } = woo.headers("order.created", body);
        return { of: woo, body, headers };
      },
    ],
    [
      "39: a ping with more in it",
      () => ({
        of: woo,
        body: "webhook_id=1&order=5",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }),
    ],
    ["39: a ping without a number", () => ({ of: woo, body: "webhook_id=", headers: {} })],
    ["39: a ping that is JSON", () => ({ of: woo, body: '{"webhook_id":1}', headers: {} })],
    ["39: a ping at Shopify's address", () => ({ of: shopify, body: "webhook_id=1", headers: {} })],
    [
      "Woo: in hex",
      () => {
        const body = wooBody();
        return { of: woo, body, headers: woo.headers("order.created", body, { [wc]: asHex(woo.sign(body)) }) };
      },
    ],
    [
      "Woo: of another secret",
      () => {
        const body = wooBody();
        return { of: woo, body, headers: woo.headers("order.created", body, { [wc]: woo.sign(body, "another") }) };
      },
    ],
    ["Woo: a ping with a bad signature", () => ({ of: woo, body: "webhook_id=1", headers: { [wc]: "AAAA" } })],
  ])("%s: 401, and nothing is written", async (_name, make) => {
    const { of, body, headers } = make();
    const { response, touched } = await changes(() => of.post(body!, headers));
    expect([response.status, touched]).toEqual([401, []]);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
  });

  test("the secret that was current until now still holds", async () => {
    const body = shopifyBody();
    const headers = shopify.headers("orders/paid", body, { [hmac]: shopify.sign(body, clientSecrets[1]) });
    const { response, touched } = await changes(() => shopify.post(body, headers));
    expect([response.status, touched]).toEqual([200, wholeSale]);
  });

  test("39: an unsigned ping is answered with exactly 200, and has no effect", async () => {
    for (const id of ["1", "12345678901234567890"]) {
      const ping = { "content-type": "application/x-www-form-urlencoded", "user-agent": "WooCommerce/11.0.0 Hookshot" };
      const { response, touched } = await changes(() => woo.post(`webhook_id=${id}`, ping));
      expect([response.status, touched]).toEqual([200, []]);
    }
  });
});

test.each<[string, string, Json]>([
  [
    "38: to erase a buyer, for a shop that never had the app",
    "customers/redact",
    { customer: null, orders_to_redact: [] },
  ],
  ["38: to erase a buyer, without a word on orders", "customers/redact", { customer: null }],
  ["38: to tell of a buyer, without one", "customers/data_request", {}],
  ["38: to erase a shop that never had the app", "shop/redact", {}],
])("%s: 200, recorded, and nothing else is touched", async (_name, topic, body) => {
  const text = JSON.stringify({ shop_id: 77, shop_domain: "never.myshopify.com", ...body });
  const elsewhere = { "x-shopify-shop-domain": "never.myshopify.com" };
  const { response, touched } = await changes(() => shopify.post(text, shopify.headers(topic, text, elsewhere)));
  expect(response.status).toBe(200);
  // That somebody asked, and what became of it; the buyer's address is not kept with it.
  expect(touched.map((what) => what.replace(/ \d.*/, ""))).toEqual(["AUDIT", "EVT DONE", "PRIVACY REQUEST"]);
  await world.settle();
});

type Status = "processed" | "ignored" | "unprocessable";

describe("signed, stored, answered with 200, and without effect", () => {
  const deep = () => `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
  test.each<
    [string, () => { of: ShopUnderTest; topic: string; body: unknown; headers?: Record<string, string> }, Status]
  >([
    ["7: 5,000 deep", () => ({ of: shopify, topic: "orders/paid", body: deep() }), "unprocessable"],
    ["7: 5,000 deep, Woo", () => ({ of: woo, topic: "order.created", body: deep() }), "unprocessable"],
    ["17: null", () => ({ of: shopify, topic: "orders/paid", body: "null" }), "unprocessable"],
    ["17: a list, Woo", () => ({ of: woo, topic: "order.created", body: "[]" }), "unprocessable"],
    ["18: broken JSON", () => ({ of: shopify, topic: "orders/paid", body: '{"id":' }), "unprocessable"],
    ["18: broken JSON, Woo", () => ({ of: woo, topic: "order.created", body: '{"id":' }), "unprocessable"],
    ["20: an unknown topic", () => ({ of: shopify, topic: "orders/teleported", body: shopifySale() }), "ignored"],
    ["20: a topic of products", () => ({ of: shopify, topic: "products/update", body: { id: 1 } }), "ignored"],
    ["20: another resource, Woo", () => ({ of: woo, topic: "customer.created", body: { id: 1 } }), "ignored"],
    ["20: a topic of rubbish", () => ({ of: shopify, topic: "<b>x</b>", body: shopifySale() }), "ignored"],
    ["21: a test order", () => ({ of: shopify, topic: "orders/paid", body: shopifySale({ test: true }) }), "ignored"],
    [
      "22: of another shop that has the app",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: shopifySale({ order_status_url: "https://shop.example/999/orders/x/authenticate" }),
      }),
      "unprocessable",
    ],
    [
      "26: a total as a list",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: shopifySale({ total_price_set: null, total_price: ["1.00"] }),
      }),
      "unprocessable",
    ],
    [
      "26: a negative total",
      () => ({ of: shopify, topic: "orders/paid", body: shopifySale({ total_price_set: null, total_price: "-1.00" }) }),
      "unprocessable",
    ],
    [
      "26: a refund with separators",
      () => ({
        of: shopify,
        topic: "refunds/create",
        body: shopifyRefund({ order_id: nextId(), transactions: [refundTransaction(1, { amount: "1,000.00" })] }),
      }),
      "unprocessable",
    ],
    [
      "27: no currency",
      () => ({ of: shopify, topic: "orders/paid", body: shopifySale({ currency: null }) }),
      "unprocessable",
    ],
    [
      "27: a currency that is none, Woo",
      () => ({ of: woo, topic: "order.created", body: wooSale({ currency: "ZZZ" }) }),
      "unprocessable",
    ],
    [
      "37: an order under the topic of refunds",
      () => ({ of: shopify, topic: "refunds/create", body: shopifySale() }),
      "unprocessable",
    ],
    [
      "37: a refund under the topic of orders",
      () => ({ of: shopify, topic: "orders/paid", body: shopifyRefund({ order_id: nextId() }) }),
      "unprocessable",
    ],
    [
      "37: an order under the topic of erasure",
      () => ({ of: shopify, topic: "customers/redact", body: shopifySale() }),
      "unprocessable",
    ],
    [
      "37: an order under the topic of erasing the shop",
      () => ({ of: shopify, topic: "shop/redact", body: shopifySale() }),
      "unprocessable",
    ],
    [
      "37: an order under the topic of leaving",
      () => ({ of: shopify, topic: "app/uninstalled", body: shopifySale() }),
      "unprocessable",
    ],
    [
      "40: an id above what is exact",
      () => ({
        of: woo,
        topic: "order.created",
        body: JSON.stringify(wooSale()).replace(/"id":\d+/, '"id":9007199254740993'),
      }),
      "unprocessable",
    ],
    [
      "40: a total with separators",
      () => ({ of: woo, topic: "order.created", body: wooSale({ total: "1,234.50" }) }),
      "unprocessable",
    ],
    [
      "40: a total that is no number",
      () => ({ of: woo, topic: "order.created", body: wooSale({ total: "NaN" }) }),
      "unprocessable",
    ],
    ["40: an empty total", () => ({ of: woo, topic: "order.created", body: wooSale({ total: "" }) }), "unprocessable"],
    [
      "40: a refund that is positive",
      () => ({ of: woo, topic: "order.updated", body: wooSale({ refunds: [wooRefund("10.00")] }) }),
      "unprocessable",
    ],
    [
      "40: a line that is no number",
      () => ({ of: woo, topic: "order.created", body: wooSale({ line_items: [wooLine({ total: "" })] }) }),
      "unprocessable",
    ],
    [
      "an order that was never known is deleted under rubbish, Woo",
      () => ({ of: woo, topic: "order.deleted", body: { id: -1 } }),
      "unprocessable",
    ],
  ])("%s", async (_name, make, status) => {
    const { of, topic, body, headers = {} } = make();
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { response, touched } = await changes(() => of.post(text, of.headers(topic, text, headers)));
    expect([response.status, touched]).toEqual([200, stored]);
    const done = (await dump(world.table))
      .map((line) => JSON.parse(line))
      .find((item) => item.sk === "DONE" && item.connectionId === of.connection.id && item.hash === sha256(text));
    expect([done?.status, done?.orderId]).toEqual([status, undefined]);
    const shown = await getEvent(world.ctx(), `${done.connectionId}~${done.eventId}`);
    expect(shown).toMatchObject({ status, orderId: null, provider: of.connection.provider });
    expect(JSON.stringify({ ...shown, payload: null })).not.toMatch(/<b>|anna@example/);
  });
});

describe("taken as the sale that it is", () => {
  test.each<[string, () => { of: ShopUnderTest; topic: string; body: unknown; headers?: Record<string, string> }]>([
    ["Shopify's", () => ({ of: shopify, topic: "orders/paid", body: shopifySale() })],
    ["Woo's", () => ({ of: woo, topic: "order.created", body: wooSale() })],
    ["37: under another topic of orders", () => ({ of: shopify, topic: "orders/updated", body: shopifySale() })],
    [
      "7: 5,000 deep inside a note",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: JSON.stringify(shopifySale()).replace('"note":null', `"note":${"[".repeat(5000)}${"]".repeat(5000)}`),
      }),
    ],
    [
      "29: notes of 10 kB, SQL, HTML and an emoji",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: shopifySale({
          note_attributes: [
            { name: "laurel_click", value: "x".repeat(10_000) },
            { name: "laurel_click", value: "'; DROP TABLE x; --<script>\r\n\u0000🙂" },
          ],
        }),
      }),
    ],
    [
      "29: the same in Woo's meta",
      () => ({
        of: woo,
        topic: "order.created",
        body: wooSale({ meta_data: [{ key: "_laurel_click", value: "'; DROP TABLE x; --<script>\r\n\u0000🙂" }] }),
      }),
    ],
    [
      "30: __proto__ and constructor",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: JSON.stringify(shopifySale()).replace(
          /^\{/,
          '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
        ),
      }),
    ],
    [
      "30: __proto__ and constructor, Woo",
      () => ({
        of: woo,
        topic: "order.created",
        body: JSON.stringify(wooSale()).replace(/^\{/, '{"__proto__":{"polluted":1,"total":"0.01"},'),
      }),
    ],
    [
      "without ids of its delivery",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: shopifySale(),
        headers: { "x-shopify-webhook-id": "", "x-shopify-event-id": "" },
      }),
    ],
    [
      "with ids of rubbish",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: shopifySale(),
        headers: { "x-shopify-webhook-id": "a#b~c", "x-shopify-event-id": "../.." },
      }),
    ],
    [
      "of a shop in another case",
      () => ({
        of: shopify,
        topic: "orders/paid",
        body: shopifySale(),
        headers: { "x-shopify-shop-domain": "Example.MyShopify.com" },
      }),
    ],
  ])("%s", async (_name, make) => {
    const { of, topic, body, headers = {} } = make();
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { response, touched } = await changes(() => of.post(text, of.headers(topic, text, headers)));
    expect([response.status, touched]).toEqual([200, wholeSale]);
    expect(({} as Json).polluted).toBeUndefined();
    expect((await dump(world.table)).some((line) => /DROP TABLE|xxxxxxxxxx/.test(line))).toBe(false);
  });
});

describe("what is told more than once", () => {
  const whole = () => world.ctx();
  const orderOf = async (id: unknown) => (await listOrders(whole(), { externalId: `order_${id}` })).items[0];

  test("25: one delivery fifty times at once is one sale", async () => {
    const sale = shopifySale();
    const body = JSON.stringify(sale);
    const headers = shopify.headers("orders/paid", body);
    const answers = await Promise.all(Array.from({ length: 50 }, () => shopify.post(body, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    await world.settle();
    expect(await orderOf(sale.id)).toMatchObject({ status: "paid", commission: { earnedMinor: 850 } });
  });

  test("25: one order under all of its topics, each with its own delivery, is one sale", async () => {
    const sale = shopifySale();
    const event = { "x-shopify-event-id": "98880550-7158-44d4-b7cd-2c97c8a091b5" };
    for (const topic of ["orders/create", "orders/paid", "orders/updated"])
      expect((await shopify.tell(topic, sale, event)).status).toBe(200);
    expect(await orderOf(sale.id)).toMatchObject({ status: "paid", commission: { earnedMinor: 850 } });
  });

  test("23: the same delivery's id with another body: the first one counts, and the inbox says so", async () => {
    const sale = shopifySale();
    const id = { "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043" };
    await shopify.tell("orders/paid", sale, id);
    const { response, touched } = await changes(() =>
      shopify.tell(
        "orders/paid",
        { ...sale, total_price: "1.00", total_price_set: null, subtotal_price: "1.00", subtotal_price_set: null },
        id,
      ),
    );
    expect([response.status, touched]).toEqual([200, ["EVT IN"]]);
    expect(await getEvent(whole(), `${shopify.connection.id}~${id["x-shopify-webhook-id"]}`)).toMatchObject({
      outcome: expect.stringContaining("Another body"),
    });
    expect(await orderOf(sale.id)).toMatchObject({ commission: { earnedMinor: 850 } });
  });

  test("two Woo orders of one second, which share their delivery's id, are two sales", async () => {
    const [a, b] = [wooSale(), wooSale()];
    const answers = await Promise.all([woo.tell("order.created", a), woo.tell("order.created", b)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const { id } of [a, b])
      expect(await orderOf(id)).toMatchObject({ status: "paid", commission: { earnedMinor: 850 } });
  });

  test("a Woo order that is told again with the same content is one event", async () => {
    const sale = wooSale();
    await woo.tell("order.created", sale);
    const { response, touched } = await changes(() =>
      woo.tell("order.updated", { ...sale, _links: { self: [{ href: "https://shop.example" }] } }),
    );
    expect([response.status, touched]).toEqual([200, []]);
  });

  test("31: more refunded than paid is cut to what was paid; another currency changes nothing", async () => {
    const sale = shopifySale();
    await shopify.tell("orders/paid", sale);
    const back = (more: Json) =>
      shopifyRefund({
        order_id: sale.id,
        refund_line_items: [],
        order_adjustments: [],
        total_duties_set: null,
        ...more,
      });
    await shopify.tell(
      "refunds/create",
      back({ id: nextId(), transactions: [refundTransaction(500, { currency: "USD" })] }),
    );
    expect(await orderOf(sale.id)).toMatchObject({ status: "paid", refundedMinor: 0 });
    await shopify.tell("refunds/create", back({ id: nextId(), transactions: [refundTransaction(999_999)] }));
    expect(await orderOf(sale.id)).toMatchObject({
      status: "refunded",
      refundedMinor: 10_710,
      commission: { reversedMinor: 850 },
    });
  });

  test("32: a refund before its order waits, and the order takes it in", async () => {
    const sale = shopifySale();
    const refund = shopifyRefund({ id: nextId(), order_id: sale.id });
    const { response, touched } = await changes(() => shopify.tell("refunds/create", refund));
    expect([response.status, touched]).toEqual([200, ["ALIAS ALIAS", "ALIAS PARKED", ...stored]]);
    await shopify.tell("orders/paid", sale);
    expect(await orderOf(sale.id)).toMatchObject({
      status: "partly_refunded",
      refundedMinor: 10_115,
      commission: { earnedMinor: 850, reversedMinor: 850 },
    });
  });
});

test("nothing of all this was a surprise to us", () => {
  expect(world.logs.filter((each) => each.level === "error")).toEqual([]);
});
