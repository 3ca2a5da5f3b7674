import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { JobDetail, Role } from "@laurel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, signedIn } from "../../../../functions/api/testing.ts";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { refused, wrapped } from "../../../local/testing/wrap.ts";
import { list as listAudit } from "../audit/index.ts";
import { CommissionEntity } from "../commission/index.ts";
import { sell } from "../correction/testing.ts";
import { jobKey } from "../job/index.ts";
import { get as getJob, runJob } from "../job-runner/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { commissionKeyOf, findOrder, type OrderItem } from "../order/index.ts";
import { getItem, parse } from "../table/index.ts";
import * as Flags from "./index.ts";

let world: World;
let anna: TestAmbassador;
let manager: Caller;
let finance: Caller;
beforeAll(async () => {
  world = await openWorld();
  anna = await ambassador(world, "Anna Muster");
  [manager, finance] = [await signedIn(world, ["manager"]), await signedIn(world, ["finance"])];
});
afterAll(async () => {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const as = (caller: Caller) => world.ctx(caller.actor);
const later = () => Date.now() + 60_000;
interface Flagged {
  order: OrderItem;
  id: string;
}
/** Orders of hers, each with a flag that somebody has raised. */
async function flagged(count: number, by: Caller = finance): Promise<Flagged[]> {
  const all: Flagged[] = [];
  for (let n = 0; n < count; n++) {
    world.clock.advance(1_000);
    const order = await sell(world, { by: anna });
    all.push({ order, id: (await Flags.raise(as(by), order.id, { reason: "The code stood on a page" })).id });
  }
  return all;
}
const resolveAll = async (by: Caller, ids: string[], outcome: "cleared" | "confirmed"): Promise<string> =>
  (await Flags.resolveMany(as(by), { ids: ids as never[], outcome, reason: "It was looked at" })).job.id;
const run = (jobId: string, table = world.table) => runJob({ ...world.ctx(), table }, jobId, later());
const resultsOf = (job: JobDetail) => job.rows.items.map(({ outcome, code }) => code ?? outcome);
const placeOf = async ({ order }: Flagged) => {
  const commission = parse(CommissionEntity, await getItem(world.table, commissionKeyOf(anna.id, order)));
  return commission?.state === "reversed" ? "reversed" : commission?.place;
};
const endsOf = async ({ order }: Flagged) =>
  (await listAudit(world.ctx(), { subject: order.id })).items
    .map(({ action }) => action)
    .filter((action) => action === "flag.cleared" || action === "flag.confirmed");

test("many are cleared for one reason: each has a result, its money goes on, and one line of audit", async () => {
  const flags = await flagged(3);
  const id = await resolveAll(
    manager,
    flags.map((each) => each.id),
    "cleared",
  );
  await world.settle();
  const job = await getJob(as(manager), id);
  expect(job).toMatchObject({ kind: "flags.resolve", state: "done", counts: { total: 3, done: 3, refused: 0 } });
  expect(job.rows.items.map(({ name }) => name)).toEqual(flags.map(() => "Raised by a person, Anna Muster"));
  for (const each of flags) {
    expect(await placeOf(each)).toBe("pending");
    expect(await endsOf(each)).toEqual(["flag.cleared"]);
    expect(await Flags.get(as(finance), each.id)).toMatchObject({
      state: "cleared",
      resolution: { reason: "It was looked at" },
    });
  }
});

test("many are confirmed: each order is nobody's, and what it earned is taken back", async () => {
  const flags = await flagged(2);
  await resolveAll(
    manager,
    flags.map((each) => each.id),
    "confirmed",
  );
  await world.settle();
  for (const each of flags) {
    expect((await findOrder(world.ctx(), each.order.id))?.attribution).toBeUndefined();
    expect(await placeOf(each)).toBe("reversed");
  }
});

test("what can't be resolved is told in its row, and holds up none of the others", async () => {
  const [own, ended, fine] = [(await flagged(1, manager))[0]!, ...(await flagged(2))] as [Flagged, Flagged, Flagged];
  await Flags.resolve(as(finance), ended.id, { outcome: "cleared", reason: "No harm in it" });
  const nobodys = world.newId("flag");
  const id = await resolveAll(manager, [own.id, ended.id, nobodys, fine.id], "confirmed");
  await world.settle();
  const job = await getJob(as(manager), id);
  expect(resultsOf(job)).toEqual(["flag.raised_yourself", "flag.ended", "not_found", "done"]);
  expect(job).toMatchObject({ state: "done", counts: { total: 4, done: 1, refused: 3 } });
  expect([await placeOf(own), await placeOf(ended), await placeOf(fine)]).toEqual(["held", "pending", "reversed"]);

  // Somebody of the team who is the ambassador, too.
  const herself = await signedIn(world, ["manager"] satisfies Role[]);
  await world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: { pk: `PERSON#${herself.personId}`, sk: "ACCESS" },
      UpdateExpression: "SET ambassadorId = :id",
      ExpressionAttributeValues: { ":id": anna.id },
    }),
  );
  const about = await resolveAll(herself, [own.id], "cleared");
  await world.settle();
  expect(resultsOf(await getJob(as(manager), about))).toEqual(["flag.about_yourself"]);
  expect(await placeOf(own)).toBe("held");
});

test("of two jobs over the same flags each flag goes by one", async () => {
  const flags = await flagged(6);
  const ids = flags.map((each) => each.id);
  const [clearing, confirming] = [
    await resolveAll(manager, ids, "cleared"),
    await resolveAll(manager, ids, "confirmed"),
  ] as const;
  await Promise.all([run(clearing), run(confirming)]);
  // One that met the other too often goes on with the next minute.
  await Promise.all([run(clearing), run(confirming)]);
  const [one, other] = [await getJob(as(manager), clearing), await getJob(as(manager), confirming)];
  expect([one.state, other.state]).toEqual(["done", "done"]);
  for (const [at, each] of flags.entries()) {
    const results = [resultsOf(one)[at], resultsOf(other)[at]];
    expect([...results].sort()).toEqual(["done", "flag.ended"]);
    const cleared = results[0] === "done";
    expect(await endsOf(each)).toEqual([cleared ? "flag.cleared" : "flag.confirmed"]);
    expect(await placeOf(each)).toBe(cleared ? "pending" : "reversed");
  }
});

test.each(["before a write", "after a write"])(
  "a job that dies %s goes on and resolves nothing twice",
  async (when) => {
    // Each round dies one write later, until one comes through: claim, rows, cursor.
    let died = true;
    let rounds = 0;
    for (; died; rounds++) {
      const flags = await flagged(2);
      const ids = flags.map((each) => each.id);
      const id = await resolveAll(manager, ids, "confirmed");
      let left = rounds;
      died = false;
      const table = wrapped(world.table, async ({ name }, send) => {
        if (died) throw refused();
        if (name !== "TransactWrite" || left-- > 0) return send();
        died = true;
        if (when === "after a write") await send();
        throw refused();
      });
      await run(id, table);
      // As if the lease of the dead had run out.
      await world.table.client.send(
        new UpdateCommand({
          TableName: world.table.name,
          Key: jobKey(id),
          UpdateExpression: "SET leaseUntilMs = :past",
          ExpressionAttributeValues: { ":past": Date.now() - 1 },
        }),
      );
      await run(id);
      expect(await getJob(as(manager), id), `dead at write ${rounds}`).toMatchObject({
        state: "done",
        counts: { total: 2, done: 2, refused: 0 },
      });
      for (const each of flags) {
        expect(await endsOf(each)).toEqual(["flag.confirmed"]);
        expect(await placeOf(each)).toBe("reversed");
      }
    }
    expect(rounds).toBeGreaterThan(4);
  },
);
