import { get } from "@laurel/core/program";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "./index.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("a world is a program of its own on a fresh table", async () => {
  expect(await get(world.ctx(world.staff("viewer")))).toMatchObject({ currency: "EUR", holdDays: 30, version: 1 });
  const { tiers, campaigns, connections } = await world.ctx().program();
  expect(tiers.map((tier) => [tier.name, tier.rateBp])).toEqual([
    ["Starter", 1000],
    ["Laurel", 1500],
  ]);
  expect(campaigns).toHaveLength(1);
  expect(connections).toHaveLength(1);
});

test("settling does what was intended", async () => {
  const { intend } = await import("@laurel/core/effect");
  const { transact } = await import("@laurel/core/table");
  const effect = intend(world.ctx(), "code.sync", "NOSUCHCODE", {});
  await transact(world.table, effect);
  expect(await world.settle()).toBeGreaterThan(0);
  expect(await world.settle()).toBe(0);
  const { getItem } = await import("@laurel/core/table");
  expect((await getItem(world.table, { pk: `EFFECT#${effect[0]!.name}`, sk: "EFFECT" }))?.attempts).toBe(1);
});
