import fc from "fast-check";
import { expect, test } from "vitest";
import type { Runtime } from "../../../../functions/runtime.ts";
import { openCheckout } from "../../../local/testing/checkout.ts";
import type { Death } from "../../../local/testing/crashing.ts";
import { keyed, kindsThatMail, mailedTwice } from "../../../local/testing/dying.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { type Machine, openMachine } from "../../../local/testing/machine.ts";
import { scan } from "../../../local/testing/scan.ts";
import { approve, confirm, submit, tokenOf } from "../application/index.ts";
import { claimOf, form, visitor } from "../application/testing.ts";
import { check, eventsOf, ownersOf, purchaseOf, type Someone, shuffled, visit } from "./books.testing.ts";
import { codesIn, expectPeople } from "./crash.testing.ts";
import { chanceOf, type Story, stories } from "./model.testing.ts";

/** Half of it on a slow engine. More of them by hand: CRASH_RUNS=200 npx vitest run packages/core/src/order/crash-history.test.ts; CRASH_SEED repeats a failure. */
const numRuns = Number(process.env.CRASH_RUNS ?? (process.env.DYNAMODB_ENDPOINT ? 8 : 16));
const seed = process.env.CRASH_SEED ? { seed: Number(process.env.CRASH_SEED) } : {};
const dayMs = 86_400_000;

const deathsOf = fc.array(
  fc.record({ at: fc.integer({ min: 1, max: 40 }), when: fc.constantFrom<Death["when"][]>("before", "after") }),
  { minLength: 1, maxLength: 10 },
);

test("whatever happens, and wherever the processes die: the books are right", {
  timeout: 120_000 + numRuns * 30_000,
}, async () => {
  let died = 0;
  let twice = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(stories, deathsOf, async (story, deaths) => {
      const world = await openWorld();
      await withoutFlags(world);
      const machine = await openMachine(world, deaths);
      try {
        await play(world, machine, story);
        died += machine.processes.length - 1;
        twice += await mailedTwice(world, machine);
        runs++;
      } finally {
        machine.close();
        await world.close();
      }
    }),
    // Each run takes seconds: a counterexample is made smaller for a while, not for ever.
    { numRuns, ...seed, interruptAfterTimeLimit: 60_000 + numRuns * 25_000, markInterruptAsFailure: true },
  );
  console.log(`at random: ${runs} runs, died ${died} times; mails sent twice: ${twice}`);
  expect(died).toBeGreaterThan(0);
});

function thrown<T>(ends: PromiseSettledResult<T>[]): T[] {
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

/** Everybody at once, on processes that die under them. */
async function play(world: World, machine: Machine, story: Story): Promise<void> {
  const chance = chanceOf(story.chance);
  const upTo = (count: number): number => Math.floor(chance() * count);

  /** Requests at the same time, the work of the program beside them, and again whoever had no answer. */
  async function all<T>(requests: ((runtime: Runtime) => Promise<T>)[]): Promise<T[]> {
    const answers: T[] = [];
    let open = requests.map((request, at) => ({ request, at }));
    while (open.length > 0) {
      const beside = [...(chance() < 0.4 ? [machine.settle] : []), ...(chance() < 0.2 ? [machine.minute] : [])];
      const asking = open.map(async (each) => {
        const ended = await machine.attempt(each.request);
        if (ended) answers[each.at] = ended.answer;
        return ended ? [] : [each];
      });
      // All of them end before one that failed is told.
      const [ends] = await Promise.all([
        Promise.allSettled(asking),
        Promise.allSettled(beside.map((work) => work())).then(thrown),
      ]);
      open = thrown(ends).flat();
      if (chance() < 0.3) await machine.quiet();
      if (chance() < 0.3) world.clock.advance(upTo(60_000));
    }
    return answers;
  }

  const applicants = story.people.map((each, n) => ({
    ...each,
    email: `person${n}@example.com`,
    visitor: visitor(),
    manager: world.staff("manager"),
    tierId: each.better ? world.program.laurelTierId : world.program.starterTierId,
  }));
  for (const twice of [false, true])
    await all(
      applicants
        .filter((each) => !twice || each.appliesTwice)
        .map(
          (each) => (runtime: Runtime) =>
            submit(
              keyed(runtime, each.visitor, `submit ${each.email} ${twice}`),
              form({ email: each.email, name: "Anna Muster" }),
            ),
        ),
    );
  const ids = await Promise.all(
    applicants.map(async ({ email }) => (await claimOf(world.ctx(), email))!.applicationId),
  );
  await all(
    applicants.map((each, n) => (runtime: Runtime) => {
      const ctx = keyed(runtime, each.visitor, `confirm ${each.email}`);
      return confirm(ctx, tokenOf(ctx, ids[n]!));
    }),
  );
  const approvals = await all(
    applicants.map((each, n) => (runtime: Runtime) => {
      const ctx = keyed(runtime, each.manager, `approve ${each.email}`);
      return approve(ctx, ids[n]!, { tierId: each.tierId });
    }),
  );
  await machine.quiet();
  const codes = codesIn(await scan(world));
  const people = applicants.map(
    ({ email, better }, n): Someone => ({
      id: approvals[n]!.ambassador.id,
      email,
      code: codes.find((each) => each.code === approvals[n]!.code.code)!,
      rateBp: better ? 1500 : 1000,
    }),
  );
  expectPeople(await scan(world), people.length);

  const owners = ownersOf(story.purchases, people);
  const sold = story.purchases.map((each, n) => ({
    story: each,
    of: purchaseOf(world, each, n),
    who: owners[n],
  }));
  const clicks = await all(
    sold.map(
      ({ who }) =>
        async (runtime: Runtime) =>
          who && visit({ ...world, table: runtime.table }, who),
    ),
  );
  const events = sold.flatMap((each, n) => eventsOf(world, each, clicks[n]));
  const deliveries = shuffled(
    events.flatMap((each) => (chance() < 0.3 ? [each, each] : [each])),
    chance,
  );
  while (deliveries.length > 0) {
    const statuses = await all(
      deliveries
        .splice(0, 1 + upTo(5))
        .map((told) => async (runtime: Runtime) => (await openCheckout(world, runtime).tell(told)).status),
    );
    for (const status of statuses) expect(status).toBe(200);
    if (chance() < 0.2) world.clock.advance(upTo(30) * dayMs);
  }
  world.clock.advance(60 * dayMs);
  await machine.minute();
  await machine.quiet();
  await check(world, story, { people, sold, paidOut: new Map(), written: [] });

  // What must have been said was said: that somebody was taken, and thanks for what still stands.
  const items = await scan(world);
  expectPeople(items, people.length);
  const sent = new Set(machine.sendings().map((each) => each.effectId));
  const commissions = items.filter((item) => item.__edb_e__ === "commission" && item.state !== "reversed");
  // While nothing of it stood there was nothing to thank for, and what came back was no new sale.
  const restored = new Set(
    items.flatMap((item) => (item.__edb_e__ === "entry" && item.kind === "restore" ? (item.orderIds as string[]) : [])),
  );
  const standing = new Set(commissions.map((item) => item.orderId as string).filter((id) => !restored.has(id)));
  const earned = items.filter((item) => item.__edb_e__ === "entry" && item.kind === "earn");
  for (const effect of items.filter(kindsThatMail)) {
    const thanks = earned.some((entry) => entry.id === effect.subject && standing.has(entry.orderIds[0]));
    if (effect.kind === "mail.application_decided" || thanks)
      expect([effect.kind, sent.has(effect.id)]).toEqual([effect.kind, true]);
  }
}
