import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CreateTableCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Simulation } from "@laurel/contract";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { refused, runtimeOn, wrapped } from "../../../local/testing/wrap.ts";
import { findJob, jobKey } from "../job/index.ts";
import { runJob } from "../job-runner/index.ts";
import { setUp } from "../program/index.ts";
import { createTableInput } from "../table/index.ts";
import { get, start } from "./index.ts";
import { type Expected, sellMany } from "./volume.testing.ts";

/** 5,000, fewer on a slow engine. By hand with more of them: LAUREL_SIMULATE_ORDERS=100000 npx vitest run packages/core/src/simulation/running.test.ts -t memory */
const many = Number(process.env.LAUREL_SIMULATE_ORDERS ?? (process.env.DYNAMODB_ENDPOINT ? 500 : 5000));
const few = 240;
const sizes = { page: 20, slice: 60 };
const clicksFirst = { days: 366, rules: { precedence: ["click", "promotion_code", "customer"] } } as const;
const input = { ...clicksFirst, rules: { precedence: [...clicksFirst.rules.precedence] } };

let world: World;
let expected: Expected;
beforeAll(async () => {
  world = await openWorld();
  expected = await sellMany(world.ctx(), few);
});
afterAll(() => world.close());

const later = () => Date.now() + 60_000;
const begin = async () => (await start(world.ctx(), input, sizes)).job.id;
const resultOf = async (id: string) => {
  const { job, result } = await get(world.ctx(), id);
  expect(job).toMatchObject({ state: "done", error: null, counts: { done: 367, total: 367 } });
  return result!;
};
const leaseRunsOut = (id: string) =>
  world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: jobKey(id),
      UpdateExpression: "SET leaseUntilMs = :past",
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );
const others = async () =>
  new Map(
    (await scan(world)).filter((item) => !item.pk.startsWith("JOB#")).map((item) => [`${item.pk} ${item.sk}`, item]),
  );

function expectResult(result: NonNullable<Simulation["result"]>, wanted: Expected): void {
  const { paid, nowMinor, proposedMinor, moved } = wanted;
  expect(result.orders).toEqual({ paid, moved, gained: 0, lost: 0, byHand: 0, kept: 0 });
  expect(result.currencies).toMatchObject([
    {
      currency: "EUR",
      now: { netMinor: nowMinor },
      proposed: { netMinor: proposedMinor },
      differenceMinor: proposedMinor - nowMinor,
    },
  ]);
}

test("it says what would be, and dying before or after any write changes neither that nor anything else", async () => {
  const before = await others();
  const whole = await begin();
  let writes = 0;
  const counting = wrapped(world.table, (call, send) => {
    if (call.name === "TransactWrite") writes++;
    return send();
  });
  await runJob(runtimeOn(world.runtime, counting).context({ kind: "system", name: "test" }), whole, later());
  const wanted = await resultOf(whole);
  expectResult(wanted, expected);
  expect(expected.moved).toBeGreaterThan(few / 5);
  // A claim; of each slice what it remembers, or what came of it all, and the job.
  expect(writes).toBeGreaterThanOrEqual(1 + 2 * 3);

  for (let at = 1; at <= writes; at++)
    for (const when of ["before", "after"] as const) {
      const id = await begin();
      let made = 0;
      const dying = wrapped(world.table, async (call, send) => {
        if (made >= at) throw refused();
        if (call.name === "TransactWrite" && ++made === at) {
          if (when === "after") await send();
          throw refused();
        }
        return send();
      });
      await runJob(runtimeOn(world.runtime, dying).context({ kind: "system", name: "test" }), id, later());
      await leaseRunsOut(id);
      await runJob(world.ctx(), id, later());
      expect(await resultOf(id), `died ${when} write ${at}`).toEqual(wanted);
    }
  const after = await others();
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [key, item] of after) expect(item, key).toEqual(before.get(key));
}, 180_000);

test("of two at once, one works; one that was overtaken writes nothing any more", async () => {
  const whole = await begin();
  await Promise.all([runJob(world.ctx(), whole, later()), runJob(world.ctx(), whole, later())]);
  const wanted = await resultOf(whole);
  expectResult(wanted, expected);
  for (let at = 2; at <= 7; at++) {
    const id = await begin();
    let made = 0;
    // It is so slow with this write that another one takes over and ends before.
    const slow = wrapped(world.table, async (call, send) => {
      if (call.name === "TransactWrite" && ++made === at) {
        await leaseRunsOut(id);
        await runJob(world.ctx(), id, later());
      }
      return send();
    });
    await runJob(runtimeOn(world.runtime, slow).context({ kind: "system", name: "test" }), id, later());
    expect((await findJob(world.ctx(), id))!.fence).toBe(2);
    expect(await resultOf(id), `overtaken at write ${at}`).toEqual(wanted);
  }
}, 180_000);

test("it ends at its deadline and goes on from there, whoever takes it up", async () => {
  const id = await begin();
  let runs = 0;
  for (; (await findJob(world.ctx(), id))!.state === "waiting"; runs++) await runJob(world.ctx(), id, 0);
  expect(runs).toBeGreaterThanOrEqual(3);
  expectResult(await resultOf(id), expected);
});

test(`${many} orders in 256 MB of memory`, { timeout: 120_000 + many * 20 }, async () => {
  // Nobody follows this table's stream, and the local engine slows down with each record of one.
  const table = { ...world.table, name: `${world.table.name}-many` };
  const { StreamSpecification: _, ...shape } = createTableInput(table.name);
  await table.client.send(new CreateTableCommand(shape));
  const ctx = runtimeOn(world.runtime, table).context({ kind: "system", name: "test" });
  try {
    await setUp(ctx, world.program);
    const wanted = await sellMany(ctx, many);
    const { job } = await start(ctx, input);
    const script = new URL("./volume-run.testing.ts", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        "--max-old-space-size=96",
        "--max-semi-space-size=4",
        script,
        inject("dynamodbEndpoint"),
        table.name,
        job.id,
        world.clock.now().toISOString(),
      ],
      { maxBuffer: 1e7 },
    );
    const { ms, maxRssMb, runs } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    console.log(`${many} orders: ${ms} ms in ${runs} runs, at most ${maxRssMb} MB of memory`);
    expectResult((await get(ctx, job.id)).result!, wanted);
    expect(maxRssMb).toBeLessThanOrEqual(256);
  } finally {
    await table.client.send(new DeleteTableCommand({ TableName: table.name }));
  }
});
