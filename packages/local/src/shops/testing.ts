import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Connection } from "@laurel/core/connection";
import { createShopifyStandIn, type ShopifyOptions } from "../shopify/index.ts";
import { createWooStandIn, type WooOptions } from "../woocommerce/index.ts";

/** A server on a free port of this machine. */
export async function serveApp(app: { fetch(request: Request): Response | Promise<Response> }) {
  const server = serve({ fetch: (request) => app.fetch(request), hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        (server as unknown as { closeAllConnections(): void }).closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface Received {
  topic: string;
  body: Buffer;
  headers: IncomingMessage["headers"];
}

/** A receiver of webhooks that notes what comes and answers as told. */
export async function openReceiver(answer: (received: Received[]) => number = () => 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { headers } = request;
    const topic = String(headers["x-shopify-topic"] ?? headers["x-wc-webhook-topic"] ?? "");
    received.push({ topic, body: Buffer.concat(parts), headers });
    response.writeHead(answer(received)).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    topics: () => received.map(({ topic }) => topic),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const domain = "example.myshopify.com";
export const token = "shpat_0123456789abcdef";
export const clientSecret = "shpss_0123456789abcdef";
export const storeUrl = "https://shop.example";
export const wooKey = "ck_0123456789abcdef:cs_0123456789abcdef";

export const shopifyConnection: Connection = {
  id: "con_shopify",
  provider: "shopify",
  name: "Shopify",
  livemode: true,
  shopUrl: `https://${domain}`,
  shopId: "548380009",
  namespace: `shopify_${domain}`,
};
export const wooConnection: Connection = {
  id: "con_woo",
  provider: "woocommerce",
  name: "WooCommerce",
  livemode: true,
  shopUrl: storeUrl,
  namespace: "woo_shop.example",
};

export async function openShopify(options: Partial<ShopifyOptions> = {}) {
  const standIn = createShopifyStandIn({
    shops: [
      {
        domain,
        shopId: 548380009,
        name: "Example",
        token,
        clientSecret,
        currency: "EUR",
        scopes: ["read_orders", "write_discounts"],
      },
    ],
    backoffMs: [20],
    ...options,
  });
  const { url, close } = await serveApp(standIn.app);
  return { standIn, apiBase: url, close: () => close().then(() => standIn.close()) };
}

export async function openWoo(options: Partial<WooOptions> = {}) {
  const standIn = createWooStandIn({
    shops: [{ url: storeUrl, name: "Example", apiKey: wooKey, readOnlyKey: "ck_read:cs_read", currency: "EUR" }],
    ...options,
  });
  const { url, close } = await serveApp(standIn.app);
  return { standIn, apiBase: url, close: () => close().then(() => standIn.close()) };
}

/** Keys by connection: those named `locked` are not accepted. */
export const secretsOf = (apiKey: string, locked: string) => {
  const ofConnection = async (id: string) => ({ apiKey: id === "con_locked" ? locked : apiKey, webhookSecrets: [] });
  return { ofConnection, refresh: ofConnection } as never;
};
