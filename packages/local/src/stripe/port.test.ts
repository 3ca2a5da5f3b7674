import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { AppError } from "@laurel/core/kernel";
import { describe, expect, test } from "vitest";
import { testStripePort } from "../../../core/src/gateway/stripe/port.test-suite.ts";
import { apiKey, openStandIn } from "./testing.ts";

const secretsWith = (key: string) => {
  const ofConnection = async (id: string) => ({
    apiKey: id === "con_locked_out" ? "sk_test_somebody_else" : key,
    webhookSecrets: [],
  });
  return { ofConnection, refresh: ofConnection };
};
const secrets = secretsWith(apiKey);

testStripePort("the real adapter at the stand-in", async () => {
  const { apiBase, close } = await openStandIn();
  return {
    gateway: createStripeGateway({ secrets, apiBase }),
    connectionId: "con_1",
    lockedOutId: "con_locked_out",
    close,
  };
});

const realKey = process.env.STRIPE_TEST_SECRET_KEY;
if (realKey)
  testStripePort("the real adapter at Stripe, in test mode", async () => ({
    gateway: createStripeGateway({ secrets: secretsWith(realKey) }),
    connectionId: "con_1",
    lockedOutId: "con_locked_out",
    close: async () => {},
  }));

describe.concurrent("trouble that passes", () => {
  async function open() {
    const opened = await openStandIn();
    const gateway = createStripeGateway({ secrets, apiBase: opened.apiBase });
    await gateway.ensureCoupon({ id: "con_1" }, { id: "spring", name: "Spring", percentOff: 15 });
    const create = (code: string) =>
      gateway.createPromotionCode(
        { id: "con_1" },
        { couponId: "spring", code, metadata: {}, idempotencyKey: `key-${code}` },
      );
    const spoil = (answer: "refuse" | "lose", status: number, times: number) =>
      opened.standIn.faults.push({ matches: (method) => method === "POST", answer, status, times });
    return { ...opened, gateway, create, spoil };
  }

  test("an answer that got lost is asked for again and the code is made once", async () => {
    const { create, spoil, stripe, close } = await open();
    spoil("lose", 500, 1);
    expect(await create("LOST15")).toMatchObject({ code: "LOST15", active: true });
    expect((await stripe.promotionCodes.list({ code: "lost15" })).data).toHaveLength(1);
    await close();
  });

  test.each([500, 503, 429, 409])(
    "a status of %i that stays is `unavailable`, and nothing was made",
    async (status) => {
      const { create, spoil, standIn, gateway, close } = await open();
      spoil("refuse", status, 3);
      const error = await create("DOWN15").catch((thrown) => thrown);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ kind: "unavailable", message: expect.stringContaining("tried again") });
      standIn.faults.length = 0;
      expect(await gateway.findPromotionCode({ id: "con_1" }, "DOWN15")).toBeUndefined();
      expect(await create("DOWN15")).toMatchObject({ active: true });
      await close();
    },
  );

  test("a key that was rolled is read anew, and the question asked again", async () => {
    const opened = await openStandIn();
    const asked: string[] = [];
    const gateway = createStripeGateway({
      secrets: {
        ofConnection: async () => ({ apiKey: "sk_test_rolled_away", webhookSecrets: [] }),
        refresh: async (id) => {
          asked.push(id);
          return { apiKey, webhookSecrets: [] };
        },
      },
      apiBase: opened.apiBase,
    });
    expect(await gateway.findPromotionCode({ id: "con_1" }, "NOBODY15")).toBeUndefined();
    expect(asked).toEqual(["con_1"]);
    await opened.close();
  });

  test("nobody there is `unavailable`", async () => {
    const alone = createStripeGateway({ secrets, apiBase: "http://127.0.0.1:9" });
    const error = await alone.findPromotionCode({ id: "con_1" }, "ANNA15").catch((thrown) => thrown);
    expect(error).toMatchObject({ kind: "unavailable", code: "stripe.unreachable" });
  });
});
