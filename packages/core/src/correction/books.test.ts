import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { releaseDue } from "../commission/index.ts";
import { accountsOf, balancesOf, isBalanced } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import * as Orders from "../order/index.ts";
import * as Corrections from "./index.ts";
import { aliasOf, orderOf, sell, tell } from "./testing.ts";

/** Half of it on a slow engine. More of them by hand: CORRECTION_RUNS=200 npx vitest run packages/core/src/correction/books.test.ts */
const numRuns = Number(process.env.CORRECTION_RUNS ?? (process.env.DYNAMODB_ENDPOINT ? 8 : 15));

let world: World;
let people: TestAmbassador[];
const rates = [1000, 1500, 1000];

beforeAll(async () => {
  world = await openWorld();
  people = [
    await ambassador(world, "Anna Muster"),
    await ambassador(world, "Bela Probe", { tierId: world.program.laurelTierId }),
    await ambassador(world, "Cora Beispiel"),
  ];
});
afterAll(() => world.close());

const steps = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ what: fc.constant("correct" as const), to: fc.constantFrom(0, 1, 2, null) }) },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant("refund" as const), percent: fc.integer({ min: 1, max: 60 }) }),
    },
    { weight: 1, arbitrary: fc.record({ what: fc.constant("refund fails" as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant("release" as const) }) },
    { weight: 1, arbitrary: fc.record({ what: fc.constant("cancel" as const), cancelled: fc.boolean() }) },
  ),
  { minLength: 2, maxLength: 8 },
);

/** Half up, by exact fractions: written apart from the program's own rounding. */
const share = (of: number, rateBp: number): number => {
  const parts = BigInt(of) * BigInt(rateBp);
  return Number(parts / 10_000n) + (parts % 10_000n >= 5_000n ? 1 : 0);
};

test("whatever is corrected and refunded, in whatever order: one earns, by what is left, and the books are right", {
  timeout: 60_000 + numRuns * 10_000,
}, async () => {
  let corrected = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60_000 }),
      fc.constantFrom(0, 1, 2, null),
      steps,
      async (baseMinor, first, story) => {
        const order = await sell(world, { by: first === null ? undefined : people[first], baseMinor });
        const of = { aliases: [aliasOf(order)], currency: "EUR" };
        let holder = first;
        let cancelled = false;
        const refunds: { id: string; amountMinor: number; live: boolean }[] = [];
        for (const [at, step] of story.entries()) {
          world.clock.advance(60_000);
          const now = world.clock.now().toISOString();
          switch (step.what) {
            case "correct": {
              if (step.to === holder) break;
              const { version } = await orderOf(world, order.id);
              await Corrections.propose(world.ctx(world.staff("manager")), order.id, {
                version,
                ambassadorId: step.to === null ? null : people[step.to]!.id,
                reason: "As the story tells",
              });
              holder = step.to;
              corrected++;
              break;
            }
            case "refund": {
              const refund = {
                id: `re_${order.id}_${at}`,
                amountMinor: Math.ceil((order.grossMinor * step.percent) / 100),
                live: true,
              };
              refunds.push(refund);
              const { id: refundId, amountMinor } = refund;
              await tell(world, { ...of, kind: "refund", refundId, amountMinor, state: "live", at: now } as never);
              break;
            }
            case "refund fails": {
              const refund = refunds.find((each) => each.live);
              if (!refund) break;
              refund.live = false;
              const { id: refundId, amountMinor } = refund;
              await tell(world, { ...of, kind: "refund", refundId, amountMinor, state: "failed", at: now } as never);
              break;
            }
            case "release":
              world.clock.advance(31 * 86_400_000);
              await releaseDue(world.ctx());
              break;
            case "cancel":
              cancelled = step.cancelled;
              await tell(world, { aliases: of.aliases, kind: "cancellation", cancelled, at: now } as never);
          }
        }
        const gone = Math.min(
          refunds.reduce((sum, each) => sum + (each.live ? each.amountMinor : 0), 0),
          order.grossMinor,
        );
        const left = Number((BigInt(baseMinor) * BigInt(order.grossMinor - gone)) / BigInt(order.grossMinor));
        const standing = await Promise.all(
          people.map(async ({ id }) => {
            const commission = await Orders.commissionAt(world.ctx(), id, order);
            return commission ? commission.earnedMinor - commission.reversedMinor : 0;
          }),
        );
        expect(standing).toEqual(people.map((_, who) => (who === holder && !cancelled ? share(left, rates[who]!) : 0)));
      },
    ),
    { numRuns },
  );
  expect(corrected).toBeGreaterThan(numRuns);
  expect((await checkLedger(world.table)).differences).toEqual([]);
  for (const { id } of people)
    for (const account of await accountsOf(world.table, id)) expect(isBalanced(balancesOf(account))).toBe(true);
});
