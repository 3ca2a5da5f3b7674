import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dump } from "../../../local/src/dump.ts";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { openShops, type ShopUnderTest } from "../../../local/testing/shops.ts";
import { list as listAudit } from "../audit/index.ts";
import { get as getEvent, replay } from "../event/index.ts";
import { refundTransaction, shopifyOrder, shopifyRefund } from "../gateway/shopify/samples.testing.ts";
import { emailKey } from "../kernel/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { list as listOrders, take } from "../order/index.ts";
import { getItem } from "../table/index.ts";
import { ExportEntity, PrivacyEntity } from "./privacy.entity.ts";
import { exported, list } from "./privacy.ops.ts";

type Json = Record<string, unknown>;

let world: World;
let shopify: ShopUnderTest;
let woo: ShopUnderTest;
let anna: TestAmbassador;
let made = 0;
const nextId = () => 5_392_000_000_000 + ++made;

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
  ({ shopify, woo } = await openShops(world, { stripeNamespace: "stripe_test" }));
  anna = await ambassador(world, "Anna Muster");
});
afterAll(async () => {
  expect(world.logs.filter((each) => each.level === "error")).toEqual([]);
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const key = (email: string) => emailKey(world.ctx().keys, email);
/** A sale by code to a buyer, told by two webhooks, with a refund. */
async function bought(email: string): Promise<number> {
  const id = nextId();
  const order = shopifyOrder({
    id,
    email,
    contact_email: email,
    customer: { id: 77, email, first_name: "Bea" },
    landing_site: "/",
    discount_applications: [{ type: "discount_code", code: anna.code }],
  });
  await shopify.tell("orders/create", { ...order, financial_status: "pending" });
  await shopify.tell("orders/paid", order);
  await shopify.tell("refunds/create", shopifyRefund({ id: id + 1_000_000, order_id: id }));
  return id;
}
const orderOf = async (id: number) => (await listOrders(world.ctx(), { externalId: `order_${id}` })).items[0]!;
const ask = async (topic: string, body: Json): Promise<string> => {
  const event = `${shopify.connection.id}~${topic.replace("/", "-")}-${++made}`.slice(0, 90);
  const answer = await shopify.tell(
    topic,
    { shop_id: 548380009, shop_domain: "example.myshopify.com", ...body },
    { "x-shopify-webhook-id": event.split("~")[1]!.replace("_", "-") },
  );
  expect(answer.status).toBe(200);
  await world.settle();
  return `${shopify.connection.id}~${event.split("~")[1]!.replace("_", "-")}`;
};
const requestOf = async (id: string) =>
  (await list(world.ctx(world.staff("owner")))).items.find((each) => each.id === id);
/** Everywhere that an address, a name or the keyed hash of the address stands. */
const traces = async (email: string, more: string[] = []): Promise<string[]> =>
  (await dump(world.table)).filter((line) => [email, key(email), ...more].some((trace) => line.includes(trace)));
const bodies = async (id: number): Promise<number> => {
  const order = (await dump(world.table))
    .map((line) => JSON.parse(line))
    .find((item) => item.sk === "ORDER" && item.aliases.includes(`order_${id}`));
  const there = await Promise.all(
    (order.eventIds as string[]).map((event) =>
      getItem(world.table, { pk: `EVT#${event.replace("~", "#")}`, sk: "IN" }),
    ),
  );
  return there.filter((item) => item !== undefined).length;
};

test("hand-written keys are the entities'", () => {
  const at = { table: "t" };
  expect(PrivacyEntity.get({ id: "con_1~evt_1" }).params(at).Key).toEqual({ pk: "PRIVACY#con_1~evt_1", sk: "REQUEST" });
  expect(ExportEntity.get({ id: "con_1~evt_1", part: 2 }).params(at).Key.sk).toMatch(/^EXPORT#/);
});

describe("a buyer asks for erasure", () => {
  test("the hash and the bodies of their orders' webhooks go; money, and whose the sale was, stays", async () => {
    const id = await bought("bea@example.com");
    const other = await bought("carl@example.com");
    const before = await orderOf(id);
    expect(before).toMatchObject({ status: "partly_refunded", commission: { earnedMinor: 850, reversedMinor: 850 } });
    expect([await bodies(id), (await traces("bea@example.com")).length > 0]).toEqual([3, true]);

    const request = await ask("customers/redact", {
      customer: { id: 77, email: "bea@example.com" },
      orders_to_redact: [id],
    });
    expect(await requestOf(request)).toMatchObject({
      request: "erase_customer",
      state: "done",
      counts: { orders: 1, customers: 1, bodies: 3 },
    });
    expect((await getItem(world.table, { pk: `PRIVACY#${request}`, sk: "REQUEST" }))?.customerKey).toBeUndefined();
    expect([await traces("bea@example.com"), await bodies(id)]).toEqual([[], 0]);
    expect(await getItem(world.table, { pk: `EVT#${request.replace("~", "#")}`, sk: "IN" })).toBeUndefined();
    expect(await orderOf(id)).toEqual(before);
    // Nobody else is touched.
    expect([await bodies(other), (await traces("carl@example.com")).length > 0]).toEqual([3, true]);

    const { items } = await listAudit(world.ctx(world.staff("owner")), { subject: request });
    expect(items.map(({ action }) => action).sort()).toEqual(["privacy.erased", "privacy.requested"]);
    expect(items.find(({ action }) => action === "privacy.erased")?.after).toEqual({
      orders: 1,
      customers: 1,
      bodies: 3,
    });
    expect(JSON.stringify(items)).not.toMatch(/bea@|Bea/);
    expect((await getEvent(world.ctx(), request)).payload).toBeNull();
  });

  test("told again, or run twice at once, it changes nothing more", async () => {
    const id = await bought("dora@example.com");
    const body = { customer: { id: 77, email: "dora@example.com" }, orders_to_redact: [id] };
    await Promise.all([ask("customers/redact", body), ask("customers/redact", body), ask("customers/redact", body)]);
    await ask("customers/redact", body);
    expect([await traces("dora@example.com"), await bodies(id)]).toEqual([[], 0]);
    expect(await orderOf(id)).toMatchObject({ commission: { earnedMinor: 850, reversedMinor: 850 } });
  });

  test("a webhook that comes later finds its order, and keeps nothing of the buyer that it does not tell", async () => {
    const id = await bought("emil@example.com");
    await ask("customers/redact", { customer: { email: "emil@example.com" }, orders_to_redact: [id] });
    await shopify.tell(
      "refunds/create",
      shopifyRefund({
        id: nextId(),
        order_id: id,
        refund_line_items: [],
        transactions: [{ id: 1, kind: "refund", status: "success", amount: "1.00", currency: "EUR" }],
      }),
    );
    expect(await orderOf(id)).toMatchObject({ refundedMinor: 10_215 });
    expect(await traces("emil@example.com")).toEqual([]);
  });

  test("the hash goes as well from a sale that Stripe told of first, which turned out to be the same", async () => {
    const { connections } = await world.ctx().program();
    const { outcome } = await take(world.ctx(), {
      connection: connections.find((each) => each.id === world.program.connectionId)!,
      fact: {
        kind: "purchase",
        aliases: ["pi_erased"],
        payment: "paid",
        occurredAt: "2026-06-15T09:00:00Z",
        currency: "EUR",
        grossMinor: 10_710,
        baseLines: [{ label: "Goods", amountMinor: 8_500 }],
        baseMinor: 8_500,
        signals: { promotionCodeIds: [], clickId: null, email: "lena@example.com" },
      },
    });
    world.clock.advance(1_000);
    const id = await bought("lena@example.com");
    const transactions = [refundTransaction(100, { authorization: "pi_erased" })];
    await shopify.tell("refunds/create", shopifyRefund({ id: nextId(), order_id: id, transactions }));
    expect((await orderOf(id)).id).toBe(outcome?.orderId);
    await ask("customers/redact", { customer: { email: "lena@example.com" }, orders_to_redact: [id] });
    expect(await traces("lena@example.com")).toEqual([]);
  });

  test.each<[string, Json]>([
    ["no customer", { customer: null, orders_to_redact: [] }],
    ["no orders", { customer: { email: "nobody@example.com" } }],
    ["orders that nobody knows", { customer: { email: "nobody@example.com" }, orders_to_redact: [1, 2, 3] }],
    [
      "a shop that was never connected",
      { shop_domain: "other.myshopify.com", customer: { email: "nobody@example.com" }, orders_to_redact: [1] },
    ],
  ])("with %s it is recorded", async (_name, body) => {
    const request = await ask("customers/redact", body);
    expect(await requestOf(request)).toMatchObject({
      state: "done",
      counts: { orders: 0, customers: 0, bodies: 0 },
      outcome: expect.any(String),
    });
    expect(await traces("nobody@example.com")).toEqual([]);
  });

  test("a shop that was never connected erases nothing of this one, though it names its orders and buyers", async () => {
    const id = await bought("frida@example.com");
    await ask("customers/redact", {
      shop_domain: "other.myshopify.com",
      customer: { email: "frida@example.com" },
      orders_to_redact: [id],
    });
    await ask("shop/redact", { shop_domain: "other.myshopify.com" });
    expect([await bodies(id), (await traces("frida@example.com")).length > 0]).toEqual([3, true]);
  });
});

describe("a buyer asks what is kept", () => {
  test("it is put together for the owner, and the request's own address goes", async () => {
    const id = await bought("gina@example.com");
    const request = await ask("customers/data_request", {
      customer: { id: 77, email: "gina@example.com", phone: "555" },
      orders_requested: [id, 404],
      data_request: { id: 9999 },
    });
    expect(await requestOf(request)).toMatchObject({
      request: "export",
      reference: "9999",
      state: "done",
      counts: { orders: 1, customers: 1, bodies: 3 },
    });
    const found = (await exported(world.ctx(world.staff("owner")), request)) as unknown as Json & {
      orders: (Json & { webhooks: Json[] })[];
    };
    expect(found).toMatchObject({
      request: "9999",
      shop: "https://example.myshopify.com",
      customers: [{ orderCount: 1, belongsToCode: anna.code }],
      orders: [
        {
          externalIds: [`order_${id}`],
          currency: "EUR",
          grossMinor: 10_710,
          refundedMinor: 10_115,
          code: anna.code,
          knownByHash: key("gina@example.com"),
        },
      ],
    });
    expect(found.orders[0]!.webhooks.map((each) => each.email)).toContain("gina@example.com");
    expect(await getItem(world.table, { pk: `EVT#${request.replace("~", "#")}`, sk: "IN" })).toBeUndefined();
    // What is kept is told, and not erased.
    expect(await bodies(id)).toBe(3);
    await expect(exported(world.ctx(world.staff("manager")), request)).rejects.toMatchObject({ kind: "forbidden" });
    world.clock.advance(31 * 86_400_000);
    await expect(exported(world.ctx(world.staff("owner")), request)).rejects.toMatchObject({ kind: "not_found" });
    world.clock.set("2026-06-20T11:00:00Z");
  });

  test("of a buyer whom nobody knows it says so", async () => {
    const request = await ask("customers/data_request", { customer: null, orders_requested: [] });
    expect(await exported(world.ctx(world.staff("owner")), request)).toMatchObject({ customers: [], orders: [] });
  });
});

test("a shop that left has all of its buyers erased; what was sold elsewhere stays", async () => {
  const ids = [await bought("hugo@example.com"), await bought("hugo@example.com"), await bought("ida@example.com")];
  const elsewhere = nextId();
  const { wooOrder } = await import("../gateway/woocommerce/samples.testing.ts");
  await woo.tell("order.created", wooOrder({ id: elsewhere, billing: { email: "jan@example.com" }, meta_data: [] }));
  await woo.tell("order.created", wooOrder({ id: nextId(), billing: { email: "ida@example.com" }, meta_data: [] }));
  await shopify.tell("products/update", { id: 1, vendor: "kept@example.com" });

  const request = await ask("shop/redact", {});
  for (let rounds = 0; rounds < 5 && (await requestOf(request))?.state !== "done"; rounds++) await world.settle();
  const done = (await requestOf(request))!;
  expect(done).toMatchObject({ request: "erase_shop", state: "done" });
  expect(done.counts.bodies).toBeGreaterThanOrEqual(7);
  const left = (await dump(world.table)).map((line) => JSON.parse(line));
  expect(left.filter((item) => item.sk === "IN" && item.connectionId === shopify.connection.id)).toEqual([]);
  expect(
    left.filter((item) => item.sk === "ORDER" && item.connectionId === shopify.connection.id && item.customerKey),
  ).toEqual([]);
  expect(await traces("hugo@example.com")).toEqual([]);
  for (const id of ids) expect(await orderOf(id)).toMatchObject({ commission: { earnedMinor: 850 } });
  expect(left.filter((item) => item.sk === "IN" && item.connectionId === woo.connection.id)).toHaveLength(2);
  // Who bought at the store too stays known there.
  expect(left.find((item) => item.sk === "CUSTOMER" && item.key === key("ida@example.com"))).toMatchObject({
    orderCount: 2,
  });
});

test("a request can be decided again from the inbox only while its body is there, and is fulfilled once", async () => {
  const request = await ask("customers/redact", { customer: null });
  await expect(replay(world.ctx(world.staff("manager")), request)).rejects.toMatchObject({ code: "event.body_gone" });
});

test("an app that is uninstalled ends the connection; orders and what comes late stay", async () => {
  const id = await bought("kai@example.com");
  // Since when it is connected, and when its settings were changed last: that is not when the app was uninstalled.
  await world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: { pk: "PROGRAM", sk: `CONNECTION#${shopify.connection.id}` },
      UpdateExpression: "SET connectedAt = :at",
      ExpressionAttributeValues: { ":at": "2026-05-01T00:00:00.000Z" },
    }),
  );
  await shopify.tell("app/uninstalled", {
    id: 548380009,
    myshopify_domain: "example.myshopify.com",
    updated_at: "2026-04-01T10:30:00Z",
  });
  const connection = (await world.ctx().program({ maxAgeMs: 0 })).connections.find(
    (each) => each.id === shopify.connection.id,
  );
  expect(connection?.disconnectedAt).toBe(world.ctx().now().toISOString());
  expect(
    (
      await shopify.tell(
        "refunds/create",
        shopifyRefund({
          id: nextId(),
          order_id: id,
          refund_line_items: [],
          transactions: [{ id: 1, kind: "refund", status: "success", amount: "1.00", currency: "EUR" }],
        }),
      )
    ).status,
  ).toBe(200);
  expect(await orderOf(id)).toMatchObject({ refundedMinor: 10_215 });
});
