import type { SimulationResult } from "@laurel/contract";
import { describe, expect, it } from "vitest";
import { answerOf, triedRules } from "./words.ts";

const sums = { orders: 0, earnedMinor: 0, reversedMinor: 0, netMinor: 0 };
const currency = (differenceMinor: number, more: Partial<SimulationResult["currencies"][number]> = {}) => ({
  currency: "EUR",
  now: sums,
  proposed: sums,
  differenceMinor,
  earnMore: 0,
  earnLess: 0,
  gains: [],
  losses: [],
  ...more,
});
const result = (currencies: SimulationResult["currencies"], moved = 0): SimulationResult => ({
  orders: { paid: 100, moved, gained: 0, lost: 0, byHand: 0, kept: 0 },
  currencies,
  examples: [],
});
const rules = { days: 90, changedRules: ["clickTouch"], rates: [] };
const rate = { tierId: "tier_1" as never, tierName: "Starter", nowBp: 1000, proposedBp: 1200 };

describe("the answer in one sentence", () => {
  it("says what it would have cost, which orders change hands and who earns less", () => {
    expect(answerOf(rules, result([currency(41_230, { earnLess: 3, earnMore: 1 })], 14), "en")).toBe(
      "Under these rules the last 90 days would have cost €412.30 more; 14 orders change hands; 3 ambassadors earn less; 1 ambassador earns more.",
    );
  });
  it("keeps currencies apart, and one order is one", () => {
    const both = [
      currency(-100, { earnLess: 1 }),
      currency(500, { currency: "JPY" }),
      currency(0, { currency: "USD" }),
    ];
    expect(answerOf({ ...rules, days: 1 }, result(both, 1), "en")).toBe(
      "Under these rules the last day would have cost €1.00 less and ¥500 more; 1 order changes hands; 1 ambassador earns less.",
    );
  });
  it("says that nothing changes", () => {
    expect(answerOf(rules, result([]), "en")).toBe(
      "Under these rules the last 90 days would have cost the same; no order changes hands.",
    );
  });
  it("names what was tried", () => {
    const none = result([]);
    expect(answerOf({ ...rules, changedRules: [], rates: [rate] }, none)).toMatch(/^At these rates the last/);
    expect(answerOf({ ...rules, rates: [rate] }, none)).toMatch(/^Under these rules and rates the last/);
    expect(answerOf({ ...rules, changedRules: [] }, none)).toMatch(/^Under the rules in force the last/);
  });
});

it("saves what was changed and nothing else", () => {
  const tried = { clickTouch: "first" as const, clickWindowDays: 30 } as never;
  expect(triedRules({ rules: tried, changedRules: ["clickTouch"] })).toEqual({ clickTouch: "first" });
});
