import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import type { Entry, Posting } from "../ledger/index.ts";
import { parse } from "../table/entity.ts";
import { queryAll } from "../table/read.ts";
import { RollupEntity } from "./rollup.entity.ts";
import { rollUp } from "./rollup.ops.ts";
import { factOfClick, factOfEntry, sumOf } from "./rollup.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

let made = 0;
const entry = (kind: Entry["kind"], postings: Posting[], more: Partial<Entry> = {}): Entry => ({
  id: `led_${++made}`,
  ambassadorId: "amb_1",
  currency: "EUR",
  kind,
  postings,
  orderIds: ["ord_1"],
  day: "2026-06-15",
  recordedAt: "2026-06-15T10:00:00.000Z",
  ...more,
});
const earn = (amountMinor: number, more: Partial<Entry> = {}) =>
  entry("earn", [{ from: "program.earned", to: "ambassador.pending", amountMinor }], more);

const figures = async (scope: string) =>
  Object.fromEntries(
    (await queryAll(world.table, { pk: `ROLL#${scope}` })).map((item) => {
      const { day, currency, sales, earnedMinor, reversedMinor, releasedMinor, clicks } = parse(RollupEntity, item)!;
      return [`${day} ${currency}`, { sales, earnedMinor, reversedMinor, releasedMinor, clicks: clicks ?? 0 }];
    }),
  );

test("an entry counts for the program and for its ambassador", () => {
  const told = (facts: ReturnType<typeof factOfEntry>) => facts.deltas.map(({ scope, figures }) => [scope, figures]);
  const sale = { sales: 1, earnedMinor: 500, reversedMinor: 0, releasedMinor: 0 };
  expect(told(factOfEntry(earn(500)))).toEqual([
    ["program", sale],
    ["amb_1", sale],
  ]);
  const [, reversed] = told(
    factOfEntry(entry("reverse", [{ from: "ambassador.available", to: "program.reversed", amountMinor: 200 }])),
  )[0]!;
  expect(reversed).toEqual({ sales: 0, earnedMinor: 0, reversedMinor: 200, releasedMinor: 0 });
  const [, restored] = told(
    factOfEntry(entry("restore", [{ from: "program.reversed", to: "ambassador.available", amountMinor: 200 }])),
  )[0]!;
  expect(restored).toEqual({ sales: 0, earnedMinor: 0, reversedMinor: -200, releasedMinor: 0 });
  const [, released] = told(
    factOfEntry(entry("release", [{ from: "ambassador.pending", to: "ambassador.available", amountMinor: 300 }])),
  )[0]!;
  expect(released).toEqual({ sales: 0, earnedMinor: 0, reversedMinor: 0, releasedMinor: 300 });
});

test("sums are the same however facts are grouped", () => {
  const facts = fc.array(
    fc.record({
      amount: fc.integer({ min: 1, max: 1e9 }),
      day: fc.integer({ min: 10, max: 12 }),
      currency: fc.constantFrom("EUR", "USD"),
    }),
    { minLength: 1, maxLength: 10 },
  );
  fc.assert(
    fc.property(facts, fc.nat(9), (list, cut) => {
      const all = list.map(({ amount, day, currency }) =>
        factOfEntry(earn(amount, { day: `2026-06-${day}`, currency })),
      );
      const whole = sumOf(all);
      const halves = sumOf([
        { id: "a", deltas: sumOf(all.slice(0, cut)) },
        { id: "b", deltas: sumOf(all.slice(cut)) },
      ]);
      const sorted = (sums: typeof whole) => sums.map((sum) => JSON.stringify(sum)).sort();
      expect(sorted(halves)).toEqual(sorted(whole));
      expect(whole.filter((sum) => sum.scope === "program").reduce((sum, { figures }) => sum + figures.sales!, 0)).toBe(
        list.length,
      );
    }),
  );
});

test("each fact counts once, however often and in whatever company it is told", async () => {
  const facts = Array.from({ length: 40 }, (_, n) => factOfEntry(earn(100 + n, { ambassadorId: `amb_${n % 3}` })));
  const ctx = world.ctx();
  await Promise.all([
    rollUp(ctx, facts.slice(0, 25)),
    rollUp(ctx, facts.slice(10)),
    rollUp(ctx, [...facts].reverse()),
    rollUp(ctx, [facts[3]!, facts[3]!, facts[30]!]),
  ]);
  await rollUp(ctx, facts);
  const sum = facts.reduce((total, _, n) => total + 100 + n, 0);
  expect(await figures("program")).toEqual({
    "2026-06-15 EUR": { sales: 40, earnedMinor: sum, reversedMinor: 0, releasedMinor: 0, clicks: 0 },
  });
  const each = await Promise.all([0, 1, 2].map((n) => figures(`amb_${n}`)));
  expect(each.map((days) => days["2026-06-15 EUR"]!.sales)).toEqual([14, 13, 13]);
});

test("a click falls on its day in the program's time zone and has no currency", () => {
  const click = {
    id: "clk_1",
    code: "ANNA15",
    ambassadorId: "amb_9",
    at: "2026-06-15T22:30:00.000Z",
    expiresAtEpochS: 0,
  };
  expect(factOfClick(click, "Europe/Berlin").deltas).toEqual([
    { scope: "program", day: "2026-06-16", currency: "-", figures: { clicks: 1 } },
    { scope: "amb_9", day: "2026-06-16", currency: "-", figures: { clicks: 1 } },
  ]);
});
