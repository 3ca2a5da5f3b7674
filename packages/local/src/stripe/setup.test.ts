import { createStripeGateway, stripeEventTypes } from "@laurel/core/gateway/stripe";
import { describe, expect, test } from "vitest";
import { apiKey, openStandIn } from "./testing.ts";

const none = async () => {
  throw new Error("the key is given");
};

/** Runs against the stand-in, and against Stripe's test mode where a key is given. */
function suite(name: string, open: () => Promise<{ key: string; apiBase?: string; close: () => Promise<void> }>) {
  describe(`connecting an account: ${name}`, () => {
    const url = "https://shop.example.com/webhooks/stripe/con_1";
    async function setup() {
      const { key, apiBase, close } = await open();
      const gateway = createStripeGateway({ secrets: { ofConnection: none, refresh: none }, apiBase });
      const stripe = gateway.withKey(key);
      return { stripe, gateway, apiBase, close };
    }

    test("a key tells whose it is", async () => {
      const { stripe, close } = await setup();
      expect(await stripe.account()).toMatchObject({ id: expect.stringMatching(/^acct_\w+$/) });
      await close();
    });

    test("a webhook is made for exactly what is read, tells its secret once, is found again and deleted twice", async () => {
      const { stripe, close } = await setup();
      const connectionId = `con_${Date.now()}`;
      const input = { url, connectionId, idempotencyKey: `test-${connectionId}` };
      const made = await stripe.createWebhook(input);
      expect(made).toMatchObject({ url, connectionId, livemode: false, enabled: true });
      expect(made.secret).toMatch(/^whsec_\w+$/);
      // A lost answer is asked for again.
      expect(await stripe.createWebhook(input)).toEqual(made);
      const ours = async () => (await stripe.webhooks()).filter((each) => each.connectionId === connectionId);
      const { secret: _, ...shown } = made;
      expect(await ours()).toEqual([shown]);
      for (const _ of [1, 2]) await stripe.deleteWebhook(made.id);
      expect(await ours()).toEqual([]);
      await close();
    });

    test("a key that Stripe does not accept is a definite no", async () => {
      const { gateway, close } = await setup();
      const error = await gateway
        .withKey("sk_test_nobody")
        .account()
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ name: "AppError", kind: "rejected" });
      expect(JSON.stringify([error.message, String(error.cause)])).not.toContain("nobody");
      await close();
    });
  });
}

suite("the stand-in", async () => {
  const { apiBase, close } = await openStandIn();
  return { key: apiKey, apiBase, close };
});
const realKey = process.env.STRIPE_TEST_SECRET_KEY;
if (realKey) suite("Stripe, in test mode", async () => ({ key: realKey, close: async () => {} }));

test("the endpoint is told of each kind of event that means something, in the version that is read", async () => {
  const { apiBase, stripe, close } = await openStandIn();
  const gateway = createStripeGateway({ secrets: { ofConnection: none, refresh: none }, apiBase });
  const { id } = await gateway
    .withKey(apiKey)
    .createWebhook({ url: apiBase, connectionId: "con_1", idempotencyKey: "1" });
  const endpoint = await stripe.webhookEndpoints.retrieve(id);
  expect(endpoint).toMatchObject({ enabled_events: stripeEventTypes, api_version: "2026-10-28.endive" });
  expect(stripeEventTypes).toContain("checkout.session.async_payment_succeeded");
  await close();
});

test("keys of further shops open accounts of their own; two keys of one shop share it", async () => {
  const { apiBase, close } = await openStandIn();
  const gateway = createStripeGateway({ secrets: { ofConnection: none, refresh: none }, apiBase });
  const account = async (key: string) => (await gateway.withKey(key).account()).id;
  const first = await account("sk_test_shop00000001");
  expect(await account("rk_test_shop00000001")).toBe(first);
  expect(await account("sk_test_shop00000002")).not.toBe(first);
  expect(await account(apiKey)).not.toBe(first);
  await close();
});

/** A Stripe that forbids, as it does for restricted keys that lack a right. */
async function forbidding(message: string) {
  const { createServer } = await import("node:http");
  const server = createServer((_, response) =>
    response
      .writeHead(403, { "content-type": "application/json" })
      .end(JSON.stringify({ error: { type: "invalid_request_error", message } })),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const apiBase = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const gateway = createStripeGateway({ secrets: { ofConnection: none, refresh: none }, apiBase });
  return { stripe: gateway.withKey("rk_test_restricted"), close: () => new Promise((done) => server.close(done)) };
}

test("a restricted key that may not read its account: the refusal names it, or the owner has to", async () => {
  const naming = await forbidding(
    "The provided key 'rk_test_***' does not have the required permissions for this endpoint on account 'acct_1PJBLEBBLEfV00aa'. Having the 'rak_accounts_kyc_basic_read' permission would allow this request to continue.",
  );
  expect(await naming.stripe.account()).toEqual({ id: "acct_1PJBLEBBLEfV00aa", name: undefined });
  await naming.close();
  const silent = await forbidding("The provided key does not have the permissions on account 'acct_1*************3'.");
  await expect(silent.stripe.account()).rejects.toMatchObject({ kind: "rejected", code: "stripe.account_hidden" });
  await silent.close();
});

test("a right that a restricted key lacks is named", async () => {
  const { stripe, close } = await forbidding("Having the 'rak_webhook_write' permission would allow this request.");
  await expect(stripe.webhooks()).rejects.toMatchObject({
    kind: "rejected",
    message: expect.stringContaining("It lacks webhook write."),
  });
  await close();
});
