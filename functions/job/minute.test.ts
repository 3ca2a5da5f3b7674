import { newEffect } from "@laurel/core/effect";
import { putEffects } from "@laurel/core/effect-runner";
import { getItem } from "@laurel/core/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { refused, runtimeOn, wrapped } from "../../packages/local/testing/wrap.ts";
import { createMinute } from "./minute.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test("a part that fails leaves the others alone, and the run is one that failed", async () => {
  const ctx = world.ctx();
  const effect = newEffect(ctx, "code.sync", "NOSUCHCODE", {});
  await putEffects(ctx, [effect]);
  world.clock.advance(10 * 60_000);
  const blind = wrapped(world.table, async (call, send) => {
    if (JSON.stringify(call.input).includes("EVENTS#waiting")) throw refused();
    return send();
  });
  await expect(createMinute(runtimeOn(world.runtime, blind))()).rejects.toThrow(/failed in sweepEvents;/);
  expect((await getItem(world.table, { pk: `EFFECT#${effect.id}`, sk: "EFFECT" }))?.attempts).toBe(1);
  expect(world.logs.filter(({ message }) => message === "job.failed")).toHaveLength(1);
  await createMinute(world.runtime)();
});
