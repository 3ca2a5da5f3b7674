import { accountsOf, balancesOf } from "@laurel/core/ledger";
import { checkLedger } from "@laurel/core/ledger-check";
import type { OrderItem } from "@laurel/core/order";
import { expect, test } from "vitest";
import { chanceOf } from "../../packages/core/src/order/model.testing.ts";
import type { Item } from "../../packages/core/src/table/read.ts";
import { scan } from "../../packages/local/testing/scan.ts";
import { openWeather } from "../../packages/local/testing/weather.ts";
import { type Expected, happen, storyOf } from "./fault-stories.testing.ts";
import { openStorm, type Storm } from "./faults.testing.ts";

/**
 * 320 events in CI, 120 on an engine that is not the test run's own and does one thing after the other. All of them by hand:
 * LAUREL_FAULTY_EVENTS=10000 npx vitest run functions/webhook/faults.test.ts; FAULTS_SEED repeats the same sales, and
 * FAULTS_HEAVY=yes makes three times as much go wrong, with outages that outlast every patience.
 */
const wanted = Number(process.env.LAUREL_FAULTY_EVENTS ?? (process.env.DYNAMODB_ENDPOINT ? 120 : 320));
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const heavy = process.env.FAULTS_HEAVY ? { rate: 0.15, outageEvery: 300, outageMs: [50, 1_500] as const } : {};
const atOnce = 12;

test("trouble on every way, between Laurel, its engine and three checkouts: nothing is lost and nothing is doubled", {
  timeout: 120_000 + wanted * 200,
}, async () => {
  const started = performance.now();
  const weather = openWeather(chanceOf(seed + 1), heavy);
  const storm = await openStorm(weather, 5);
  try {
    const sales = await sell(storm);
    const soldS = (performance.now() - started) / 1000;
    const rounds = await storm.quiet();
    weather.clear();
    const seconds = (performance.now() - started) / 1000;
    await check(storm, sales);
    const { events, deliveries } = storm.sent();
    const { counts } = weather;
    const faults = Object.values(counts).reduce((sum, each) => sum + each, 0);
    const { logs, metrics } = storm.world;
    const logged = (message: string): number => logs.filter((each) => each.message === message).length;
    console.log(
      [
        `${events} events of ${sales.length} sales, ${deliveries} deliveries; ${faults} faults; seed ${seed}`,
        ...Object.entries(counts)
          .sort()
          .map(([what, times]) => `  ${what}: ${times}`),
        `events decided later than they were taken: ${logged("event.decide_later")}, and tried again: ${logged("event.failed")}; effects tried again: ${logged("effect.failed")}; stream records given back: ${storm.redriven()}; engine calls repeated: ${metrics.ThrottledRetries ?? 0}`,
        `given up by Shopify, and found by the day's comparison: ${storm.givenUp()}; unsettled: 0; ${soldS.toFixed(1)} s until all was sold, ${seconds.toFixed(1)} s until all was settled (${rounds} rounds)`,
      ].join("\n"),
    );
    expect(faults).toBeGreaterThan(events / 4);
    // What is sent again is enough where the weather is as usual. But one short outage with many sales in it may be eight
    // failures in a row, upon which Shopify ends the subscription, and with it what was still to be sent.
    if (!process.env.FAULTS_HEAVY) expect(storm.sentInVain()).toBe(0);
  } finally {
    await storm.close();
  }
});

/** Sales of all kinds, several at once, until so many events were sent. */
async function sell({ shops, sellers, sent }: Storm): Promise<Expected[]> {
  const chance = chanceOf(seed);
  const expected: Expected[] = [];
  let n = 0;
  const work = async () => {
    while (sent().events < wanted) expected.push(...(await happen(storyOf(n++, chance, sellers), shops)));
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return expected;
}

/** Compares everything that was kept with what was sold. */
async function check({ world, sellers }: Storm, sales: readonly Expected[]): Promise<void> {
  const items = await scan(world);
  const of = (entity: string): Item[] => items.filter((item) => item.__edb_e__ === entity);

  // Each purchase is one order, and as it was sold.
  const orders = of("order").filter((order) => order.status !== "merged") as unknown as OrderItem[];
  const byAlias = new Map(orders.flatMap((order) => order.aliases.map((alias) => [alias, order] as const)));
  const wrong: unknown[] = [];
  for (const { alias, leftMinor: _, held: __, ...want } of sales) {
    const order = byAlias.get(alias);
    const is = order && {
      ambassadorId: order.attribution?.ambassadorId,
      payment: order.payment,
      grossMinor: order.grossMinor,
      baseMinor: order.baseMinor,
      refundedMinor: order.refundedMinor,
      disputedMinor: order.disputedMinor ?? 0,
    };
    if (JSON.stringify(is) !== JSON.stringify(want)) wrong.push({ alias, is, want });
  }
  expect(wrong).toEqual([]);
  expect(orders).toHaveLength(sales.length);
  expect(new Set(sales.map(({ alias }) => byAlias.get(alias)!.id)).size).toBe(sales.length);

  // What each ambassador has is what is left of their commissions; what is held is what is being asked about.
  for (const { id } of sellers) {
    const theirs = sales.filter(({ ambassadorId }) => ambassadorId === id);
    const sum = (held: boolean) =>
      theirs.filter((each) => each.held === held).reduce((all, { leftMinor }) => all + leftMinor, 0);
    const [account] = await accountsOf(world.table, id);
    const { pendingMinor, availableMinor, heldMinor } = balancesOf(account ?? ({} as never));
    expect({ free: pendingMinor + availableMinor, heldMinor }).toEqual({ free: sum(false), heldMinor: sum(true) });
  }
  const commissions = of("commission");
  const paid = sales.filter(({ payment }) => payment === "paid");
  expect(commissions).toHaveLength(paid.filter(({ ambassadorId }) => ambassadorId).length);
  expect((await checkLedger(world.table)).differences).toEqual([]);
  expect(of("customer").reduce((sum, item) => sum + item.orderCount, 0)).toBe(paid.length);

  // The figures of the day were added up once.
  const rollups = of("rollup").filter((item) => item.scope === "program");
  const total = (name: string): number => rollups.reduce((sum, item) => sum + (item[name] ?? 0), 0);
  const summed = (name: string): number => commissions.reduce((sum, item) => sum + item[name], 0);
  expect({ earned: total("earnedMinor"), reversed: total("reversedMinor") }).toEqual({
    earned: summed("earnedMinor"),
    reversed: summed("reversedMinor"),
  });

  // Every event is decided, every effect done; each sale that earned was thanked for once.
  expect(of("done").filter((item) => item.status === "unprocessable")).toEqual([]);
  expect(of("done")).toHaveLength(of("incoming").length);
  expect(of("effect").filter((item) => !["done", "cancelled", "skipped"].includes(item.state))).toEqual([]);
  const earned = of("entry").filter((item) => item.kind === "earn");
  const thanks = of("effect").filter((item) => item.kind === "mail.you_earned");
  expect(new Set(thanks.map((item) => item.subject)).size).toBe(thanks.length);
  expect(thanks).toHaveLength(earned.length);
}
