import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, signedIn } from "../../../../functions/api/testing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { change, get, listRules } from "./index.ts";
import { defaultRules } from "./rules.ts";

let world: World;
let owner: Caller;
beforeAll(async () => {
  world = await openWorld();
  owner = await signedIn(world, ["owner"]);
});
afterAll(() => world.close());

test("every version of the rules is kept, with when and by whom it was put in force", async () => {
  const ctx = world.ctx(owner.actor);
  const [begun] = (await listRules(ctx, {})).items;
  expect(begun).toMatchObject({ ...defaultRules, savedBy: null });
  world.clock.advance(60_000);
  const { version, rules } = await get(ctx);
  await change(ctx, { version, rules: { clickWindowDays: 60, bindingMonths: 6 } });
  world.runtime.forgetProgram();
  const { items } = await listRules(ctx, {});
  expect(items).toEqual([
    {
      ...rules,
      version: rules.version + 1,
      clickWindowDays: 60,
      bindingMonths: 6,
      savedAt: world.clock.now().toISOString(),
      savedBy: { id: owner.actor.personId, name: expect.any(String) },
    },
    begun,
  ]);
});

test("what changes nothing of the rules makes no version of them", async () => {
  const ctx = world.ctx(owner.actor);
  world.runtime.forgetProgram();
  const { version } = await get(ctx);
  await change(ctx, { version, claimDays: 7 });
  expect((await listRules(ctx, {})).items).toHaveLength(2);
});
