import { serve } from "@hono/node-server";
import { connect, disconnect, get, renewWebhook } from "@laurel/core/connection";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { createStaff } from "@laurel/core/person";
import { createWebhook } from "@laurel/functions/webhook/app.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as Events from "../../../core/src/event/index.ts";
import { openWorld, type World } from "../../testing/index.ts";
import { freePort } from "../port.ts";
import { openStandIn } from "./testing.ts";

/* The real SDK, the stand-in over HTTP and the real receiver: what an owner's key sets in motion, to the first event. */

const key = "rk_test_shop00000001";
let world: World;
let stripe: Awaited<ReturnType<typeof openStandIn>>;
let server: ReturnType<typeof serve>;
beforeAll(async () => {
  const port = await freePort();
  world = await openWorld({ publicOrigin: `http://127.0.0.1:${port}`, programMaxAgeMs: 0 });
  stripe = await openStandIn();
  const { secrets } = world.ctx().gateways;
  Object.assign(world.stripe, createStripeGateway({ secrets, apiBase: stripe.apiBase }));
  server = serve({ fetch: createWebhook(world.runtime).fetch, hostname: "127.0.0.1", port });
});
afterAll(async () => {
  server?.close();
  await stripe?.close();
  await world?.close();
});

/** A purchase on Stripe's own page; its events are delivered and answered when this ends. */
async function buy(): Promise<void> {
  const sdk = stripe.sdk(key);
  const session = await sdk.checkout.sessions.create({
    mode: "payment",
    success_url: "https://shop.example/thanks",
    line_items: [{ price_data: { currency: "eur", unit_amount: 4200, product_data: { name: "Tea" } }, quantity: 1 }],
  });
  const { requestId } = await stripe.standIn.complete(key, session.id);
  const told = await stripe.standIn.deliveriesOf(key, requestId);
  expect(told.flatMap(({ attempts }) => attempts.map(({ status }) => status))).not.toContain(400);
}

test("an account is connected by its key, its purchases arrive and count, also while the webhook is renewed, and then no more", async () => {
  const personId = await createStaff(world.ctx(), { email: "o@example.com", name: "Olga", roles: ["owner"] });
  const owner = world.ctx({ ...world.staff("owner"), personId });
  const processed = async () => {
    await world.settle();
    const { items } = await Events.list(owner, { status: "processed" });
    return items.filter(({ connectionId, type }) => connectionId === id && type === "checkout.session.completed")
      .length;
  };

  const { id } = await connect(owner, { provider: "stripe", apiKey: key });
  await world.settle();
  expect(await get(owner, id)).toMatchObject({ state: "active", name: "Demo shop", lastEventAt: null });
  await buy();
  expect(await processed()).toBe(1);
  expect((await get(owner, id)).lastEventAt).not.toBeNull();

  await renewWebhook(owner, id);
  await buy();
  expect(await processed()).toBe(2);
  expect(await get(owner, id)).toMatchObject({ webhook: { renewing: false } });
  const endpoints = await stripe.sdk(key).webhookEndpoints.list();
  expect(endpoints.data).toMatchObject([{ url: (await get(owner, id)).webhookUrl, status: "enabled" }]);
  await buy();
  expect(await processed()).toBe(3);

  await disconnect(owner, id);
  await world.settle();
  expect((await stripe.sdk(key).webhookEndpoints.list()).data).toEqual([]);
  await buy();
  expect(await processed()).toBe(3);
});
