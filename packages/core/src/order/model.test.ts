import fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckout, type StripeEvent } from "../../../local/testing/checkout.ts";
import { conflicting } from "../../../local/testing/conflicting.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { approve, submit } from "../application/index.ts";
import { confirmed, form, visitor } from "../application/testing.ts";
import type { CodeItem } from "../code/index.ts";
import { releaseDue } from "../commission/index.ts";
import { AppError } from "../kernel/index.ts";
import { accountsOf, post } from "../ledger/index.ts";
import { transact } from "../table/transact.ts";
import {
  check,
  eventsOf,
  eventually,
  finish,
  ownersOf,
  purchaseOf,
  type Someone,
  shuffled,
  visit,
} from "./books.testing.ts";
import { chanceOf, type Story, stories } from "./model.testing.ts";

/** Half of it on a slow engine. More of them by hand: MODEL_RUNS=200 npx vitest run packages/core/src/order/model.test.ts; MODEL_SEED repeats a failure. */
const numRuns = Number(process.env.MODEL_RUNS ?? (process.env.DYNAMODB_ENDPOINT ? 6 : 12));
const seed = process.env.MODEL_SEED ? { seed: Number(process.env.MODEL_SEED) } : {};
const dayMs = 86_400_000;

test("whatever happens, however it arrives: the books are right", { timeout: 60_000 + numRuns * 15_000 }, async () => {
  let conflicts = 0;
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const world = await openWorld();
      await withoutFlags(world);
      try {
        conflicts += await play(world, story);
      } finally {
        await world.close();
      }
    }),
    // Each run takes seconds: a counterexample is made smaller for a while, not for ever.
    { numRuns, ...seed, interruptAfterTimeLimit: 20_000 + numRuns * 12_000, markInterruptAsFailure: true },
  );
  // The runs were worth something: transactions did get in each other's way.
  expect(conflicts).toBeGreaterThan(0);
});

async function play(world: World, story: Story): Promise<number> {
  const chance = chanceOf(story.chance);
  const upTo = (count: number): number => Math.floor(chance() * count);
  const inTheWay = conflicting(world.table);
  world.table.client = inTheWay.table.client;

  const people = await join(world, story, chance);
  const owners = ownersOf(story.purchases, people);
  const sold = story.purchases.map((each, n) => ({
    story: each,
    of: purchaseOf(world, each, n),
    who: owners[n],
  }));
  const clicks = await Promise.all(sold.map(({ who }) => who && visit(world, who)));
  const events = sold.flatMap((each, of) => eventsOf(world, each, clicks[of]).map((told) => ({ told, of })));
  const paidOut = new Map<string, number>();

  const checkout = openCheckout(world);
  const deliver = async (told: StripeEvent) => expect((await checkout.tell(told)).status).toBe(200);
  const deliveries = shuffled(
    events.flatMap((each) => Array.from({ length: 1 + upTo(3) }, () => each)),
    chance,
  );
  while (deliveries.length > 0) {
    // Some come together by chance, and some because they are about one purchase.
    const { of } = deliveries[upTo(deliveries.length)]!;
    const about = chance() < 0.5 ? deliveries.filter((each) => each.of === of) : deliveries;
    const now = about.slice(0, 1 + upTo(10));
    for (const each of now) deliveries.splice(deliveries.indexOf(each), 1);
    const wave: Promise<unknown>[] = now.map(({ told }) => deliver(told));
    for (let runs = chance() < 0.3 ? 1 + upTo(3) : 0; runs > 0; runs--) wave.push(releaseDue(world.ctx()));
    if (chance() < 0.1) world.stripe.failNext(new AppError("unavailable", "stripe.unavailable", "Stripe has trouble."));
    await Promise.allSettled(wave).then((ends) => {
      for (const end of ends) if (end.status === "rejected" && end.reason?.kind !== "unavailable") throw end.reason;
    });
    if (chance() < 0.2) await world.settle();
    if (chance() < 0.3) world.clock.advance(upTo(30) * dayMs);
    if (chance() < 0.2) await payOut(world, people[upTo(people.length)]!, paidOut);
  }
  await finish(world);
  await check(world, story, { people, sold, paidOut, written: inTheWay.written });
  return inTheWay.conflicts();
}

/** Everybody applies and is approved, some of them twice and by two people at once, all at the same time. */
async function join(world: World, { people }: Story, chance: () => number): Promise<Someone[]> {
  const { starterTierId, laurelTierId } = world.program;
  const joined = await Promise.all(
    people.map(async ({ appliesTwice, decidedTwice, better }, n) => {
      const email = `person${n}@example.com`;
      const application = await confirmed(world, { email, name: "Anna Muster" });
      if (appliesTwice) await submit(world.ctx(visitor()), form({ email }));
      if (chance() < 0.3) world.stripe.loseNext();
      const decide = () =>
        approve(world.ctx(world.staff("manager")), application.id, { tierId: better ? laurelTierId : starterTierId });
      const ends = await Promise.allSettled(decidedTwice ? [decide(), decide(), decide()] : [decide()]);
      const made = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
      for (const end of ends)
        if (end.status === "rejected") expect(["conflict", "unavailable"]).toContain(end.reason.kind);
      expect(made.length).toBeLessThanOrEqual(1);
      return {
        email,
        id: made[0]?.ambassador.id ?? (await eventually(decide)).ambassador.id,
        rateBp: better ? 1500 : 1000,
      };
    }),
  );
  await finish(world);
  const codes = (await scan(world)).filter((item) => item.__edb_e__ === "code") as unknown as CodeItem[];
  expect(new Set(codes.map((code) => code.code)).size).toBe(people.length);
  return joined.map((each) => ({ ...each, code: codes.find((code) => code.ambassadorId === each.id)! }));
}

/** Pays out what is available, by the two entries that a payout makes. */
async function payOut(world: World, { id }: Someone, paidOut: Map<string, number>): Promise<void> {
  const { program } = await world.ctx().program();
  for (const account of await accountsOf(world.table, id)) {
    const amountMinor = account.availableMinor ?? 0;
    if (amountMinor <= 0) continue;
    const of = { ambassadorId: id, currency: account.currency, orderIds: [] };
    const moves = [
      { ...of, kind: "payout", postings: [{ from: "ambassador.available", to: "ambassador.inPayout", amountMinor }] },
      { ...of, kind: "payout_paid", postings: [{ from: "ambassador.inPayout", to: "ambassador.paid", amountMinor }] },
    ] as const;
    for (const move of moves)
      await eventually(() =>
        transact(world.table, post(world.ctx(), program.timeZone, { ...move, postings: [...move.postings] })),
      );
    const key = `${id} ${account.currency}`;
    paidOut.set(key, (paidOut.get(key) ?? 0) + amountMinor);
  }
}
