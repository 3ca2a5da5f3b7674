import { randomUUID } from "node:crypto";
import { type Connection, ConnectionEntity } from "@laurel/core/connection";
import { transact, write } from "@laurel/core/table";
import { createWebhook } from "@laurel/functions/webhook/app.ts";
import { signShopify } from "../src/shopify/index.ts";
import { signWoo } from "../src/woocommerce/index.ts";
import type { World } from "./index.ts";

type Json = Record<string, unknown>;

export const clientSecrets = ["shpss_test_current", "shpss_test_previous"];
export const wooSecret = "a secret of the store";
export const formerWooSecret = "the secret before it";

/** A shop's webhooks, signed as the shop signs them. */
export interface ShopUnderTest {
  connection: Connection;
  path: string;
  sign(body: string | Uint8Array, secret?: string): string;
  /** The headers of a delivery, signed. */
  headers(topic: string, body: string | Uint8Array, more?: Record<string, string>): Record<string, string>;
  post(body: string | Uint8Array, headers?: Record<string, string>, path?: string): Promise<Response>;
  /** Posts a body under a topic as the shop does. */
  tell(topic: string, body: Json, more?: Record<string, string>): Promise<Response>;
}

/** Connects a Shopify shop and a WooCommerce store to a world. Their codes are kept in memory (`world.shops`). */
export async function openShops(
  world: World,
  more: Partial<Connection> = {},
): Promise<{ shopify: ShopUnderTest; woo: ShopUnderTest }> {
  const base = { livemode: true, version: 1, ...more };
  const shopify: Connection = {
    ...base,
    id: world.newId("connection"),
    provider: "shopify",
    name: "The shop",
    shopUrl: "https://example.myshopify.com",
    shopId: "548380009",
    namespace: "shopify_example.myshopify.com",
  };
  const woo: Connection = {
    ...base,
    id: world.newId("connection"),
    provider: "woocommerce",
    name: "The store",
    shopUrl: "https://shop.example",
    namespace: "woo_shop.example",
  };
  await transact(
    world.table,
    [shopify, woo].map((each) => write.put(each.id, ConnectionEntity.create(each).params({ table: world.table.name }))),
  );
  world.runtime.forgetProgram();
  const { secrets } = world.ctx().gateways;
  await secrets.putConnection(shopify.id, { apiKey: "shpat_test", webhookSecrets: clientSecrets });
  await secrets.putConnection(woo.id, { apiKey: "ck_test:cs_test", webhookSecrets: [wooSecret, formerWooSecret] });
  const app = createWebhook(world.runtime);

  const shop = (connection: Connection, parts: Pick<ShopUnderTest, "sign" | "headers">): ShopUnderTest => {
    const path = `/webhooks/${connection.provider}/${connection.id}`;
    const post: ShopUnderTest["post"] = async (body, headers = {}, to = path) =>
      app.request(to, { method: "POST", body: body as never, headers });
    return {
      connection,
      path,
      ...parts,
      post,
      tell: (topic, told, headers = {}) => {
        const body = JSON.stringify(told);
        return post(body, parts.headers(topic, body, headers));
      },
    };
  };
  const signForShopify: ShopUnderTest["sign"] = (body, secret = clientSecrets[0]!) => signShopify(body, secret);
  const signForWoo: ShopUnderTest["sign"] = (body, secret = wooSecret) => signWoo(body, secret);
  return {
    shopify: shop(shopify, {
      sign: signForShopify,
      headers: (topic, body, headers = {}) => ({
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": "example.myshopify.com",
        "x-shopify-webhook-id": randomUUID(),
        "x-shopify-event-id": randomUUID(),
        "x-shopify-hmac-sha256": signForShopify(body),
        ...headers,
      }),
    }),
    woo: shop(woo, {
      sign: signForWoo,
      headers: (topic, body, headers = {}) => ({
        "content-type": "application/json",
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-signature": signForWoo(body),
        "x-wc-webhook-delivery-id": "the same for all of a second",
        ...headers,
      }),
    }),
  };
}
