import { createSecretsGateway, openParameters } from "@laurel/core/gateway/secrets";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Checkout, event, openCheckout, purchase, session } from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { type FakeSsm, openSsm } from "../../packages/local/testing/ssm.ts";
import type { Runtime } from "../runtime.ts";

let world: World;
let ssm: FakeSsm;
let checkout: Checkout;
let nowMs = 1_000_000_000;
const minuteMs = 60_000;

beforeAll(async () => {
  [world, ssm] = await Promise.all([openWorld(), openSsm()]);
});
afterAll(() => Promise.all([world.close(), ssm.close()]));

/** A process that has read no secret yet. */
beforeEach(() => {
  const secrets = createSecretsGateway(
    openParameters({ prefix: "/laurel/test", endpoint: ssm.endpoint, nowMs: () => nowMs }),
  );
  const runtime: Runtime = {
    ...world.runtime,
    context: (...all) => {
      const ctx = world.runtime.context(...all);
      return { ...ctx, gateways: { ...ctx.gateways, secrets } };
    },
  };
  checkout = openCheckout(world, runtime);
  ssm.calls.length = 0;
  ssm.trouble = undefined;
  keep("whsec_1");
});

const nameOf = () => `/laurel/test/connections/${world.program.connectionId}`;
const keep = (...webhookSecrets: string[]) =>
  ssm.set(nameOf(), JSON.stringify({ apiKey: "sk_test_1", webhookSecrets }));
function told() {
  const of = purchase(world.clock.now());
  return JSON.stringify(event("checkout.session.completed", session(of), of.at));
}
const tell = async (secret: string, body = told()) =>
  (await checkout.post(body, { "stripe-signature": checkout.sign(body, secret) })).status;

test("an id that no connection has never reaches the store, whoever signed", async () => {
  const body = told();
  const headers = { "stripe-signature": checkout.sign(body, "whsec_1") };
  for (const id of ["con_01jd0000000000000000000009", "keys", "..%2Fkeys", "con_1"])
    expect((await checkout.post(body, headers, `/webhooks/stripe/${id}`)).status).toBe(404);
  expect((await checkout.post(body, headers, `/webhooks/shopify/${world.program.connectionId}`)).status).toBe(404);
  expect(ssm.calls).toEqual([]);
});

test("many webhooks at once ask the store once", async () => {
  expect(await Promise.all(Array.from({ length: 12 }, () => tell("whsec_1")))).toEqual(Array(12).fill(200));
  expect(ssm.calls).toEqual([`GetParameter ${nameOf()}`]);
});

test("any of several secrets may have signed", async () => {
  keep("whsec_new", "whsec_1");
  expect([await tell("whsec_1"), await tell("whsec_new")]).toEqual([200, 200]);
  expect(ssm.calls).toHaveLength(1);
});

test("a secret that was rolled a moment ago is found by the first event that it signed", async () => {
  expect(await tell("whsec_1")).toBe(200);
  keep("whsec_2");
  expect(await Promise.all(Array.from({ length: 8 }, () => tell("whsec_2")))).toEqual(Array(8).fill(200));
  expect(ssm.calls).toHaveLength(2);
  expect(await tell("whsec_1")).toBe(400);
});

test("bad signatures read the secrets anew once a minute, and are counted", async () => {
  delete world.metrics.RefusedSignatures;
  const bad = async () => {
    for (let at = 0; at < 5; at++) expect(await tell("whsec_guessed")).toBe(400);
  };
  await bad();
  expect(ssm.calls).toHaveLength(2);
  nowMs += minuteMs - 1;
  await bad();
  expect(ssm.calls).toHaveLength(2);
  nowMs += 1;
  await bad();
  expect(ssm.calls).toHaveLength(3);
  expect(world.metrics.RefusedSignatures).toBe(15);
});

test("without a signature nothing is read", async () => {
  expect((await checkout.post(told())).status).toBe(400);
  expect(ssm.calls).toEqual([]);
});

test("while the store is throttled: 503 for a process that knows nothing yet, business as usual for one that does", async () => {
  ssm.trouble = "throttled";
  const body = told();
  const answer = await checkout.post(body, { "stripe-signature": checkout.sign(body, "whsec_1") });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  ssm.trouble = undefined;
  expect(await tell("whsec_1", body)).toBe(200);
  ssm.trouble = "throttled";
  nowMs += 10 * minuteMs;
  expect(await tell("whsec_1")).toBe(200);
});
