import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import Stripe from "stripe";
import { createStripeStandIn, type StandInOptions } from "./index.ts";

export const apiKey = "sk_test_laurel_0123456789";
export const webhookSecret = "whsec_laurel_test";

export interface Received {
  event: Stripe.Event;
  body: string;
  headers: IncomingMessage["headers"];
}

/** A receiver of webhooks that notes what comes and answers as told. */
export async function openReceiver(answer: (event: Stripe.Event, times: number) => number = () => 200) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const event = JSON.parse(body) as Stripe.Event;
    received.push({ event, body, headers: request.headers });
    const status = answer(event, received.filter((each) => each.event.id === event.id).length);
    response
      .writeHead(status, { "content-type": "application/json", ...(status === 302 ? { location: "/elsewhere" } : {}) })
      .end(`{"status":${status}}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe/con_test`;
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url, received, close, typesOf: () => received.map(({ event }) => event.type).sort() };
}

export type StripeSdk = Stripe;

/** The official SDK, pointed at a stand-in that is served there. */
export function sdkAt(address: string, key = apiKey): StripeSdk {
  const { hostname, port } = new URL(address);
  return new Stripe(key, { host: hostname, port: Number(port), protocol: "http", telemetry: false });
}

/** The stand-in on a free port, with the official SDK pointed at it. */
export async function openStandIn(options: Partial<StandInOptions> & { webhookUrl?: string } = {}) {
  const { webhookUrl, ...more } = options;
  const webhooks = webhookUrl ? [{ url: webhookUrl, secrets: [webhookSecret] }] : [];
  const standIn = createStripeStandIn({ accounts: [{ apiKey, webhooks }], backoffMs: [30, 60], ...more });
  const server = serve({ fetch: standIn.app.fetch, hostname: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sdk = (key = apiKey, settings: Partial<ConstructorParameters<typeof Stripe>[1]> = {}) =>
    new Stripe(key, { host: "127.0.0.1", port, protocol: "http", telemetry: false, maxNetworkRetries: 0, ...settings });
  return {
    standIn,
    sdk,
    stripe: sdk(),
    apiBase: `http://127.0.0.1:${port}`,
    async close() {
      await new Promise((resolve) => {
        (server as unknown as { closeAllConnections(): void }).closeAllConnections();
        server.close(resolve);
      });
      await standIn.close();
    },
  };
}
