import fc from "fast-check";
import { expect, test } from "vitest";
import { ambassador, openCheckout, type StripeEvent } from "../../../local/testing/checkout.ts";
import { conflicting } from "../../../local/testing/conflicting.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { releaseDue } from "../commission/index.ts";
import { sweepEffects } from "../effect-runner/index.ts";
import { sweepEvents, sweepParked } from "../event/index.ts";
import { accountsOf } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { change } from "../program/index.ts";
import { shuffled, visit } from "./books.testing.ts";
import {
  checkoutOf,
  expected,
  type Sale,
  type Signals,
  type Story,
  saleOf,
  stories,
  told,
} from "./interleaving.testing.ts";
import { chanceOf } from "./model.testing.ts";
import type { OrderItem } from "./order.entity.ts";

/** 20 runs, 10 on an engine that does one thing after the other. More of them by hand: INTERLEAVING_RUNS=300 npx vitest run packages/core/src/order/interleaving.test.ts; INTERLEAVING_SEED repeats a failure. */
const wanted = Number(process.env.INTERLEAVING_RUNS ?? (process.env.DYNAMODB_ENDPOINT ? 10 : 20));
const seed = Number(process.env.INTERLEAVING_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** So many run beside one another, each on a world of its own: most of a run is waiting for what is in its way. */
const lanes = 4;
const numRuns = Math.ceil(wanted / lanes);
const dayMs = 86_400_000;

test("however the events of a purchase come, in whatever version and how often: the ledger ends as the purchase did", {
  timeout: 90_000 + numRuns * 60_000,
}, async () => {
  let count = 0;
  let conflicts = 0;
  const property = fc.asyncProperty(stories, async (story) => {
    const world = await openWorld({ programMaxAgeMs: 0 });
    await withoutFlags(world);
    try {
      const run = await play(world, story);
      count += run.deliveries;
      conflicts += run.conflicts;
    } finally {
      await world.close();
    }
  });
  const limits = { interruptAfterTimeLimit: 60_000 + numRuns * 45_000, markInterruptAsFailure: true };
  const lane = (at: number) => fc.assert(property, { numRuns, seed: seed + at, ...limits });
  await Promise.all(Array.from({ length: lanes }, (_, at) => lane(at)));
  expect(conflicts).toBeGreaterThan(0);
  console.log(`${numRuns * lanes} runs, ${count} deliveries, ${conflicts} conflicts, seed ${seed}`);
});

async function play(world: World, story: Story): Promise<{ deliveries: number; conflicts: number }> {
  const chance = chanceOf(story.chance);
  const upTo = (count: number): number => Math.floor(chance() * count);
  const { program } = await world.ctx().program();
  await change(world.ctx(), { version: program.version, rules: { renewalMonths: story.renewalMonths } });
  const checkout = openCheckout(world);
  const anna = await ambassador(world, "Anna Muster", { tierId: world.program.laurelTierId });
  const code = (await scan(world)).find((item) => item.__edb_e__ === "code")!;
  const click = await visit(world, { id: anna.id, email: anna.email, code: code as never, rateBp: 1500 });
  world.clock.advance(20 * 60_000);
  const start = world.clock.now();
  world.clock.advance(50 * dayMs);
  const inTheWay = conflicting(world.table, { spreadMs: 2 });
  world.table.client = inTheWay.table.client;

  const sales = story.sales.map((each, n) => saleOf(each, new Date(start.getTime() + n * 60_000)));
  const deliveries: StripeEvent[] = [];
  for (const sale of sales) {
    const signals = signalsOf(world, sale, { click, promotionCodeId: anna.promotionCodeId });
    const { events, asked } = told(sale, signals);
    // What is lost comes again later, and some of it twice: in the end all of it has come.
    deliveries.push(...events.flatMap((each) => Array.from({ length: 1 + upTo(2) }, () => each)));
    world.stripe.invoicePayments.push(...asked.links.map((of) => linkOf(of)));
    if (asked.checkout) world.stripe.sessions.push(checkoutOf(sale, signals));
    for (const [path, object] of asked.objects) world.stripe.objects.set(path, object);
  }
  shuffled(deliveries, chance);
  for (let at = 0; at < deliveries.length; ) {
    const wave = deliveries.slice(at, at + 1 + upTo(8));
    at += wave.length;
    const answers = await Promise.all(wave.map((each) => checkout.tell(each)));
    expect(answers.map(({ status }) => status)).toEqual(wave.map(() => 200));
    if (chance() < 0.15) await world.settle();
  }
  await finish(world);
  await check(world, story, sales, anna.id, 1500);
  return { deliveries: deliveries.length, conflicts: inTheWay.conflicts() };
}

function signalsOf(world: World, { story, of }: Sale, known: { click: string; promotionCodeId: string }): Signals {
  const { by } = story;
  if (by === "click") return { promotionCode: undefined, click: known.click };
  if (by === "code") return { promotionCode: known.promotionCodeId, click: undefined };
  if (by === "nothing") return { promotionCode: undefined, click: undefined };
  const promotionCode = `promo_of_${of.session}`;
  const there = world.stripe.promotionCodes.get(known.promotionCodeId)!;
  world.stripe.promotionCodes.set(promotionCode, { ...there, id: promotionCode, active: false });
  return { promotionCode, click: undefined };
}

const linkOf = ({ invoice, paymentIntent }: Sale["payings"][number]["of"]) => ({
  invoice,
  payment: { type: "payment_intent", payment_intent: paymentIntent },
});

/** Lets the consumers and the minute's job work until nothing waits any more. */
async function finish(world: World): Promise<void> {
  let waiting: Awaited<ReturnType<typeof scan>> = [];
  for (let round = 0; round < 12; round++) {
    await world.settle();
    waiting = (await scan(world)).filter(
      (item) =>
        (item.__edb_e__ === "effect" && item.state === "waiting") || ["retry", "parked"].includes(item.__edb_e__),
    );
    if (waiting.length === 0) return;
    world.clock.advance(61 * 60_000);
    await sweepEvents(world.ctx());
    await sweepEffects(world.ctx());
    await sweepParked(world.ctx());
  }
  const what = waiting.map(
    (item) => `${item.kind ?? item.__edb_e__} ${item.subject ?? item.pk}: ${item.lastError ?? ""}`,
  );
  throw new Error(`After twelve rounds these still wait: ${what.join("; ")}`);
}

async function check(world: World, story: Story, sales: Sale[], ambassadorId: string, rateBp: number): Promise<void> {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  const items = await scan(world);
  const orders = items.filter((item) => item.__edb_e__ === "order") as unknown as OrderItem[];
  const standing = orders.filter((order) => order.status !== "merged");
  const seen = { pending: 0, held: 0 };
  for (const sale of sales) {
    const want = expected(sale, rateBp, story.renewalMonths);
    for (const [n, { of }] of sale.payings.entries()) {
      const name = sale.story.kind === "payment" ? sale.of.session : of.invoice;
      const mine = standing.filter((order) => order.aliases.includes(name));
      expect(mine).toHaveLength(1);
      const [order] = mine as [OrderItem];
      const { gross, base, refunded, disputed, left, held, owned } = want[n]!;
      expect({
        gross: order.grossMinor,
        base: order.baseMinor,
        refunded: order.refundedMinor,
        disputed: order.disputedMinor ?? 0,
        owner: order.attribution?.ambassadorId,
      }).toEqual({ gross, base, refunded, disputed, owner: owned ? ambassadorId : undefined });
      seen[held ? "held" : "pending"] += left;
      if (n === 0 && sale.story.kind !== "payment") expect(order.aliases).toContain(sale.of.session);
    }
  }
  expect(standing).toHaveLength(sales.reduce((sum, sale) => sum + sale.payings.length, 0));
  const sums = await accountsOf(world.table, ambassadorId);
  // What came back after its release is available at once, and not pending.
  const free = (sums[0]?.pendingMinor ?? 0) + (sums[0]?.availableMinor ?? 0);
  expect({ pending: free, held: sums[0]?.heldMinor ?? 0 }).toEqual(seen);
  // All holds of time end; what is held for a reason stays so.
  world.clock.advance(90 * dayMs);
  while ((await releaseDue(world.ctx())) > 0);
  const [after] = await accountsOf(world.table, ambassadorId);
  expect({
    available: after?.availableMinor ?? 0,
    held: after?.heldMinor ?? 0,
    pending: after?.pendingMinor ?? 0,
  }).toEqual({
    available: seen.pending,
    held: seen.held,
    pending: 0,
  });
  expect((await checkLedger(world.table)).differences).toEqual([]);
  expect(items.filter((item) => item.__edb_e__ === "done" && item.status === "unprocessable")).toEqual([]);
  expect(items.filter((item) => item.__edb_e__ === "effect" && item.state === "dead")).toEqual([]);
}
