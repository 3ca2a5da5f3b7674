import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { type Connection, ConnectionEntity } from "../connection/index.ts";
import { AppError } from "../kernel/index.ts";
import { transact, write } from "../table/index.ts";
import { CodeEntity, type CodeItem } from "./code.entity.ts";
import { findCode, newCode } from "./code.ops.ts";
import { syncCode } from "./sync.ops.ts";

/* One code at three checkouts: it works where it is live at all of them. */

let world: World;
let shopify: Connection;
let woo: Connection;
let made = 0;
let code: string;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  const at = { livemode: true, version: 1 };
  shopify = {
    ...at,
    id: world.newId("connection"),
    provider: "shopify",
    name: "The shop",
    shopUrl: "https://example.myshopify.com",
    namespace: "shopify_example",
  };
  woo = {
    ...at,
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
});
afterAll(() => world.close());

beforeEach(async () => {
  code = `SHOPS${++made}`;
  const { writes } = newCode(world.ctx(), {
    code,
    ambassadorId: world.newId("ambassador"),
    campaignId: world.program.campaignId,
    tierId: world.program.starterTierId,
    joinedAt: world.clock.now().toISOString(),
    primary: true,
  });
  await transact(world.table, writes);
});

const stored = async (): Promise<CodeItem> => (await findCode(world.ctx(), code))!;
const atShop = (provider: "shopify" | "woocommerce") =>
  [...world.shops[provider].codes.values()].filter((each) => each.code === code);
const outage = () => new AppError("unavailable", "shopify.unreachable", "Shopify cannot be reached at the moment.");

test("a code is made at every checkout, and works once it is live at all of them", async () => {
  await syncCode(world.ctx(), code);
  const { connectionId, campaignId } = world.program;
  const item = await stored();
  expect(item.state).toBe("active");
  expect(Object.keys(item.promotionCodes as object).sort()).toEqual([connectionId, shopify.id, woo.id].sort());
  for (const provider of ["shopify", "woocommerce"] as const) {
    expect(atShop(provider)).toMatchObject([{ active: true, metadata: { laurel_code: code } }]);
    const create = world.shops[provider].calls.find(
      (call) => call.name === "createCode" && JSON.stringify(call.input).includes(code),
    );
    expect(create?.input).toMatchObject({
      offer: { id: "laurel-welcome-15", name: "Welcome", percentOff: 15 },
      metadata: { laurel_campaign: campaignId },
    });
  }
  await syncCode(world.ctx(), code);
  expect((await stored()).version).toBe(item.version);
});

test("a definite no of one of them says which, and the others keep what they have", async () => {
  const id = "77";
  world.shops.woocommerce.codes.set(id, { id, code, active: true, metadata: {} });
  await syncCode(world.ctx(), code);
  expect(await stored()).toMatchObject({
    state: "failed",
    stateReason: expect.stringMatching(/^The store: .+ already that Laurel did not make/),
    refusals: 1,
  });
  expect(atShop("shopify")).toMatchObject([{ active: true }]);
  // The shop's own code was removed: the same effect makes it good.
  world.shops.woocommerce.codes.delete(id);
  await syncCode(world.ctx(), code);
  expect(await stored()).toMatchObject({ state: "active" });
  expect((await stored()).stateReason).toBeUndefined();
});

test("where two say no, both are named", async () => {
  for (const provider of ["shopify", "woocommerce"] as const)
    world.shops[provider].codes.set("1", { id: "1", code, active: false, metadata: {} });
  await syncCode(world.ctx(), code);
  const { stateReason } = await stored();
  expect([stateReason?.match(/The shop: /g), stateReason?.match(/The store: /g)]).toEqual([
    ["The shop: "],
    ["The store: "],
  ]);
  for (const provider of ["shopify", "woocommerce"] as const) world.shops[provider].codes.delete("1");
});

describe("where one does not answer", () => {
  test("the others go on, the code is not active yet, and it is tried again", async () => {
    world.shops.shopify.failNext(outage());
    await expect(syncCode(world.ctx(), code)).rejects.toMatchObject({ kind: "unavailable" });
    const item = await stored();
    expect(item.state).toBe("activating");
    expect(Object.keys(item.promotionCodes as object).sort()).toEqual([world.program.connectionId, woo.id].sort());
    await syncCode(world.ctx(), code);
    expect((await stored()).state).toBe("active");
    expect([atShop("shopify").length, atShop("woocommerce").length]).toEqual([1, 1]);
  });

  test("a definite no of another is told at once all the same", async () => {
    world.shops.shopify.failNext(outage());
    world.shops.woocommerce.failNext(new AppError("rejected", "woocommerce.no", "The store said no: not today."));
    await expect(syncCode(world.ctx(), code)).rejects.toMatchObject({ kind: "unavailable" });
    expect(await stored()).toMatchObject({ state: "failed", stateReason: "The store: The store said no: not today." });
    await syncCode(world.ctx(), code);
    expect(await stored()).toMatchObject({ state: "active" });
  });
});

test("an ambassador who is banned has it switched off everywhere, and back on again", async () => {
  await syncCode(world.ctx(), code);
  for (const [status, active, state] of [
    ["banned", false, "disabled"],
    ["active", true, "active"],
  ] as const) {
    const now = await stored();
    const next = { ...now, ambassadorStatus: status, version: now.version + 1 };
    await transact(world.table, [write.put("code", CodeEntity.put(next).params({ table: world.table.name }))]);
    await syncCode(world.ctx(), code);
    expect(await stored()).toMatchObject({ state });
    for (const provider of ["shopify", "woocommerce"] as const) expect(atShop(provider)).toMatchObject([{ active }]);
  }
});

test("ten at once end in one code at each", async () => {
  await Promise.all(Array.from({ length: 10 }, () => syncCode(world.ctx(), code)));
  expect([atShop("shopify").length, atShop("woocommerce").length]).toEqual([1, 1]);
  expect((await stored()).state).toBe("active");
});
