import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { ApplicationStatus, JobDetail } from "@laurel/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, signedIn } from "../../../../functions/api/testing.ts";
import { createMinute } from "../../../../functions/job/minute.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { refused, wrapped } from "../../../local/testing/wrap.ts";
import * as Applications from "../application/index.ts";
import { findApplication } from "../application/index.ts";
import { claimOf, confirmed, effectsOf, firstName, refusalOf, visitor, warm } from "../application/testing.ts";
import { list as listAudit } from "../audit/index.ts";
import { findCode } from "../code/index.ts";
import { findJob, jobKey } from "../job/index.ts";
import { type Context, sha256 } from "../kernel/index.ts";
import { findPerson, findPersonByEmail, replaceAccess } from "../person/index.ts";
import { getItem, queryAll, transact } from "../table/index.ts";
import { get, runJob, sweepJobs, undo } from "./index.ts";

let world: World;
let manager: Caller;
/** A world of its own for a group of tests, so that none settles what another one left. */
function ownWorld(): void {
  beforeAll(async () => {
    world = await openWorld();
    await warm(world.ctx());
    manager = await signedIn(world, ["manager"]);
  });
  afterAll(() => world.close());
}

const minutes = (count: number) => count * 60_000;
const later = () => Date.now() + 60_000;
const as = (caller = manager, more?: Parameters<World["ctx"]>[1]) => world.ctx(caller.actor, more);
const waiting = async (count: number) => {
  const made = await Promise.all(
    Array.from({ length: count }, (_, at) => confirmed(world, { name: `${firstName(at)} Bulk` })),
  );
  return made.map(({ id, email, token }) => ({ id, email, token }));
};
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id) as never[];
const approveAll = (ids: never[], caller = manager) => Applications.bulk(as(caller), { action: "approve", ids });
const declineAll = (ids: never[], caller = manager) =>
  Applications.bulk(as(caller), {
    action: "decline",
    ids,
    reason: "program_full",
    note: "Spring",
    reapply: { policy: "after_days", days: 30 },
  });
const statusOf = async (id: string): Promise<ApplicationStatus> => (await findApplication(world.ctx(), id))!.status;
const decisionsOf = async (id: string) =>
  (await listAudit(world.ctx(), { subject: id })).items.map(({ action }) => action);
const outcomesOf = (job: JobDetail) => job.rows.items.map(({ outcome, code }) => code ?? outcome);
/** As if the lease of a dead runner had run out. */
const leaseRunsOut = (id: string) =>
  world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: jobKey(id),
      UpdateExpression: "SET leaseUntilMs = :past",
      ExpressionAttributeValues: { ":past": Date.now() - 1 },
    }),
  );

describe("many at once", () => {
  ownWorld();

  test("an approval of each, in the name of whoever asked, with a result a row", async () => {
    const people = await waiting(3);
    const begun = await Applications.bulk(as(), {
      action: "approve",
      ids: idsOf(people),
      tierId: world.program.laurelTierId,
      note: "All of the spring's",
    });
    expect(begun.job).toEqual({
      id: expect.stringMatching(/^job_/),
      kind: "applications.approve",
      state: "waiting",
      counts: { total: 3, done: 0, refused: 0 },
      error: null,
      createdAt: world.clock.now().toISOString(),
      createdBy: manager.personId,
      createdByName: expect.any(String),
      finishedAt: null,
      undoes: null,
      undoneBy: null,
      undoForMs: null,
    });
    await world.settle();
    const job = await get(as(), begun.job.id);
    expect(job).toMatchObject({
      state: "done",
      counts: { total: 3, done: 3, refused: 0 },
      finishedAt: world.clock.now().toISOString(),
      undoForMs: minutes(10),
    });
    expect(job.rows).toEqual({
      items: people.map(({ id }, at) => ({
        row: at + 1,
        subject: id,
        name: `${firstName(at)} Bulk`,
        outcome: "done",
        code: null,
        message: null,
      })),
      cursor: null,
    });
    for (const { id, email } of people) {
      const application = await Applications.get(as(), id);
      expect(application).toMatchObject({
        status: "approved",
        decision: { decidedBy: manager.personId, note: "All of the spring's" },
      });
      const { items } = await listAudit(world.ctx(), { subject: id });
      expect(items).toMatchObject([
        {
          action: "application.approved",
          actor: { id: manager.personId },
          after: { tierId: world.program.laurelTierId },
        },
      ]);
      expect(world.mails.filter((mail) => mail.to === email && mail.subject.startsWith("Welcome"))).toHaveLength(1);
    }
    expect((await listAudit(world.ctx(), { subject: job.id })).items).toMatchObject([
      { action: "job.started", after: { kind: "applications.approve", rows: 3 } },
    ]);
  });

  test("a decline of each, whose mails wait for 10 minutes and then all go", async () => {
    const people = await waiting(8);
    const { job } = await declineAll(idsOf(people));
    await world.settle();
    expect(await get(as(), job.id)).toMatchObject({ state: "done", counts: { total: 8, done: 8, refused: 0 } });
    const told = () =>
      people.filter(({ email }) => world.mails.some((mail) => mail.to === email && mail.subject.startsWith("About")));
    await createMinute(world.runtime)();
    expect(told()).toHaveLength(0);
    for (const { id, email } of people) {
      expect(await statusOf(id)).toBe("declined");
      expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "closed", reapplyOn: "2026-07-15" });
    }
    world.clock.advance(minutes(10));
    await createMinute(world.runtime)();
    expect(told()).toHaveLength(8);
  }, 60_000);

  test("what can't be done is said row by row, and the rest is done", async () => {
    const people = await waiting(4);
    await Applications.withdraw(world.ctx(visitor()), people[0]!.token);
    await Applications.decline(as(), people[1]!.id, { reason: "other", reapply: { policy: "now" } });
    const own = await confirmed(world, { email: manager.email });
    const missing = world.newId("application");
    const ids = [...idsOf(people), own.id, missing] as never[];
    const { job } = await approveAll(ids);
    await world.settle();
    const end = await get(as(), job.id);
    expect(end).toMatchObject({ state: "done", counts: { total: 6, done: 2, refused: 4 } });
    expect(outcomesOf(end)).toEqual([
      "application.withdrawn",
      "application.already_decided",
      "done",
      "done",
      "application.own",
      "not_found",
    ]);
    expect(end.rows.items[1]?.message).toBe("This application was already declined. Reload it to see the decision.");
    expect(await statusOf(own.id)).toBe("confirmed");
  });

  test("an unknown tier or campaign is refused before anything begins", async () => {
    const people = await waiting(1);
    for (const wrong of [{ tierId: world.newId("tier") }, { campaignId: world.newId("campaign") }])
      expect(
        await refusalOf(Applications.bulk(as(), { action: "approve", ids: idsOf(people), ...wrong })),
      ).toMatchObject({ kind: "invalid" });
    expect(await sweepJobs(world.ctx(), later())).toBe(0);
    expect(await statusOf(people[0]!.id)).toBe("confirmed");
  });

  test("500 in one job, page by page", async () => {
    const ids = Array.from({ length: 500 }, () => world.newId("application")) as never[];
    const { job } = await declineAll(ids);
    await runJob(world.ctx(), job.id, later());
    const seen: string[] = [];
    let cursor: string | undefined;
    let pages = 0;
    do {
      const page = await get(as(), job.id, { cursor });
      expect(page.counts).toEqual({ total: 500, done: 0, refused: 500 });
      seen.push(...page.rows.items.map((row) => row.subject));
      cursor = page.rows.cursor ?? undefined;
      pages++;
    } while (cursor);
    expect(seen).toEqual(ids);
    expect(pages).toBeLessThanOrEqual(6);
  });

  test("the same Idempotency-Key begins one job", async () => {
    const people = await waiting(2);
    const ctx = () => as(manager, { idempotency: { key: sha256(people[0]!.id), bodyHash: sha256("{}") } });
    const input = { action: "approve", ids: idsOf(people) } as const;
    const first = await Applications.bulk(ctx(), input);
    expect(await Applications.bulk(ctx(), input)).toEqual(first);
    await world.settle();
    const undone = () => as(manager, { idempotency: { key: sha256(`undo ${first.job.id}`), bodyHash: sha256("{}") } });
    const taken = await undo(undone(), first.job.id);
    expect(await undo(undone(), first.job.id)).toEqual(taken);
    await world.settle();
    expect(await statusOf(people[0]!.id)).toBe("confirmed");
  });

  test("staff see jobs, those who decide begin and undo them, and a missing one is not found", async () => {
    const { job } = await declineAll(idsOf(await waiting(1)));
    await world.settle();
    const viewer = await signedIn(world, ["viewer"]);
    const ambassador = await signedIn(world, ["ambassador"]);
    expect((await get(as(viewer), job.id)).state).toBe("done");
    expect(await refusalOf(get(as(ambassador), job.id))).toMatchObject({ kind: "forbidden" });
    expect(await refusalOf(undo(as(viewer), job.id))).toMatchObject({ kind: "forbidden" });
    expect(await refusalOf(approveAll([], viewer))).toMatchObject({ kind: "forbidden" });
    expect(await refusalOf(get(world.ctx(visitor()), job.id))).toMatchObject({ kind: "unauthenticated" });
    const missing = world.newId("job");
    for (const attempt of [() => get(as(), missing), () => undo(as(), missing)])
      expect(await refusalOf(attempt())).toMatchObject({ kind: "not_found" });
  });
});

describe("a job", () => {
  ownWorld();

  test("leaves at its deadline, and the minute goes on where it stopped", async () => {
    const people = await waiting(24);
    const { job } = await declineAll(idsOf(people));
    await runJob(world.ctx(), job.id, Date.now() - 1);
    const first = (await findJob(world.ctx(), job.id))!;
    expect(first).toMatchObject({ state: "waiting", cursor: 20, done: 20, attempts: 0 });
    expect(first.leaseUntilMs).toBeUndefined();
    await createMinute(world.runtime, { jobsMs: 60_000 })();
    expect(await get(as(), job.id)).toMatchObject({ state: "done", counts: { total: 24, done: 24, refused: 0 } });
    expect(await queryAll(world.table, { index: "gsi1", pk: "JOBS#open" })).toEqual([]);
    expect(await runJob(world.ctx(), job.id, later())).toBe(false);
  });

  test("that somebody holds is left alone until the lease has run out", async () => {
    const people = await waiting(2);
    const { job } = await declineAll(idsOf(people));
    let dies = true;
    // The machine stops in the middle, so that not even the end is recorded.
    const table = wrapped(world.table, async ({ name, input }, send) => {
      if (dies && name === "TransactWrite" && JSON.stringify(input).includes('"ROW#')) throw refused();
      if (dies && name === "TransactWrite" && JSON.stringify(input).includes('"error"')) throw refused();
      return send();
    });
    await runJob({ ...world.ctx(), table }, job.id, later());
    dies = false;
    expect((await findJob(world.ctx(), job.id))?.state).toBe("running");
    expect(await sweepJobs(world.ctx(), later())).toBe(0);
    await leaseRunsOut(job.id);
    expect(await sweepJobs(world.ctx(), later())).toBe(1);
    expect(await get(as(), job.id)).toMatchObject({ state: "done", counts: { done: 2 } });
  });

  test("run by two at once gives each row one result and one decision", async () => {
    for (let round = 0; round < 2; round++) {
      const people = await waiting(22);
      const { job } = await approveAll(idsOf(people));
      // Two claims one after the other, both of whose holders believe in their lease.
      const slow = wrapped(world.table, async ({ name, input }, send) => {
        const answer = await send();
        if (name === "TransactWrite" && JSON.stringify(input).includes('"attempts":1')) await leaseRunsOut(job.id);
        return answer;
      });
      await Promise.all([
        runJob({ ...world.ctx(), table: slow }, job.id, later()),
        new Promise((done) => setTimeout(done, 30 + round * 40)).then(() => runJob(world.ctx(), job.id, later())),
      ]);
      await leaseRunsOut(job.id);
      await sweepJobs(world.ctx(), later());
      const end = await get(as(), job.id);
      expect(end).toMatchObject({ state: "done", counts: { total: 22, done: 22, refused: 0 } });
      expect(outcomesOf(end)).toEqual(people.map(() => "done"));
      for (const { id } of people) expect(await decisionsOf(id)).toEqual(["application.approved"]);
    }
  }, 60_000);

  test("beside another one over the same rows: each row is decided once, and the other job is told", async () => {
    for (let round = 0; round < 3; round++) {
      const people = await waiting(12);
      const other = await signedIn(world, ["owner"]);
      const [approving, declining] = await Promise.all([
        approveAll(idsOf(people)),
        declineAll(idsOf([...people].reverse()), other),
      ]);
      await Promise.all([
        runJob(world.ctx(), approving.job.id, later()),
        runJob(world.ctx(), declining.job.id, later()),
      ]);
      const [approved, declined] = await Promise.all([get(as(), approving.job.id), get(as(), declining.job.id)]);
      expect(approved.counts.done + declined.counts.done).toBe(12);
      expect(approved.counts.refused).toBe(declined.counts.done);
      for (const { id } of people) {
        const rows = [approved, declined].map((job) => job.rows.items.find((row) => row.subject === id)!);
        const status = await statusOf(id);
        expect(rows.map((row) => row.outcome)).toEqual(
          status === "approved" ? ["done", "refused"] : ["refused", "done"],
        );
        expect(rows.find((row) => row.outcome === "refused")).toMatchObject({
          code: "application.already_decided",
          message: expect.stringContaining(`already ${status}`),
        });
        expect(await decisionsOf(id)).toEqual([`application.${status}`]);
      }
    }
  }, 60_000);

  test.each([
    ["before a write", false],
    ["after a write whose answer is lost", true],
  ])(
    "that dies %s goes on and repeats nothing, wherever that was",
    async (_, lost) => {
      // Each round dies one write later, until one comes through: claim, rows, cursor, end.
      let died = true;
      let rounds = 0;
      for (let writes = 0; died; writes++, rounds++) {
        const people = await waiting(2);
        const { job } = await (writes % 2 ? approveAll : declineAll)(idsOf(people));
        let made = 0;
        died = false;
        const table = wrapped(world.table, async ({ name }, send) => {
          if (died) throw refused();
          if (name !== "TransactWrite" || made++ < writes) return send();
          died = true;
          if (lost) await send();
          throw refused();
        });
        await runJob({ ...world.ctx(), table } as Context, job.id, later());
        await leaseRunsOut(job.id);
        await sweepJobs(world.ctx(), later());
        const end = await get(as(), job.id);
        expect(end, `dead at write ${writes}`).toMatchObject({
          state: "done",
          counts: { total: 2, done: 2, refused: 0 },
          error: null,
        });
        expect(outcomesOf(end)).toEqual(["done", "done"]);
        for (const { id, email } of people) {
          expect(await decisionsOf(id)).toHaveLength(1);
          const mails = (await effectsOf(world.ctx(), id)).filter((each) => each.kind === "mail.application_decided");
          expect(mails).toHaveLength(1);
          if (writes % 2) {
            const { ambassadorId } = (await findPersonByEmail(world.ctx(), email))!.access;
            expect((await findApplication(world.ctx(), id))?.ambassadorId).toBe(ambassadorId);
          }
        }
      }
      expect(rounds).toBeGreaterThan(4);
    },
    120_000,
  );

  test("of somebody who lost the right to decide stops, and says so", async () => {
    const eve = await signedIn(world, ["manager"]);
    const people = await waiting(1);
    const { job } = await approveAll(idsOf(people), eve);
    const { access } = (await findPerson(world.table, eve.personId))!;
    await transact(world.table, [replaceAccess(world.ctx(), access, { staffRoles: ["viewer"] })]);
    await runJob(world.ctx(), job.id, later());
    expect(await get(as(), job.id)).toMatchObject({
      state: "failed",
      error: expect.stringContaining("Your role does not include this"),
      counts: { done: 0, refused: 0 },
    });
    expect(await statusOf(people[0]!.id)).toBe("confirmed");
  });

  test("that never gets further is given up after many tries, with a reason", async () => {
    const people = await waiting(1);
    const { job } = await approveAll(idsOf(people));
    const table = wrapped(world.table, async ({ name, input }, send) => {
      if (name === "TransactWrite" && JSON.stringify(input).includes('"ROW#')) throw new Error("a bug of ours");
      return send();
    });
    for (let attempt = 1; attempt < 20; attempt++) {
      await runJob({ ...world.ctx(), table }, job.id, later());
      expect((await findJob(world.ctx(), job.id))?.state).toBe("waiting");
    }
    await runJob({ ...world.ctx(), table }, job.id, later());
    expect(await get(as(), job.id)).toMatchObject({
      state: "failed",
      error: "Something went wrong on our side. It is tried again by itself.",
    });
    expect(await runJob(world.ctx(), job.id, later())).toBe(false);
  });
});

describe("undo of a job", () => {
  ownWorld();

  test("takes back all that it declined, and nobody is told anything", async () => {
    const people = await waiting(5);
    const mails = world.mails.length;
    const { job } = await declineAll(idsOf(people));
    await world.settle();
    world.clock.advance(minutes(9));
    const undoing = await undo(as(), job.id);
    expect(undoing.job).toMatchObject({ kind: "applications.undo", undoes: job.id, counts: { total: 5 } });
    expect(await get(as(), job.id)).toMatchObject({ undoneBy: undoing.job.id, undoForMs: null });
    await world.settle();
    expect(await get(as(), undoing.job.id)).toMatchObject({
      state: "done",
      counts: { total: 5, done: 5, refused: 0 },
      undoForMs: null,
    });
    world.clock.advance(minutes(30));
    await createMinute(world.runtime)();
    expect(
      world.mails
        .slice(mails)
        .filter((mail) => people.some(({ email }) => email === mail.to && /About/.test(mail.subject))),
    ).toEqual([]);
    for (const { id, email } of people) {
      expect(await statusOf(id)).toBe("confirmed");
      expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "open" });
      const { items } = await listAudit(world.ctx(), { subject: id });
      expect(items.map(({ action }) => action)).toEqual(["application.undone", "application.declined"]);
    }
  });

  test("takes back all that it approved, codes at the checkout included", async () => {
    const people = await waiting(3);
    const { job } = await approveAll(idsOf(people));
    await world.settle();
    const codes = await Promise.all(
      people.map(async ({ id }) => {
        const { ambassadorId } = (await findApplication(world.ctx(), id))!;
        return (await getItem(world.table, { pk: `AMB#${ambassadorId}`, sk: "AMBASSADOR" }))!.primaryCode as string;
      }),
    );
    await undo(as(), job.id);
    await world.settle();
    for (const code of codes) {
      expect(await findCode(world.ctx(), code)).toMatchObject({ state: "disabled", ambassadorStatus: "left" });
      expect([...world.stripe.promotionCodes.values()].find((each) => each.code === code)?.active).toBe(false);
    }
    for (const { email } of people)
      expect(world.mails.filter((mail) => mail.to === email).at(-1)?.subject).toMatch(/^Our mistake/);
  });

  test("leaves alone what was refused, undone or decided anew since", async () => {
    const people = await waiting(4);
    await Applications.waitlist(as(), people[0]!.id, {});
    await Applications.decline(as(), people[0]!.id, { reason: "other", reapply: { policy: "never" } });
    const { job } = await declineAll(idsOf(people));
    await world.settle();
    world.clock.advance(minutes(1));
    await Applications.undo(as(), people[1]!.id);
    await Applications.undo(as(), people[2]!.id);
    await Applications.decline(as(), people[2]!.id, { reason: "other", reapply: { policy: "never" } });
    const undoing = await undo(as(), job.id);
    await world.settle();
    const end = await get(as(), undoing.job.id);
    expect(end.counts).toEqual({ total: 3, done: 1, refused: 2 });
    expect(outcomesOf(end)).toEqual(["application.nothing_to_undo", "application.decided_since", "done"]);
    expect(await Promise.all(people.map(({ id }) => statusOf(id)))).toEqual([
      "declined",
      "confirmed",
      "declined",
      "confirmed",
    ]);
  });

  test("is begun once, whoever else begins it at the same moment", async () => {
    const people = await waiting(2);
    const { job } = await declineAll(idsOf(people));
    expect(await refusalOf(undo(as(), job.id))).toMatchObject({ kind: "conflict", code: "job.not_finished" });
    await world.settle();
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => undo(as(), job.id)));
    expect(outcomes.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    for (const each of outcomes)
      if (each.status === "rejected")
        expect(each.reason).toMatchObject({ kind: "conflict", code: "job.already_undone" });
    const { undoneBy } = await get(as(), job.id);
    await world.settle();
    expect(await refusalOf(undo(as(), undoneBy!))).toMatchObject({ kind: "conflict", code: "job.not_undoable" });
  });

  test("is refused where nothing was done, and when 10 minutes are over", async () => {
    const nothing = await declineAll([world.newId("application")] as never[]);
    const people = await waiting(1);
    const { job } = await declineAll(idsOf(people));
    await world.settle();
    expect(await refusalOf(undo(as(), nothing.job.id))).toMatchObject({ code: "job.nothing_to_undo" });
    world.clock.advance(minutes(10));
    expect((await get(as(), job.id)).undoForMs).toBeNull();
    expect(await refusalOf(undo(as(), job.id))).toMatchObject({ kind: "conflict", code: "job.undo_too_late" });
  });

  test("and single undos of its rows at once: each row is undone once", async () => {
    const people = await waiting(8);
    const { job } = await approveAll(idsOf(people));
    await world.settle();
    world.clock.advance(1000);
    const undoing = await undo(as(), job.id);
    const [, singles] = await Promise.all([
      runJob(world.ctx(), undoing.job.id, later()),
      Promise.allSettled(people.map(({ id }) => Applications.undo(as(), id))),
    ]);
    const end = await get(as(), undoing.job.id);
    const won = singles.filter((each) => each.status === "fulfilled").length;
    expect(end.counts.done + won).toBe(8);
    for (const { id } of people) expect(await decisionsOf(id)).toEqual(["application.undone", "application.approved"]);
  });
});
