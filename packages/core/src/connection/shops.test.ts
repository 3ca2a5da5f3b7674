import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { createWebhook } from "@laurel/functions/webhook/app.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signShopify } from "../../../local/src/shopify/index.ts";
import {
  clientSecret,
  domain,
  openShopify,
  openWoo,
  serveApp,
  storeUrl,
  token,
  wooKey,
} from "../../../local/src/shops/testing.ts";
import { ambassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { findCode } from "../code/index.ts";
import { sweepEffects } from "../effect-runner/index.ts";
import { sweepJobs } from "../job-runner/index.ts";
import type { Context } from "../kernel/index.ts";
import { list as listOrders } from "../order/index.ts";
import { list as listRequests } from "../privacy/index.ts";
import { connect, disconnect, get, list, renewWebhook } from "./index.ts";

let world: World;
let owner: Context;
let closing: (() => Promise<unknown>)[];
beforeEach(async () => {
  closing = [];
  // The webhooks' address has to be known before the world that it belongs to.
  const held: { fetch?: (request: Request) => Response | Promise<Response> } = {};
  const door = await serveApp({ fetch: (request) => held.fetch?.(request) ?? new Response("", { status: 503 }) });
  world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z", publicOrigin: door.url });
  closing.push(door.close, () => world.close());
  const app = createWebhook(world.runtime);
  held.fetch = (request) => app.fetch(request);
  owner = world.ctx(world.staff("owner"));
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

const shopifyInput = { provider: "shopify" as const, shopUrl: domain, apiKey: token, clientSecret };
const [consumerKey = "", consumerSecret = ""] = wooKey.split(":");
const wooInput = { provider: "woocommerce" as const, shopUrl: storeUrl, consumerKey, consumerSecret };
const lines = [{ title: "Shoes", name: "Shoes", priceMinor: 10_000, quantity: 1 }];
const { secrets } = { secrets: () => world.ctx().gateways.secrets };

/** What a world's store answers for a connection of which it keeps nothing. */
const nothing = () => ({ apiKey: "sk_test_laurel", webhookSecrets: world.webhookSecrets });

async function openBoth() {
  const now = world.clock.now;
  const [shopify, woo] = await Promise.all([openShopify({ now }), openWoo({ now })]);
  closing.push(shopify.close, woo.close);
  Object.assign(world.shops.shopify, createShopifyGateway({ secrets: secrets(), apiBase: shopify.apiBase }));
  Object.assign(world.shops.woocommerce, createWooCommerceGateway({ secrets: secrets(), apiBase: woo.apiBase }));
  return { shopify: shopify.standIn, woo: woo.standIn };
}
async function finish(): Promise<void> {
  await world.settle();
  // The codes wait until every process knows the connection.
  world.clock.advance(40_000);
  await sweepJobs(world.ctx(), Date.now() + 10_000);
  await world.settle();
}

describe.each(["shopify", "woocommerce"] as const)("%s", (provider) => {
  const input = provider === "shopify" ? shopifyInput : wooInput;

  test("is connected by its keys: webhooks are made, the codes that there are are put there, and a sale is a sale", async () => {
    const { shopify, woo } = await openBoth();
    const anna = await ambassador(world, "Anna Muster");
    const begun = await connect(owner, { ...input, name: "Our shop" });
    expect(begun).toMatchObject({
      provider,
      name: "Our shop",
      state: "connecting",
      livemode: true,
      keyEnds: (provider === "shopify" ? token : consumerKey).slice(-4),
    });
    expect(JSON.stringify(begun)).not.toContain(provider === "shopify" ? clientSecret : consumerSecret);
    await finish();
    expect(await get(owner, begun.id)).toMatchObject({
      state: "active",
      problem: null,
      webhook: { renewing: false, outdated: false },
    });
    expect((await findCode(world.ctx(), anna.code))!).toMatchObject({
      state: "active",
      promotionCodes: { [begun.id]: expect.any(String) },
    });

    const id =
      provider === "shopify"
        ? shopify.placeOrder(domain, { lines, code: anna.code }).id
        : woo.placeOrder(storeUrl, { lines, coupon: anna.code }).id;
    await Promise.all([shopify.settled(), woo.settled()]);
    expect((await listOrders(world.ctx(), { externalId: `order_${id}` })).items).toMatchObject([
      {
        connectionId: begun.id,
        status: "paid",
        attribution: { ambassadorId: anna.id },
        commission: { earnedMinor: 850 },
      },
    ]);
  });

  test("is renewed without losing a webhook, and left with nothing behind", async () => {
    const { shopify, woo } = await openBoth();
    const { id } = await connect(owner, input);
    await finish();
    await renewWebhook(owner, id);
    await finish();
    expect(await get(owner, id)).toMatchObject({ state: "active", problem: null });
    const hooks = () => (provider === "shopify" ? shopify.hooks(domain) : woo.hooks(storeUrl));
    expect(hooks()).toHaveLength(provider === "shopify" ? 6 : 4);
    const order = () =>
      provider === "shopify" ? shopify.placeOrder(domain, { lines }).id : woo.placeOrder(storeUrl, { lines }).id;
    const sold = order();
    await Promise.all([shopify.settled(), woo.settled()]);
    expect((await listOrders(world.ctx(), { externalId: `order_${sold}` })).items).toHaveLength(1);
    await disconnect(owner, id);
    await finish();
    // Shopify asks for the erasure of buyers once the app is gone: what proves that stays, and opens nothing.
    const left = { shopify: { apiKey: "deleted", webhookSecrets: [clientSecret] }, woocommerce: nothing() };
    expect([hooks(), await secrets().latestOfConnection(id)]).toEqual([[], left[provider]]);
    expect((await list(owner)).items.find((each) => each.id === id)?.state).toBe("disconnected");
    // Entered again, it is the connection that it was.
    expect((await connect(owner, input)).id).toBe(id);
  });

  test("goes on with keys that are entered anew, and takes for a day what the former secret signs", async () => {
    const { shopify, woo } = await openBoth();
    const { id } = await connect(owner, input);
    await finish();
    const before = (await secrets().latestOfConnection(id))!.webhookSecrets;
    const rolled = provider === "shopify" ? { ...shopifyInput, clientSecret: "shpss_rolled_rolled" } : input;
    expect(await connect(owner, rolled)).toMatchObject({ id, state: "active", webhook: { renewing: true } });
    await finish();
    expect(await get(owner, id)).toMatchObject({ state: "active", problem: null, webhook: { renewing: false } });
    const { webhookSecrets } = (await secrets().latestOfConnection(id))!;
    expect(webhookSecrets[0]).not.toBe(before[0]);
    expect(webhookSecrets).toContain(before[0]);
    if (provider === "shopify") {
      const sold = shopify.placeOrder(domain, { lines }).id;
      await shopify.settled();
      expect((await listOrders(world.ctx(), { externalId: `order_${sold}` })).items).toHaveLength(1);
    } else expect(woo.hooks(storeUrl)).toHaveLength(4);
    world.clock.advance(25 * 3_600_000);
    await sweepEffects(world.ctx());
    expect((await secrets().latestOfConnection(id))!.webhookSecrets).toEqual([webhookSecrets[0]]);
  });

  test("a key that opens nothing is refused, and nothing is kept", async () => {
    await openBoth();
    const wrong =
      provider === "shopify"
        ? { ...shopifyInput, apiKey: "shpat_wrong_wrong" }
        : { ...wooInput, consumerSecret: "cs_wrong_wrong" };
    await expect(connect(owner, wrong)).rejects.toMatchObject({ kind: "rejected" });
    expect((await list(owner)).items).toHaveLength(1);
  });
});

test("a key that may do too little is refused with what it lacks", async () => {
  const { shopify } = await openBoth();
  shopify.shops()[0]!.scopes = ["read_orders"];
  await expect(connect(owner, shopifyInput)).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("write_discounts"),
  });
});

test("a shop names the Stripe account that takes its money; what is none is refused", async () => {
  await openBoth();
  await expect(connect(owner, { ...wooInput, stripeConnectionId: world.newId("connection") })).rejects.toMatchObject({
    kind: "invalid",
  });
  const { id } = await connect(owner, { ...wooInput, stripeConnectionId: world.program.connectionId });
  const { connections } = await world.ctx().program({ maxAgeMs: 0 });
  expect(connections.find((each) => each.id === id)?.stripeNamespace).toBe("stripe_test");
});

test("a shop that was disconnected is heard when it asks about its buyers, and in nothing else; once it is erased, not at all", async () => {
  const { shopify } = await openBoth();
  const { id } = await connect(owner, shopifyInput);
  await finish();
  const order = shopify.placeOrder(domain, { lines, email: "bea@example.com" });
  await shopify.settled();
  await disconnect(owner, id);
  await finish();
  const app = createWebhook(world.runtime);
  const tell = async (topic: string, told: object, signedBy = clientSecret): Promise<number> => {
    const body = JSON.stringify({ shop_id: shopify.shops()[0]!.shopId, shop_domain: domain, ...told });
    const headers = {
      "x-shopify-topic": topic,
      "x-shopify-hmac-sha256": signShopify(body, signedBy),
      "x-shopify-shop-domain": domain,
      "x-shopify-webhook-id": `${topic.replace("/", "-")}-1`,
    };
    const { status } = await app.request(`/webhooks/shopify/${id}`, { method: "POST", body, headers });
    await world.settle();
    return status;
  };
  const buyer = { customer: { id: 7, email: "bea@example.com" } };
  expect(await tell("orders/paid", order)).toBe(404);
  expect(await tell("customers/redact", { ...buyer, orders_to_redact: [order.id] }, "shpss_of_a_stranger")).toBe(401);
  expect(await tell("customers/redact", { ...buyer, orders_to_redact: [order.id] })).toBe(200);
  const requests = async () => (await listRequests(owner)).items;
  expect(await requests()).toMatchObject([{ request: "erase_customer", state: "done", counts: { orders: 1 } }]);
  expect(await tell("shop/redact", {})).toBe(200);
  expect(await requests()).toContainEqual(expect.objectContaining({ request: "erase_shop", state: "done" }));
  expect(await secrets().latestOfConnection(id)).toEqual(nothing());
  expect(await tell("shop/redact", {})).toBe(404);
  // Entered again, it is the connection that it was.
  expect((await connect(owner, shopifyInput)).id).toBe(id);
});

test("an app that is uninstalled ends its connection; installed and connected again it goes on", async () => {
  const { shopify } = await openBoth();
  const { id } = await connect(owner, shopifyInput);
  await finish();
  world.clock.advance(3_600_000);
  shopify.uninstall(domain);
  await shopify.settled();
  expect(await get(owner, id)).toMatchObject({ state: "disconnected" });
  await sweepEffects(world.ctx());
  shopify.shops()[0]!.token = token;
  expect((await connect(owner, shopifyInput)).id).toBe(id);
  await finish();
  expect(await get(owner, id)).toMatchObject({ state: "active" });
});
