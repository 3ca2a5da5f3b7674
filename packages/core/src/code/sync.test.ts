import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKey, openStandIn } from "../../../local/src/stripe/testing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { secretsInMemory } from "../../../local/testing/secrets.ts";
import { ConnectionEntity } from "../connection/index.ts";
import { createStripeGateway } from "../gateway/stripe/index.ts";
import { AppError, type Context } from "../kernel/index.ts";
import { getItem, keys, parse, transact, write } from "../table/index.ts";
import { CodeEntity, type CodeItem } from "./code.entity.ts";
import { findCode, newCode } from "./code.ops.ts";
import { PromoEntity } from "./promo.entity.ts";
import { syncCode } from "./sync.ops.ts";

let world: World;
let made = 0;
let code: string;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
});
afterAll(() => world.close());

beforeEach(async () => {
  code = await codeIn(world);
});

async function codeIn(where: World): Promise<string> {
  const text = `SYNC${++made}`;
  const { writes } = newCode(where.ctx(), {
    code: text,
    ambassadorId: where.newId("ambassador"),
    campaignId: where.program.campaignId,
    tierId: where.program.starterTierId,
    joinedAt: where.clock.now().toISOString(),
    primary: true,
  });
  await transact(where.table, writes);
  where.stripe.calls.length = 0;
  return text;
}

const stored = async (ctx: Context = world.ctx()): Promise<CodeItem> => (await findCode(ctx, code))!;
const atStripe = () => [...world.stripe.promotionCodes.values()].filter((each) => each.code === code);
const callsOf = (name: string) => world.stripe.calls.filter((call) => call.name === name);
const promoOf = async (id: string) =>
  parse(PromoEntity, await getItem(world.table, { pk: `PROMO#${world.program.connectionId}#${id}`, sk: "PROMO" }));

/** What a ban does to the code, in its own transaction. */
async function setStatus(status: CodeItem["ambassadorStatus"]): Promise<void> {
  const now = await stored();
  const next = { ...now, ambassadorStatus: status, version: now.version + 1 };
  await transact(world.table, [write.put("code", CodeEntity.put(next).params({ table: world.table.name }))]);
}

test("makes the coupon and the promotion code, then records both sides", async () => {
  await syncCode(world.ctx(), code);
  const { connectionId, campaignId, starterTierId } = world.program;
  const item = await stored();
  const [promotionCode] = atStripe();
  expect(promotionCode).toMatchObject({
    active: true,
    couponId: "laurel-welcome-15",
    metadata: { laurel_code: code, laurel_ambassador: item.ambassadorId, laurel_campaign: campaignId },
  });
  expect(item).toMatchObject({ state: "active", promotionCodes: { [connectionId]: promotionCode!.id }, version: 2 });
  expect(await promoOf(promotionCode!.id)).toEqual({
    connectionId,
    promotionCodeId: promotionCode!.id,
    ours: true,
    code,
    ambassadorId: item.ambassadorId,
    campaignId,
    tierId: starterTierId,
    ambassadorStatus: "active",
    joinedAt: world.clock.now().toISOString(),
  });
  expect(callsOf("ensureCoupon")[0]?.input).toEqual({ id: "laurel-welcome-15", name: "Welcome", percentOff: 15 });
  expect(callsOf("createPromotionCode")[0]?.input).toMatchObject({ idempotencyKey: `code:${code}:${connectionId}` });
});

test("five at once and two more later end in one promotion code", async () => {
  await Promise.all(Array.from({ length: 5 }, () => syncCode(world.ctx(), code)));
  await syncCode(world.ctx(), code);
  await syncCode(world.ctx(), code);
  expect(atStripe()).toHaveLength(1);
  expect(await stored()).toMatchObject({ state: "active", version: 2 });
});

describe("after a crash or an outage", () => {
  test.each(["findPromotionCode", "ensureCoupon", "createPromotionCode"])(
    "at %s it goes on from there",
    async (step) => {
      const ctx = world.ctx();
      const outage = async () => {
        throw new AppError("unavailable", "stripe.unavailable", "The checkout does not answer.");
      };
      const stripe = { ...world.stripe, [step]: outage };
      await expect(syncCode({ ...ctx, gateways: { ...ctx.gateways, stripe } }, code)).rejects.toMatchObject({
        kind: "unavailable",
      });
      expect(await stored()).toMatchObject({ state: "activating", version: 1 });
      await syncCode(ctx, code);
      expect(atStripe()).toHaveLength(1);
      expect((await stored()).state).toBe("active");
    },
  );

  test("a promotion code whose answer was lost is found again", async () => {
    const { stripe } = world;
    const ctx = world.ctx();
    const lossy = {
      ...stripe,
      createPromotionCode: async (...all: Parameters<typeof stripe.createPromotionCode>) => {
        await stripe.createPromotionCode(...all);
        throw new AppError("unavailable", "stripe.unavailable", "The answer was lost.");
      },
    };
    await expect(syncCode({ ...ctx, gateways: { ...ctx.gateways, stripe: lossy } }, code)).rejects.toThrow("lost");
    await syncCode(world.ctx(), code);
    expect(atStripe()).toHaveLength(1);
    expect(callsOf("createPromotionCode")).toHaveLength(1);
    expect((await stored()).promotionCodes[world.program.connectionId]).toBe(atStripe()[0]!.id);
  });

  test("a table that fails at the end leaves nothing but a repetition", async () => {
    const ctx = world.ctx();
    const down = {
      ...ctx.table,
      client: {
        send: (command: { input: object }) =>
          "TransactItems" in command.input
            ? Promise.reject(Object.assign(new Error("down"), { code: "ECONNREFUSED" }))
            : ctx.table.client.send(command as never),
      } as never,
    };
    await expect(syncCode({ ...ctx, table: down }, code)).rejects.toMatchObject({ kind: "unavailable" });
    await syncCode(ctx, code);
    expect(atStripe()).toHaveLength(1);
    expect((await stored()).state).toBe("active");
  });
});

describe("a definite no", () => {
  const foreign = () =>
    world.stripe.promotionCodes.set(`promo_foreign_${code}`, {
      id: `promo_foreign_${code}`,
      code,
      active: true,
      couponId: "summer",
      metadata: {},
    });

  test("a code that the shop made itself fails with the reason in words, and is left alone", async () => {
    foreign();
    await syncCode(world.ctx(), code);
    expect(await stored()).toMatchObject({
      state: "failed",
      stateReason: expect.stringContaining(`promotion code ${code} already that Laurel did not make`),
      promotionCodes: {},
    });
    expect(callsOf("createPromotionCode")).toEqual([]);
    expect(callsOf("setPromotionCodeActive")).toEqual([]);
  });

  test("another program's code of the same text is not ours", async () => {
    foreign();
    world.stripe.promotionCodes.get(`promo_foreign_${code}`)!.metadata = {
      laurel_code: code,
      laurel_ambassador: world.newId("ambassador"),
    };
    await syncCode(world.ctx(), code);
    expect((await stored()).state).toBe("failed");
  });

  test("after the shop has switched its own off, the next run succeeds, under a key of its own", async () => {
    foreign();
    await syncCode(world.ctx(), code);
    world.stripe.promotionCodes.get(`promo_foreign_${code}`)!.active = false;
    await syncCode(world.ctx(), code);
    expect(await stored()).toMatchObject({ state: "active" });
    expect((await stored()).stateReason).toBeUndefined();
    expect(
      callsOf("createPromotionCode").map((call) => (call.input as { idempotencyKey: string }).idempotencyKey),
    ).toEqual([`code:${code}:${world.program.connectionId}:1`]);
  });

  test("Stripe's own reason is kept", async () => {
    const { stripe } = world;
    const ctx = world.ctx();
    const refusing = {
      ...stripe,
      ensureCoupon: async () => {
        throw new AppError("rejected", "stripe.rejected", "The API key has expired.");
      },
    };
    await syncCode({ ...ctx, gateways: { ...ctx.gateways, stripe: refusing } }, code);
    expect(await stored()).toMatchObject({ state: "failed", stateReason: "The API key has expired." });
  });

  test("five at once that all fail end in failed", async () => {
    foreign();
    await Promise.all(Array.from({ length: 5 }, () => syncCode(world.ctx(), code)));
    expect((await stored()).state).toBe("failed");
  });
});

describe("the wished state", () => {
  test("follows the ambassador's status, both ways, with one promotion code", async () => {
    await syncCode(world.ctx(), code);
    await setStatus("suspended");
    await syncCode(world.ctx(), code);
    expect(atStripe()).toMatchObject([{ active: false }]);
    expect((await stored()).state).toBe("disabled");
    const [promotionCode] = atStripe();
    expect(await promoOf(promotionCode!.id)).toMatchObject({ ours: true, ambassadorStatus: "suspended" });
    await setStatus("active");
    await syncCode(world.ctx(), code);
    expect(atStripe()).toMatchObject([{ id: promotionCode!.id, active: true }]);
    expect((await stored()).state).toBe("active");
  });

  test("nothing is made for somebody who was banned before the first run", async () => {
    await setStatus("banned");
    await syncCode(world.ctx(), code);
    expect(atStripe()).toEqual([]);
    expect(await stored()).toMatchObject({ state: "disabled", promotionCodes: {} });
  });

  test("a promotion code that a crashed run left behind is switched off after a ban", async () => {
    const { stripe } = world;
    const { ambassadorId } = await stored();
    await stripe.ensureCoupon({ id: "any" }, { id: "left", name: "left", percentOff: 15 });
    await stripe.createPromotionCode(
      { id: "any" },
      {
        couponId: "left",
        code,
        metadata: { laurel_code: code, laurel_ambassador: ambassadorId },
        idempotencyKey: `left ${code}`,
      },
    );
    await setStatus("banned");
    await syncCode(world.ctx(), code);
    expect(atStripe()).toMatchObject([{ active: false }]);
    expect((await stored()).state).toBe("disabled");
  });

  test("a ban while the checkout is asked wins, though that run began before it", async () => {
    const { stripe } = world;
    const ctx = world.ctx();
    let banned = false;
    const slow = {
      ...stripe,
      createPromotionCode: async (...all: Parameters<typeof stripe.createPromotionCode>) => {
        const made = await stripe.createPromotionCode(...all);
        if (!banned) {
          banned = true;
          await setStatus("banned");
          await syncCode(world.ctx(), code);
          // The older command arrives last.
          await stripe.setPromotionCodeActive(all[0], made.id, true);
        }
        return made;
      },
    };
    await syncCode({ ...ctx, gateways: { ...ctx.gateways, stripe: slow } }, code);
    expect(atStripe()).toMatchObject([{ active: false }]);
    expect((await stored()).state).toBe("disabled");
  });

  test("a promotion code that Stripe does not know any more is made anew", async () => {
    await syncCode(world.ctx(), code);
    const [lost] = atStripe();
    world.stripe.promotionCodes.delete(lost!.id);
    const now = await stored();
    // A day later the checkout has forgotten the key as well.
    const next = { ...now, refusals: 1, version: now.version + 1 };
    await transact(world.table, [write.put("code", CodeEntity.put(next).params({ table: world.table.name }))]);
    await syncCode(world.ctx(), code);
    const [made] = atStripe();
    expect((await stored()).promotionCodes[world.program.connectionId]).toBe(made!.id);
    expect(await promoOf(made!.id)).toMatchObject({ code });
  });
});

test("a campaign that is too new to be known here is waited for", async () => {
  const ctx = { ...world.ctx(), program: async () => ({ ...world.program, campaigns: [] }) };
  await expect(syncCode(ctx, code)).rejects.toMatchObject({ kind: "unavailable", code: "code.busy" });
  expect(atStripe()).toEqual([]);
});

describe("through Stripe's own SDK", () => {
  let standIn: Awaited<ReturnType<typeof openStandIn>>;
  let ctx: Context;
  beforeAll(async () => {
    standIn = await openStandIn();
    const secrets = secretsInMemory({ apiKey, webhookSecrets: [] });
    const before = world.ctx();
    const stripe = createStripeGateway({ secrets, apiBase: standIn.apiBase });
    ctx = { ...before, gateways: { ...before.gateways, secrets, stripe } };
  });
  afterAll(() => standIn.close());

  const there = async () => (await standIn.stripe.promotionCodes.list({ code })).data;

  test("ten at once end in one promotion code, which follows the ambassador's status", async () => {
    // Some meet the same key in use; their effects try again.
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => syncCode(ctx, code)));
    for (const each of outcomes)
      if (each.status === "rejected") expect(each.reason).toMatchObject({ kind: "unavailable" });
    await syncCode(ctx, code);
    const [promotionCode, ...more] = await there();
    expect(more).toEqual([]);
    expect(promotionCode).toMatchObject({ active: true, code, metadata: { laurel_code: code } });
    expect(await stored()).toMatchObject({
      state: "active",
      promotionCodes: { [world.program.connectionId]: promotionCode!.id },
    });
    await setStatus("banned");
    await syncCode(ctx, code);
    expect(await there()).toMatchObject([{ id: promotionCode!.id, active: false }]);
    await setStatus("active");
    await syncCode(ctx, code);
    expect(await there()).toMatchObject([{ id: promotionCode!.id, active: true }]);
  });

  test("a code of the shop's own is left alone, and Laurel's follows once that one is off", async () => {
    await standIn.stripe.coupons.create({ id: `own-${code}`, percent_off: 5, duration: "once" });
    const own = await standIn.stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: `own-${code}` },
      code,
    });
    await syncCode(ctx, code);
    expect(await stored()).toMatchObject({ state: "failed" });
    await standIn.stripe.promotionCodes.update(own.id, { active: false });
    await syncCode(ctx, code);
    expect(await stored()).toMatchObject({ state: "active" });
    expect((await there()).filter((each) => each.active)).toHaveLength(1);
  });
});

test("every connection gets its own promotion code, and one that refuses is named", async () => {
  const other = await openWorld({ programMaxAgeMs: 0 });
  try {
    const connectionId = other.newId("connection");
    const second = { id: connectionId, provider: "stripe", name: "US shop", livemode: false, namespace: "us" } as const;
    await transact(other.table, [
      write.put("con", ConnectionEntity.create(second).params({ table: other.table.name })),
    ]);
    const text = await codeIn(other);
    const { stripe } = other;
    const ctx = other.ctx();
    const refusing = {
      ...stripe,
      findPromotionCode: async (of: { id: string }, code: string) => {
        if (of.id === connectionId) throw new AppError("rejected", "stripe.rejected", "No such account.");
        return stripe.findPromotionCode(of, code);
      },
    };
    await syncCode({ ...ctx, gateways: { ...ctx.gateways, stripe: refusing } }, text);
    const item = (await findCode(ctx, text))!;
    expect(item).toMatchObject({ state: "failed", stateReason: "US shop: No such account." });
    expect(Object.keys(item.promotionCodes)).toEqual([other.program.connectionId]);
  } finally {
    await other.close();
  }
});

test("a program without a checkout says so", async () => {
  const other = await openWorld({ withoutProgram: true });
  try {
    const ctx = other.ctx();
    const snapshot = { ...other.program, connections: [] };
    const text = await codeIn(other);
    await syncCode({ ...ctx, program: async () => snapshot }, text);
    expect(await findCode(ctx, text)).toMatchObject({ state: "failed", stateReason: "No checkout is connected yet." });
  } finally {
    await other.close();
  }
});

test("the hand-written key is the entity's", async () => {
  const item = await getItem(world.table, keys.code(code));
  expect(parse(CodeEntity, item)?.code).toBe(code);
});

test("only the program itself runs it", async () => {
  await expect(syncCode(world.ctx(world.staff("owner")), code)).rejects.toThrow("only the program itself");
});
