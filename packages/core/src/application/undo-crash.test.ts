import { signedIn } from "@laurel/functions/api/testing.ts";
import { expect, test } from "vitest";
import {
  codesAtStripe,
  dieEverywhere,
  expectMails,
  expectNothingWaits,
  kindsThatMail,
  type Life,
  patient,
} from "../../../local/testing/dying.ts";
import { scan } from "../../../local/testing/scan.ts";
import * as Jobs from "../job-runner/index.ts";
import type { Actor } from "../kernel/index.ts";
import { type Applicant, expectPeople } from "../order/crash.testing.ts";
import { approve, bulk, decline, undo } from "./index.ts";
import { confirmed } from "./testing.ts";

const dayMs = 86_400_000;

/** Who decides, and on whom. */
interface Team {
  actor: Actor;
  people: Applicant[];
}

test("a process dies anywhere while decisions are undone and made again", patient, async () => {
  const undone = async ({ world, machine, ask, had: { id, email } }: Life<Applicant>) => {
    const manager = world.staff("manager");
    await ask("decline", manager, (ctx) =>
      decline(ctx, id, { reason: "program_full", reapply: { policy: "after_days", days: 30 } }),
    );
    expect((await ask("undo decline", manager, (ctx) => undo(ctx, id))).status).toBe("confirmed");
    await machine.quiet();
    const first = await ask("approve", manager, (ctx) => approve(ctx, id));
    await machine.quiet();
    expect(codesAtStripe(world)).toEqual([{ code: first.code.code, active: true }]);
    expect((await ask("undo approval", manager, (ctx) => undo(ctx, id))).status).toBe("confirmed");
    await machine.quiet();
    expect(codesAtStripe(world)).toEqual([{ code: first.code.code, active: false }]);
    const second = await ask("approve again", manager, (ctx) => approve(ctx, id));
    expect(second.ambassador.id).toBe(first.ambassador.id);
    world.clock.advance(dayMs);
    await machine.quiet();
    expect(codesAtStripe(world)).toEqual([{ code: first.code.code, active: true }]);
    const items = await scan(world);
    expectMails(
      machine,
      email,
      ["mail.application_decided", "mail.approval_undone", "mail.application_decided"],
      items.filter(kindsThatMail),
    );
    expectPeople(items, 1);
    expectNothingWaits(items);
  };
  await dieEverywhere("undo", undone, (world) => confirmed(world, { email: "ada@example.com", name: "Ada Lovelace" }));
});

test("a process dies anywhere while a job decides, and another one undoes it", patient, async () => {
  const byJobs = async ({ world, machine, ask, had: { people, actor } }: Life<Team>) => {
    const ids = people.map(({ id }) => id) as never[];
    const { job } = await ask("bulk", actor, (ctx) => bulk(ctx, { action: "approve", ids }));
    await machine.quiet();
    expect(await Jobs.get(world.ctx(actor), job.id)).toMatchObject({
      state: "done",
      counts: { total: 2, done: 2, refused: 0 },
    });
    expect(codesAtStripe(world)).toMatchObject([{ active: true }, { active: true }]);
    expectPeople(await scan(world), 2);
    const undoing = await ask("undo", actor, (ctx) => Jobs.undo(ctx, job.id));
    await machine.quiet();
    expect(await Jobs.get(world.ctx(actor), undoing.job.id)).toMatchObject({
      state: "done",
      counts: { total: 2, done: 2, refused: 0 },
    });
    expect(codesAtStripe(world)).toMatchObject([{ active: false }, { active: false }]);
    const items = await scan(world);
    for (const { email } of people)
      expectMails(machine, email, ["mail.application_decided", "mail.approval_undone"], items.filter(kindsThatMail));
    expect(items.filter((item) => item.__edb_e__ === "job")).toHaveLength(2);
    expect(items.filter((item) => item.__edb_e__ === "application").map((item) => item.status)).toEqual([
      "confirmed",
      "confirmed",
    ]);
    expectNothingWaits(items);
  };
  await dieEverywhere("bulk", byJobs, async (world): Promise<Team> => {
    const { actor } = await signedIn(world, ["manager"]);
    const people: Applicant[] = [];
    for (const name of ["Ada Lovelace", "Mary Somerville"])
      people.push(await confirmed(world, { email: `${name.split(" ")[0]!.toLowerCase()}@example.com`, name }));
    return { actor, people };
  });
});
