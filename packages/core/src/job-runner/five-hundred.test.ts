import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Id, JobRow } from "@laurel/contract";
import { expect, test } from "vitest";
import { signedIn } from "../../../../functions/api/testing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { refused, wrapped } from "../../../local/testing/wrap.ts";
import * as Applications from "../application/index.ts";
import { confirmed, warm } from "../application/testing.ts";
import { findJob, jobKey, jobRowKey } from "../job/index.ts";
import type { Context } from "../kernel/index.ts";
import type { Item } from "../table/read.ts";
import { get, runJob, sweepJobs, undo } from "./index.ts";

/** As many as one job takes; fewer on an engine that does one thing after the other. */
const count = process.env.DYNAMODB_ENDPOINT ? 180 : 500;
const atOnce = 20;
/** In the middle, and in the middle of a slice. */
const deathAt = count / 2 + 1;
const first = ["Anna", "Bea", "Carl", "Dana", "Emil", "Fay", "Gil", "Hana", "Ivo", "Jun"];
const last = ["Acker", "Brandt", "Cruz", "Diaz", "Ebert", "Fox", "Gruber", "Hill", "Ito", "Jones"];
const nameOf = (n: number) => `${first[n % 10]} ${last[Math.floor(n / 10) % 10]}`;

/** The machine stops with a write of a row on its way: nothing of it goes on, and its lease runs out. */
async function dieAt(world: World, jobId: string, row: number): Promise<void> {
  let dead = false;
  const table = wrapped(world.table, async ({ name, input }, send) => {
    if (dead) throw refused();
    if (name === "TransactWrite" && JSON.stringify(input).includes(`"${jobRowKey(jobId, row).sk}"`)) {
      dead = true;
      await send();
      throw refused();
    }
    return send();
  });
  await runJob({ ...world.ctx(), table } as Context, jobId, Date.now() + 600_000);
  expect(dead).toBe(true);
  await world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: jobKey(jobId),
      UpdateExpression: "SET leaseUntilMs = :past",
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );
}

const of = (items: Item[], entity: string) => items.filter((item) => item.__edb_e__ === entity);
/** How many effects of each kind were intended; no two decisions share one. */
const intended = (items: Item[]) =>
  Object.fromEntries(
    [...Map.groupBy(of(items, "effect"), (item) => item.kind)].map(([kind, all]) => [kind, all.length]),
  );

test(`${count} applications are approved by one job, through the death of a process, and undone by another`, {
  timeout: 300_000,
}, async () => {
  const world = await openWorld();
  try {
    await warm(world.ctx());
    const manager = await signedIn(world, ["manager"]);
    const as = () => world.ctx(manager.actor);
    const told: string[] = [];
    const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      const since = performance.now();
      const answer = await work();
      told.push(`${what} in ${((performance.now() - since) / 1000).toFixed(1)} s`);
      return answer;
    };
    const ids: Id<"application">[] = [];
    await timed("applied and confirmed", async () => {
      for (let at = 0; at < count; at += atOnce) {
        const some = Array.from({ length: atOnce }, (_, n) => confirmed(world, { name: nameOf(at + n) }));
        ids.push(...(await Promise.all(some)).map(({ id }) => id));
      }
    });

    const rowsOf = async (jobId: string) => {
      const rows: JobRow[] = [];
      let cursor: string | undefined;
      do {
        const page = await get(as(), jobId, { cursor });
        rows.push(...page.rows.items);
        cursor = page.rows.cursor ?? undefined;
      } while (cursor);
      return rows;
    };
    /** Slice by slice, with a death in the middle; then minute by minute to the end. */
    const workThrough = async (jobId: string) => {
      for (let slice = 1; slice <= 3; slice++) {
        await runJob(world.ctx(), jobId, Date.now() - 1);
        expect(await findJob(world.ctx(), jobId)).toMatchObject({ state: "waiting", cursor: slice * atOnce });
      }
      await dieAt(world, jobId, deathAt);
      const cursor = Math.floor((deathAt - 1) / atOnce) * atOnce;
      expect(await findJob(world.ctx(), jobId)).toMatchObject({ state: "running", cursor, done: cursor, refused: 0 });
      for (let minutes = 0; (await findJob(world.ctx(), jobId))?.state !== "done"; minutes++) {
        expect(minutes).toBeLessThan(60);
        await sweepJobs(world.ctx(), Date.now() + 1000);
      }
    };
    const expectAllDone = async (jobId: string) => {
      expect(await get(as(), jobId)).toMatchObject({
        state: "done",
        counts: { total: count, done: count, refused: 0 },
        error: null,
      });
      const rows = (await rowsOf(jobId)).map(({ row, subject, name, outcome }) => [row, subject, name, outcome]);
      expect(rows).toEqual(ids.map((id, at) => [at + 1, id, nameOf(at), "done"]));
    };
    /** Each application was decided so often and no more, as the record of what happened has it. */
    const expectDecided = (items: Item[], actions: string[]) => {
      const decided = of(items, "audit").filter((item) => item.action.startsWith("application."));
      const bySubject = Map.groupBy(decided, (item) => item.subject as string);
      for (const id of ids)
        expect(
          bySubject
            .get(id)!
            .map((item) => item.action)
            .sort(),
        ).toEqual(actions);
      expect(decided).toHaveLength(count * actions.length);
    };

    const { job } = await Applications.bulk(as(), { action: "approve", ids });
    await timed("approved", () => workThrough(job.id));
    await expectAllDone(job.id);
    let items = await scan(world);
    const ambassadors = of(items, "ambassador");
    expect(ambassadors.map((item) => `${item.applicationId} ${item.status}`).sort()).toEqual(
      ids.map((id) => `${id} active`).sort(),
    );
    const codes = of(items, "code");
    expect(codes).toHaveLength(count);
    expect(new Map(codes.map((item) => [item.ambassadorId, item.code]))).toEqual(
      new Map(ambassadors.map((item) => [item.id, item.primaryCode])),
    );
    expectDecided(items, ["application.approved"]);
    const before = { "mail.application_confirm": count };
    expect(intended(items)).toEqual({ ...before, "mail.application_decided": count, "code.sync": count });

    world.clock.advance(9 * 60_000);
    const undoing = await undo(as(), job.id);
    await timed("undone", () => workThrough(undoing.job.id));
    await expectAllDone(undoing.job.id);
    items = await scan(world);
    expect(of(items, "ambassador").map((item) => `${item.status} ${item.statusReason}`)).toEqual(
      ids.map(() => "left approval_undone"),
    );
    expect(of(items, "code").map((item) => item.ambassadorStatus)).toEqual(ids.map(() => "left"));
    expect(of(items, "application").map((item) => item.status)).toEqual(ids.map(() => "confirmed"));
    expectDecided(items, ["application.approved", "application.undone"]);
    expect(intended(items)).toEqual({
      ...before,
      "mail.application_decided": count,
      "mail.approval_undone": count,
      "code.sync": 2 * count,
    });
    console.log(`${count} people: ${told.join(", ")}`);
  } finally {
    await world.close();
  }
});
