import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { afterEach, beforeEach, expect, test } from "vitest";
import { apiBases, demoDomain, demoStoreUrl } from "./names.ts";
import { createShopsRoom, type ShopsRoom } from "./room.ts";
import { openReceiver, secretsOf, serveApp, shopifyConnection, wooConnection } from "./testing.ts";

let folder: string;
let room: ShopsRoom;
const log = { info: () => {}, warn: () => {}, error: () => {} };
const open = () => createShopsRoom({ folder, origin: "http://localhost:4747", now: () => new Date(), log });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "laurel-shops-"));
  room = open();
});
afterEach(async () => {
  await room.close();
  rmSync(folder, { recursive: true });
});

const page = async () => (await room.app.request("/local/shops")).text();
const post = (path: string, fields: Record<string, string> = {}) =>
  room.app.request(`/local/shops/${path}`, { method: "POST", body: new URLSearchParams(fields) });
const keys = () => JSON.parse(readFileSync(join(folder, "shops.json"), "utf8"));

test("nothing is opened before somebody asks, and what opens the shops is this user's alone", async () => {
  room.resume();
  await room.close();
  expect(existsSync(join(folder, "shops.json"))).toBe(false);
  room = open();
  const text = await page();
  expect(text).toContain(keys().shopify.token);
  expect(statSync(join(folder, "shops.json")).mode & 0o777).toBe(0o600);
  const before = keys();
  await room.close();
  room = open();
  room.resume();
  expect(await page()).toContain(before.woocommerce.apiKey.split(":")[1]);
  expect(keys()).toEqual(before);
});

test("both answer to Laurel below this machine's address", async () => {
  await page();
  const server = await serveApp(room.app);
  const bases = apiBases(server.url);
  const shopify = createShopifyGateway({ secrets: secretsOf(keys().shopify.token, ""), apiBase: bases.shopify });
  const woo = createWooCommerceGateway({
    secrets: secretsOf(keys().woocommerce.apiKey, ""),
    apiBase: bases.woocommerce,
  });
  expect(await shopify.check({ shopUrl: demoDomain, apiKey: keys().shopify.token })).toMatchObject({
    name: "Demo shop",
    missingRights: [],
  });
  expect(await woo.check({ shopUrl: demoStoreUrl, apiKey: keys().woocommerce.apiKey })).toMatchObject({
    name: "Demo store",
    missingRights: [],
  });
  const receiver = await openReceiver();
  await shopify.ensureWebhooks({ shopUrl: `https://${demoDomain}`, apiKey: keys().shopify.token }, receiver.url, "");
  await woo.ensureWebhooks({ shopUrl: demoStoreUrl, apiKey: keys().woocommerce.apiKey }, receiver.url, "s");
  for (const kind of ["shopify", "woocommerce"])
    expect((await post(`${kind}/orders`, { price: "50.00" })).status).toBe(303);
  expect(receiver.topics().filter(Boolean).sort()).toEqual(["order.created", "orders/create", "orders/paid"]);
  const here = { ...shopifyConnection, shopUrl: `https://${demoDomain}` };
  const [order] = (await shopify.listOrdersSince(here, new Date(0))).orders;
  expect(await shopify.getOrder(here, order!.id)).toEqual(order);
  const there = { ...wooConnection, shopUrl: demoStoreUrl };
  const bin = await woo.listOrdersSince(there, new Date(0));
  const [sold] = (await woo.listOrdersSince(there, new Date(0), bin.next)).orders;
  expect(await woo.getOrder(there, sold!.id)).toEqual(sold);
  expect([
    await shopify.getOrder(here, "1"),
    await woo.getOrder(there, "1"),
    await woo.getOrder(there, "../coupons"),
  ]).toEqual([undefined, undefined, undefined]);
  await Promise.all([server.close(), receiver.close()]);
});

test("a person orders, pays, pays back and calls off; what cannot be done is told", async () => {
  expect((await post("shopify/orders", { price: "much" })).status).toBe(422);
  await post("shopify/orders", { price: "50.00", pending: "yes", code: "NONE", email: "casey@example.com" });
  await post("woocommerce/orders", { price: "50,00" });
  let text = await page();
  expect(text).toMatch(/#1001[\s\S]*pending/);
  const ids = [...text.matchAll(/orders\/(\d+)\/cancel/g)].map(([, id]) => id);
  await post(`shopify/orders/${ids[0]}/pay`);
  await post(`shopify/orders/${ids[0]}/refund`);
  await post(`woocommerce/orders/${ids[1]}/cancel`);
  text = await page();
  expect(text).toMatch(/partially refunded[\s\S]*cancelled/);
  const none = await post("woocommerce/orders/99/refund");
  expect([none.status, await none.text()]).toEqual([422, expect.stringContaining("There is no order 99")]);
});
