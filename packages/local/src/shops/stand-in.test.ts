import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { factOf } from "@laurel/core/event/translate.ts";
import { isSignedBase64 } from "@laurel/core/gateway/checkout";
import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import type { AppError } from "@laurel/core/kernel";
import { describe, expect, test } from "vitest";
import {
  clientSecret,
  domain,
  openReceiver,
  openShopify,
  openWoo,
  secretsOf,
  shopifyConnection,
  storeUrl,
  token,
  wooConnection,
  wooKey,
} from "./testing.ts";

const refusal = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => expect.fail("it should have been refused"),
    (error) => error as AppError,
  );
const lines = [{ title: "Shoes", name: "Shoes", priceMinor: 10_000, quantity: 1 }];
const until = async (what: () => boolean): Promise<void> => {
  for (let tries = 0; !what() && tries < 200; tries++) await new Promise((done) => setTimeout(done, 10));
  expect(what()).toBe(true);
};

describe("Shopify", () => {
  const shopUrl = `https://${domain}`;
  async function open(answer?: Parameters<typeof openReceiver>[0], options: Parameters<typeof openShopify>[0] = {}) {
    const receiver = await openReceiver(answer);
    const opened = await openShopify(options);
    const gateway = createShopifyGateway({ secrets: secretsOf(token, ""), apiBase: opened.apiBase });
    const access = { shopUrl, apiKey: token };
    return { ...opened, receiver, gateway, access, close: () => Promise.all([opened.close(), receiver.close()]) };
  }

  test("is connected by its token, which tells the shop and what the app may do", async () => {
    const { gateway, access, standIn, close } = await open();
    expect(await gateway.check(access)).toEqual({
      name: "Example",
      shopUrl,
      shopId: "548380009",
      livemode: true,
      namespace: "shopify_example.myshopify.com",
      currency: "EUR",
      missingRights: [],
    });
    expect((await gateway.check({ ...access, shopUrl: "Example" })).shopUrl).toBe(shopUrl);
    standIn.shops()[0]!.scopes = ["write_orders"];
    expect((await gateway.check(access)).missingRights).toEqual(["write_discounts"]);
    await close();
  });

  test.each<[string, string, string, string]>([
    ["a token that is none", shopUrl, "shpat_nobody", "shopify.http_401"],
    ["another shop's token", "https://other.myshopify.com", token, "shopify.other_shop"],
  ])("%s is a definite no", async (_name, address, apiKey, code) => {
    const { gateway, close } = await open();
    expect(await refusal(gateway.check({ shopUrl: address, apiKey }))).toMatchObject({ kind: "rejected", code });
    await close();
  });

  test.each([
    "https://shop.example",
    "https://example.myshopify.com.evil.example",
    "https://evil.example/example.myshopify.com",
    "https://example.myshopify.com:8443",
    "https://example.myshopify.com/admin",
    "http://example.myshopify.com",
    "https://a@example.myshopify.com",
    "127.0.0.1",
    "-.myshopify.com",
  ])("%s is no shop's address, and nobody is asked", async (address) => {
    const { gateway, close } = await open();
    expect(await refusal(gateway.check({ shopUrl: address, apiKey: token }))).toMatchObject({ kind: "invalid" });
    await close();
  });

  test("webhooks are asked for once, however often, and ended", async () => {
    const { gateway, access, standIn, receiver, close } = await open();
    await Promise.all([
      gateway.ensureWebhooks(access, receiver.url, ""),
      gateway.ensureWebhooks(access, receiver.url, ""),
    ]);
    await gateway.ensureWebhooks(access, receiver.url, "");
    expect(
      standIn
        .hooks(domain)
        .map((hook) => hook.topic)
        .sort(),
    ).toEqual([
      "APP_UNINSTALLED",
      "ORDERS_CANCELLED",
      "ORDERS_CREATE",
      "ORDERS_PAID",
      "ORDERS_UPDATED",
      "REFUNDS_CREATE",
    ]);
    await gateway.removeWebhooks(access, "https://elsewhere.example/hook");
    expect(standIn.hooks(domain)).toHaveLength(6);
    await gateway.removeWebhooks(access, receiver.url);
    expect(standIn.hooks(domain)).toEqual([]);
    await close();
  });

  test("a sale is signed, and told by each of its topics as one action", async () => {
    const { gateway, access, standIn, receiver, close } = await open();
    await gateway.ensureWebhooks(access, receiver.url, "");
    standIn.placeOrder(domain, { lines, email: "casey@example.com" });
    await standIn.settled();
    expect(receiver.topics().sort()).toEqual(["orders/create", "orders/paid"]);
    for (const { body, headers } of receiver.received) {
      expect(isSignedBase64(body, headers["x-shopify-hmac-sha256"] as string, [clientSecret])).toBe(true);
      expect(headers["x-shopify-shop-domain"]).toBe(domain);
    }
    const [a, b] = receiver.received.map(({ headers }) => headers);
    expect(a!["x-shopify-event-id"]).toBe(b!["x-shopify-event-id"]);
    expect(a!["x-shopify-webhook-id"]).not.toBe(b!["x-shopify-webhook-id"]);
    await close();
  });

  test("what is not taken is sent again, as the same delivery; after eight failures the subscription is gone", async () => {
    let taken = false;
    const { gateway, access, standIn, receiver, close } = await open(() => (taken ? 200 : 503), { backoffMs: [5] });
    await gateway.ensureWebhooks(access, receiver.url, "");
    standIn.start();
    standIn.placeOrder(domain, { lines, paid: false });
    await until(() => receiver.received.length >= 3);
    taken = true;
    await until(() => standIn.deliveries(domain).every((each) => each.nextAtMs === null));
    expect(new Set(receiver.received.map(({ headers }) => headers["x-shopify-webhook-id"])).size).toBe(1);
    expect(standIn.hooks(domain)).toHaveLength(6);
    taken = false;
    standIn.placeOrder(domain, { lines, paid: false });
    await until(() => standIn.hooks(domain).length === 5);
    await close();
  });

  test("orders that changed are listed page by page, and say what their webhooks said", async () => {
    let clock = Date.parse("2026-06-15T10:00:00Z");
    const tick = () => {
      clock += 1000;
      return clock;
    };
    const { gateway, access, standIn, receiver, close } = await open(undefined, {
      now: () => new Date(tick()),
    });
    await gateway.ensureWebhooks(access, receiver.url, "");
    await gateway.createCode(shopifyConnection, {
      code: "ANNA15",
      offer: { id: "x", name: "Spring", percentOff: 15 },
      metadata: { laurel_code: "ANNA15" },
      idempotencyKey: "k",
    });
    for (let n = 0; n < 60; n++)
      standIn.placeOrder(domain, { lines, code: "anna15", email: "casey@example.com", paid: n % 2 === 0 });
    const refunded = standIn.orders(domain)[0]!.id;
    standIn.refund(domain, refunded, 5_000);
    standIn.cancelOrder(domain, standIn.orders(domain)[1]!.id);
    await standIn.settled();

    const first = await gateway.listOrdersSince(shopifyConnection, new Date("2026-06-15T10:00:00Z"));
    expect(first.orders).toHaveLength(50);
    const second = await gateway.listOrdersSince(shopifyConnection, new Date("2026-06-15T10:00:00Z"), first.next);
    expect([second.orders.length, second.next]).toEqual([10, undefined]);
    const receivedAt = new Date("2026-07-01T10:00:00Z");
    const told = new Map<string, unknown>();
    for (const { topic, body } of receiver.received)
      if (topic !== "refunds/create") {
        const { id, updated_at } = JSON.parse(body.toString()) as { id: number; updated_at: string };
        told.set(
          `${id} ${updated_at}`,
          factOf(shopifyConnection, { type: topic, rawBody: body, receivedAt }, receivedAt),
        );
      }
    for (const { type, rawBody } of [...first.orders, ...second.orders]) {
      const { id, updated_at } = JSON.parse(Buffer.from(rawBody).toString()) as { id: number; updated_at: string };
      const fact = factOf(shopifyConnection, { type, rawBody, receivedAt }, receivedAt);
      expect(fact.kind).not.toBe("unprocessable");
      expect(fact).toEqual(told.get(`${id} ${updated_at}`));
    }
    expect((await gateway.listOrdersSince(shopifyConnection, new Date(clock + 1000))).orders).toEqual([]);
    await close();
  });

  test("an app that was uninstalled says so, and its token opens nothing more", async () => {
    const { gateway, access, standIn, receiver, close } = await open();
    await gateway.ensureWebhooks(access, receiver.url, "");
    standIn.uninstall(domain);
    await standIn.settled();
    expect(receiver.topics()).toEqual(["app/uninstalled"]);
    expect(await refusal(gateway.check(access))).toMatchObject({ code: "shopify.http_401" });
    await close();
  });

  test("what it keeps outlives it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "laurel-shopify-"));
    const one = await openShopify({ dir });
    one.standIn.placeOrder(domain, { lines });
    await one.close();
    const two = await openShopify({ dir });
    expect(two.standIn.orders(domain)).toHaveLength(1);
    await two.close();
    rmSync(dir, { recursive: true });
  });
});

describe("WooCommerce", () => {
  async function open(answer?: Parameters<typeof openReceiver>[0], options: Parameters<typeof openWoo>[0] = {}) {
    const receiver = await openReceiver(answer);
    const opened = await openWoo(options);
    const gateway = createWooCommerceGateway({ secrets: secretsOf(wooKey, ""), apiBase: opened.apiBase });
    const access = { shopUrl: storeUrl, apiKey: wooKey };
    return { ...opened, receiver, gateway, access, close: () => Promise.all([opened.close(), receiver.close()]) };
  }
  const orderHooks = ({ received }: { received: { topic: string }[] }) => received.filter(({ topic }) => topic !== "");

  test("is connected by its key, which tells the store and what it may not do", async () => {
    const { gateway, access, close } = await open();
    expect(await gateway.check(access)).toEqual({
      name: "Example",
      shopUrl: storeUrl,
      livemode: true,
      namespace: "woo_shop.example",
      currency: "EUR",
      missingRights: [],
    });
    expect((await gateway.check({ ...access, shopUrl: "shop.example/wp-admin/" })).shopUrl).toBe(storeUrl);
    expect(await refusal(gateway.check({ ...access, apiKey: "ck_x:cs_x" }))).toMatchObject({
      kind: "rejected",
      code: "woocommerce.access_denied",
    });
    const readOnly = { ...access, apiKey: "ck_read:cs_read" };
    expect((await gateway.check(readOnly)).missingRights).toEqual([]);
    expect(await refusal(gateway.ensureWebhooks(readOnly, "https://laurel.example/hook", "s"))).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("Read/Write"),
    });
    await close();
  });

  test("without a stand-in a store must be on the open internet and answer by https", async () => {
    const gateway = createWooCommerceGateway({ secrets: secretsOf(wooKey, "") });
    for (const shopUrl of ["http://shop.example", "https://u:p@shop.example", "https://localhost", "https://[::1]"])
      expect(await refusal(gateway.check({ shopUrl, apiKey: wooKey }))).toMatchObject({ kind: "invalid" });
    for (const shopUrl of [
      "https://127.0.0.1",

      "https://10.0.0.1/store",

      "https://169.254.169.254",
    ])
      expect(await refusal(gateway.check({ shopUrl, apiKey: wooKey })), shopUrl).toMatchObject({
        kind: "rejected",
        code: "woocommerce.address",
      });
  });

  test.each<[string, { status: number; body?: string; headers?: Record<string, string> }, string]>([
    ["a page instead of an answer", { status: 200, body: "<html>Hello</html>" }, "woocommerce.no_api"],
    ["a redirect", { status: 301, headers: { location: "https://www.shop.example/" } }, "woocommerce.redirect"],
    ["a firewall", { status: 403, body: "<html>Forbidden</html>" }, "woocommerce.no_api"],
  ])("%s is a definite no, in words", async (_name, how, code) => {
    const { gateway, standIn, close } = await open();
    standIn.faults.push({ matches: () => true, answer: "refuse", times: 9, ...how });
    expect(await refusal(gateway.findCode(wooConnection, "ANNA15"))).toMatchObject({ kind: "rejected", code });
    await close();
  });

  test("hooks are made once, asked whether somebody is there, given our secret, and revived", async () => {
    const { gateway, access, standIn, receiver, close } = await open();
    await gateway.ensureWebhooks(access, receiver.url, "first");
    await gateway.ensureWebhooks(access, receiver.url, "second");
    expect(standIn.hooks(storeUrl).map(({ topic, secret, status }) => [topic, secret, status])).toEqual(
      ["order.created", "order.updated", "order.deleted", "order.restored"].map((topic) => [topic, "second", "active"]),
    );
    expect(standIn.pings).toEqual([200, 200, 200, 200]);
    expect(receiver.received.map(({ body }) => body.toString())).toEqual(
      standIn.hooks(storeUrl).map(({ id }) => `webhook_id=${id}`),
    );
    expect(receiver.received.every(({ headers }) => headers["x-wc-webhook-signature"] === undefined)).toBe(true);
    await gateway.removeWebhooks(access, receiver.url);
    expect(standIn.hooks(storeUrl)).toEqual([]);
    await close();
  });

  test("a sale is signed and told once; what is not taken is never sent again, and after five failures the hook is off", async () => {
    const { gateway, access, standIn, receiver, close } = await open(() => 500);
    await gateway.ensureWebhooks(access, receiver.url, "our secret");
    standIn.start();
    for (let n = 0; n < 8; n++) {
      standIn.placeOrder(storeUrl, { lines });
      await standIn.settled();
    }
    expect(orderHooks(receiver)).toHaveLength(6);
    for (const { body, headers } of receiver.received.filter(({ topic }) => topic !== ""))
      expect(isSignedBase64(body, headers["x-wc-webhook-signature"] as string, ["our secret"])).toBe(true);
    expect(standIn.hooks(storeUrl).find(({ topic }) => topic === "order.created")?.status).toBe("disabled");
    await gateway.ensureWebhooks(access, receiver.url, "our secret");
    expect(standIn.hooks(storeUrl).every(({ status }) => status === "active")).toBe(true);
    await close();
  });

  test("orders that changed are listed, and say what their webhooks said; the bytes need not be the same", async () => {
    let clock = Date.parse("2026-06-15T10:00:00Z");
    const { gateway, access, standIn, receiver, close } = await open(undefined, { now: () => new Date(clock) });
    await gateway.ensureWebhooks(access, receiver.url, "s");
    await gateway.createCode(wooConnection, {
      code: "ANNA15",
      offer: { id: "x", name: "Spring", percentOff: 15 },
      metadata: {},
      idempotencyKey: "k",
    });
    for (let n = 0; n < 250; n++) {
      // Many of them within one second.
      if (n % 120 === 0) clock += 1000;
      standIn.placeOrder(storeUrl, { lines, coupon: "ANNA15", email: "casey@example.com", paid: n % 2 === 0 });
    }
    clock += 1000;
    standIn.refund(storeUrl, standIn.orders(storeUrl)[0]!.id, 500);
    standIn.setStatus(storeUrl, standIn.orders(storeUrl)[1]!.id, "cancelled");
    await standIn.settled();
    const since = new Date("2026-06-15T09:00:00Z");
    const listed = new Map<string, Uint8Array>();
    let next: string | undefined;
    let pages = 0;
    do {
      const page = await gateway.listOrdersSince(wooConnection, since, next);
      for (const { id, rawBody } of page.orders) listed.set(id, rawBody);
      next = page.next;
    } while (next && ++pages < 20);
    expect(listed.size).toBe(250);
    const receivedAt = new Date("2026-07-01T10:00:00Z");
    const told = new Map<string, unknown>();
    for (const { topic, body } of orderHooks(receiver) as typeof receiver.received) {
      const { id, date_modified_gmt } = JSON.parse(body.toString());
      told.set(
        `${id} ${date_modified_gmt}`,
        factOf(wooConnection, { type: topic, rawBody: body, receivedAt }, receivedAt),
      );
    }
    for (const rawBody of listed.values()) {
      const { id, date_modified_gmt } = JSON.parse(Buffer.from(rawBody).toString());
      const fact = factOf(wooConnection, { type: "order.updated", rawBody, receivedAt }, receivedAt);
      expect(fact.kind).toBe("several");
      expect(fact).toEqual(told.get(`${id} ${date_modified_gmt}`));
    }
    expect((await gateway.listOrdersSince(wooConnection, new Date(clock + 1000))).orders).toEqual([]);
    await close();
  });

  test("what is deleted tells its number alone, and what is restored all of it", async () => {
    const { gateway, access, standIn, receiver, close } = await open();
    await gateway.ensureWebhooks(access, receiver.url, "s");
    const { id } = standIn.placeOrder(storeUrl, { lines });
    standIn.trash(storeUrl, id);
    standIn.restore(storeUrl, id);
    await standIn.settled();
    const byTopic = Object.fromEntries(
      (orderHooks(receiver) as typeof receiver.received).map(({ topic, body }) => [topic, JSON.parse(body.toString())]),
    );
    expect(byTopic["order.deleted"]).toEqual({ id });
    expect(byTopic["order.restored"]).toMatchObject({ id, status: "processing" });
    await close();
  });
});
