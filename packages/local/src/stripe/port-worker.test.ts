import { createHmac } from "node:crypto";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { expect, test, vi } from "vitest";
import { testStripePort } from "../../../core/src/gateway/stripe/port.test-suite.ts";
import { secretsInMemory } from "../../testing/secrets.ts";
import { apiKey, openStandIn } from "./testing.ts";

// Deployed functions carry Stripe's build for runtimes with `fetch`, which is loaded faster: it must do all the same.
const worker = vi.hoisted(() => "../../../../node_modules/stripe/esm/stripe.esm.worker.js");
vi.mock("stripe", () => import(/* @vite-ignore */ worker));

test("this is the other build", async () => {
  const { default: Stripe } = await import("stripe");
  expect(() => Stripe.webhooks.constructEvent("{}", "t=1,v1=0", "whsec_x")).toThrow(/async/i);
});

testStripePort("the build that is deployed, at the stand-in", async () => {
  const { apiBase, close } = await openStandIn();
  const secrets = secretsInMemory({ apiKey, webhookSecrets: [] });
  await secrets.putConnection("con_locked_out", { apiKey: "sk_test_somebody_else", webhookSecrets: [] });
  return {
    gateway: createStripeGateway({ secrets, apiBase }),
    connectionId: "con_1",
    lockedOutId: "con_locked_out",
    close,
  };
});

test("nobody there is `unavailable`, and a faulty answer is asked for again", async () => {
  const secrets = secretsInMemory({ apiKey, webhookSecrets: [] });
  const alone = createStripeGateway({ secrets, apiBase: "http://127.0.0.1:9" });
  await expect(alone.findPromotionCode({ id: "con_1" }, "ANNA15")).rejects.toMatchObject({
    kind: "unavailable",
    code: "stripe.unreachable",
  });
  const opened = await openStandIn();
  const gateway = createStripeGateway({ secrets, apiBase: opened.apiBase });
  await gateway.ensureCoupon({ id: "con_1" }, { id: "spring", name: "Spring", percentOff: 15 });
  const create = (code: string) =>
    gateway.createPromotionCode(
      { id: "con_1" },
      { couponId: "spring", code, metadata: {}, idempotencyKey: `key-${code}` },
    );
  opened.standIn.faults.push({ matches: (method) => method === "POST", answer: "lose", status: 500, times: 1 });
  expect(await create("LOST15")).toMatchObject({ code: "LOST15", active: true });
  opened.standIn.faults.push({ matches: (method) => method === "POST", answer: "refuse", status: 429, times: 9 });
  await expect(create("DOWN15")).rejects.toMatchObject({ kind: "unavailable" });
  await opened.close();
});

test("signatures hold and fail as with the other build, bytes beyond ASCII included", async () => {
  const { default: Stripe } = await import("stripe");
  const gateway = createStripeGateway({ secrets: secretsInMemory() });
  const body = Buffer.from('{"id":"evt_1","object":"event","name":"Ü €"}');
  const at = (ageS: number) => Math.floor(Date.now() / 1000) - ageS;
  const sign = (secret: string, t = at(0)) =>
    `t=${t},v1=${createHmac("sha256", secret).update(`${t}.`).update(body).digest("hex")}`;
  const holds = (header: string, of: Uint8Array = body) => gateway.verifySignature(of, header, "whsec_right");
  expect(await holds(sign("whsec_right"))).toBe(true);
  expect(await holds(`${sign("whsec_wrong")},${sign("whsec_right").split(",")[1]}`)).toBe(true);
  for (const header of [sign("whsec_wrong"), sign("whsec_right", at(301)), sign("whsec_right", at(-301)), "", "t=1"])
    expect(await holds(header), header).toBe(false);
  expect(await holds(sign("whsec_right"), Buffer.concat([body, Buffer.from(" ")]))).toBe(false);
  expect(await Stripe.webhooks.constructEventAsync(body, sign("whsec_right"), "whsec_right")).toMatchObject({
    id: "evt_1",
  });
});
