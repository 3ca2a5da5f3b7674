import type { SimulationResult } from "@laurel/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { runJob } from "../job-runner/index.ts";
import { accountsOf } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { shuffled } from "../order/books.testing.ts";
import { chanceOf } from "../order/model.testing.ts";
import {
  books,
  finish,
  happenings,
  histories,
  inOrder,
  openProgram,
  type Program,
  someRules,
} from "./history.testing.ts";
import { get, start } from "./index.ts";

/** More of them by hand: SIMULATION_RUNS=100 npx vitest run packages/core/src/simulation/simulation.test.ts; SIMULATION_SEED repeats a failure. */
const numRuns = Number(process.env.SIMULATION_RUNS ?? 2);
const seed = Number(process.env.SIMULATION_SEED ?? Math.floor(Math.random() * 2 ** 31));
const patience = { timeout: 60_000 + numRuns * 40_000 };
const path = process.env.SIMULATION_PATH ? { path: process.env.SIMULATION_PATH } : {};
const properties = {
  numRuns,
  seed,
  ...path,
  endOnFailure: true,
  interruptAfterTimeLimit: 30_000 + numRuns * 30_000,
  markInterruptAsFailure: true,
};

/** Small pages and slices, so that a short history takes several. */
const sizes = { page: 4, slice: 7 };

async function simulated(world: World, input: Parameters<typeof start>[1]): Promise<SimulationResult> {
  const { job } = await start(world.ctx(), input, sizes);
  await runJob(world.ctx(), job.id, Date.now() + 60_000);
  const { result, job: end } = await get(world.ctx(), job.id);
  expect(end).toMatchObject({ state: "done", error: null, counts: { done: input.days + 1, total: input.days + 1 } });
  return result!;
}

/** Everything in the table but jobs, by key. */
const untouched = async (world: World) =>
  new Map(
    (await scan(world)).filter((item) => !item.pk.startsWith("JOB#")).map((item) => [`${item.pk} ${item.sk}`, item]),
  );

/** By ambassador's number and currency, what a result says that changes. */
function differences({ people }: Program, { currencies }: SimulationResult): Map<string, number> {
  return new Map(
    currencies.flatMap(({ currency, gains, losses }) =>
      [...gains, ...losses].map((each) => [
        `${people.findIndex(({ id }) => id === each.ambassadorId)} ${currency}`,
        each.differenceMinor,
      ]),
    ),
  );
}

test("the rules in force give the books as they stand, to the cent, and nothing is written", patience, async () => {
  const seen = { orders: 0, byHand: 0 };
  await fc.assert(
    fc.asyncProperty(histories({ min: 10, max: 22 }), async (history) => {
      const program = await openProgram(history, { rules: history.rules });
      const { world, people } = program;
      try {
        // However it was told, and however often.
        const chance = chanceOf(history.chance);
        const all = await happenings(program, history);
        const again = all.filter(() => chance() < 0.3);
        const told = new Set<(typeof all)[number]>();
        for (const each of shuffled([...all, ...again], chance)) {
          if (each.after && !told.has(each.after)) {
            await each.after.tell();
            told.add(each.after);
          }
          await each.tell();
          told.add(each);
        }
        await finish(world);
        expect((await checkLedger(world.table)).differences).toEqual([]);

        const before = await untouched(world);
        const result = await simulated(world, { days: 366 });
        const after = await untouched(world);
        expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
        for (const [key, item] of after) expect(item, key).toEqual(before.get(key));
        expect(result.orders).toMatchObject({ moved: 0, gained: 0, lost: 0, kept: 0 });
        expect(result.examples).toEqual([]);
        for (const each of result.currencies) {
          expect(each).toMatchObject({ differenceMinor: 0, gains: [], losses: [], proposed: each.now });
          const accounts = await Promise.all(people.map(({ id }) => accountsOf(world.table, id)));
          const mine = accounts.flat().filter((account) => account.currency === each.currency);
          const sum = (of: (account: (typeof mine)[number]) => number | undefined): number =>
            mine.reduce((all, account) => all + (of(account) ?? 0), 0);
          expect(each.now).toMatchObject({
            earnedMinor: sum((account) => account.earnedMinor),
            reversedMinor: sum((account) => account.reversedMinor),
          });
        }
        const { holders } = await books(program);
        expect(result.orders.paid).toBe(holders.size);
        seen.orders += result.orders.paid;
        seen.byHand += result.orders.byHand;
      } finally {
        await world.close();
      }
    }),
    properties,
  );
  console.log(`In force: ${numRuns} histories, ${seen.orders} paid orders, ${seen.byHand} by hand, seed ${seed}`);
});

test("what is simulated is what a copy of the program comes to under these rules and rates", patience, async () => {
  const seen = { orders: 0, changed: 0 };
  const rates = fc.record({ starter: fc.nat(3000), laurel: fc.nat(3000) }, { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(histories({ min: 10, max: 22 }), someRules, rates, async (history, rules, rate) => {
      const program = await openProgram(history, { rules: history.rules });
      const copy = await openProgram(history, { rules: { ...history.rules, ...rules }, rates: rate });
      try {
        await inOrder(program, history);
        await inOrder(copy, history);
        const { starterTierId, laurelTierId } = program.world.program;
        const result = await simulated(program.world, {
          days: 366,
          rules: rules as never,
          rates: [
            ...(rate.starter === undefined ? [] : [{ tierId: starterTierId, rateBp: rate.starter }]),
            ...(rate.laurel === undefined ? [] : [{ tierId: laurelTierId, rateBp: rate.laurel }]),
          ],
        });
        expect(result.orders.kept).toBe(0);
        const [stands, replayed] = [await books(program), await books(copy)];
        const changed = [...stands.holders].filter(([order, holder]) => replayed.holders.get(order) !== holder);
        const { moved, gained, lost } = result.orders;
        expect(moved + gained + lost, changed.join("; ")).toBe(changed.length);
        const of = (all: typeof stands.sums, key: string): number =>
          (all.get(key)?.earned ?? 0) - (all.get(key)?.reversed ?? 0);
        const keys = [...new Set([...stands.sums.keys(), ...replayed.sums.keys()])];
        const wanted = keys
          .map((key) => [key, of(replayed.sums, key) - of(stands.sums, key)] as const)
          .filter(([, difference]) => difference !== 0);
        expect(differences(program, result)).toEqual(new Map(wanted));
        seen.orders += result.orders.paid;
        seen.changed += changed.length;
      } finally {
        await program.world.close();
        await copy.world.close();
      }
    }),
    properties,
  );
  console.log(
    `On a copy: ${numRuns} histories, ${seen.orders} paid orders, ${seen.changed} change hands, seed ${seed}`,
  );
});
