import { candidateRules, type Rules, rankedSignals, signalKinds } from "@laurel/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultRules } from "../program/rules.ts";
import { attribute, type Signal, type Situation } from "./attribution.ts";

const rules: Rules = { version: 1, ...defaultRules };
const bought = "2026-06-15T10:00:00.000Z";
const daysBefore = (days: number) => new Date(Date.parse(bought) - days * 86_400_000).toISOString();

const promo = (who: string | undefined, more: Partial<Signal> = {}): Signal => ({
  kind: "promotion_code",
  ref: `promo_${who}`,
  seenAt: null,
  found: who ? "ours" : "unknown",
  ...(who ? { code: `${who}15`, ambassadorId: who, tierId: "tier_1", ambassadorStatus: "active" as const } : {}),
  ...more,
});
const click = (who: string, seenAt = daysBefore(1), more: Partial<Signal> = {}): Signal => ({
  kind: "click",
  ref: `clk_${who}`,
  seenAt,
  found: "ours",
  code: `${who}15`,
  ambassadorId: who,
  ...more,
});
const customer = (who: string, more: Partial<Signal> = {}): Signal => ({
  kind: "customer",
  ref: null,
  seenAt: null,
  found: "ours",
  code: `${who}15`,
  ambassadorId: who,
  ...more,
});

const situation = (more: Partial<Situation> = {}): Situation => ({
  occurredAt: bought,
  timeZone: "Europe/Berlin",
  campaigns: [],
  ...more,
});
const of = (signals: Signal[], ruleSet = rules, more: Partial<Situation> = {}) => {
  const { candidates, winner, waitingFor } = attribute(signals, ruleSet, situation(more));
  return {
    winner: winner && `${winner.ambassadorId} by ${winner.kind}`,
    waitingFor,
    rules: candidates.map((each) => each.rule),
  };
};

test.each<[string, Signal[], ReturnType<typeof of>]>([
  ["nothing was seen", [], { winner: undefined, waitingFor: undefined, rules: [] }],
  ["a code", [promo("A")], { winner: "A by promotion_code", waitingFor: undefined, rules: ["strongest_signal"] }],
  [
    "a code, whoever was clicked or known",
    [customer("C"), click("B"), promo("A")],
    {
      winner: "A by promotion_code",
      waitingFor: undefined,
      rules: ["strongest_signal", "weaker_signal", "weaker_signal"],
    },
  ],
  [
    "a code and a click of the same person",
    [promo("A"), click("A"), customer("B")],
    {
      winner: "A by promotion_code",
      waitingFor: undefined,
      rules: ["strongest_signal", "same_ambassador", "weaker_signal"],
    },
  ],
  ["a click", [click("B")], { winner: "B by click", waitingFor: undefined, rules: ["strongest_signal"] }],
  [
    "a click on the last moment of the window",
    [click("B", daysBefore(30))],
    { winner: "B by click", waitingFor: undefined, rules: ["strongest_signal"] },
  ],
  [
    "a click that is too old, and a customer",
    [click("B", daysBefore(30.001)), customer("C")],
    { winner: "C by customer", waitingFor: undefined, rules: ["outside_window", "strongest_signal"] },
  ],
  [
    "a click that nobody knows",
    [click("B", daysBefore(1), { found: "unknown", seenAt: null, ambassadorId: undefined, code: undefined })],
    { winner: undefined, waitingFor: undefined, rules: ["unknown_click"] },
  ],
  [
    "a click without a time",
    [click("B", "", {})],
    { winner: undefined, waitingFor: undefined, rules: ["outside_window"] },
  ],
  [
    "a known customer",
    [customer("C")],
    { winner: "C by customer", waitingFor: undefined, rules: ["strongest_signal"] },
  ],
  [
    "a customer who is bound to nobody",
    [customer("C", { found: "unknown", ambassadorId: undefined })],
    { winner: undefined, waitingFor: undefined, rules: ["not_bound"] },
  ],
  [
    "a code of the shop's own, and a click",
    [promo(undefined, { found: "foreign" }), click("B")],
    { winner: "B by click", waitingFor: undefined, rules: ["not_ours", "strongest_signal"] },
  ],
  [
    "a code that is not known yet stops the search",
    [promo(undefined, { ref: "promo_x" }), click("B"), customer("C")],
    { winner: undefined, waitingFor: "promo_x", rules: ["not_known_yet", "weaker_signal", "weaker_signal"] },
  ],
  [
    "a known code before one that is not known waits for nothing",
    [promo("A"), promo(undefined, { ref: "promo_x" })],
    { winner: "A by promotion_code", waitingFor: undefined, rules: ["strongest_signal", "not_known_yet"] },
  ],
  [
    "two codes that are not known: the first is looked up first",
    [promo(undefined, { ref: "promo_x" }), promo(undefined, { ref: "promo_y" })],
    { winner: undefined, waitingFor: "promo_x", rules: ["not_known_yet", "not_known_yet"] },
  ],
  [
    "a banned ambassador's code, and a click",
    [promo("A", { ambassadorStatus: "banned" }), click("B")],
    { winner: "B by click", waitingFor: undefined, rules: ["ambassador_banned", "strongest_signal"] },
  ],
  [
    "an ambassador who left or is suspended still has the sale",
    [promo("A", { ambassadorStatus: "left" }), click("B", daysBefore(1), { ambassadorStatus: "suspended" })],
    { winner: "A by promotion_code", waitingFor: undefined, rules: ["strongest_signal", "weaker_signal"] },
  ],
])("%s", (_name, signals, expected) => {
  expect(of(signals)).toEqual(expected);
  // What counts is the order of the rules, not of the signals of different kinds.
  expect(of([...signals].sort((a, b) => signalKinds.indexOf(b.kind) - signalKinds.indexOf(a.kind)))).toEqual(expected);
});

test("the order of the rules decides", () => {
  const clickFirst: Rules = { ...rules, precedence: ["click", "promotion_code", "customer"] };
  expect(of([promo("A"), click("B")], clickFirst)).toEqual({
    winner: "B by click",
    waitingFor: undefined,
    rules: ["strongest_signal", "weaker_signal"],
  });
  // What is behind the winner need not be waited for.
  expect(of([promo(undefined), click("B")], clickFirst).waitingFor).toBeUndefined();
  expect(of([customer("C")], { ...rules, precedence: ["promotion_code", "click"] })).toEqual({
    winner: undefined,
    waitingFor: undefined,
    rules: [],
  });
});

const who = fc.constantFrom("A", "B", "C");
const status = fc.constantFrom("active" as const, "suspended" as const, "banned" as const, "left" as const);
const signals = fc.array(
  fc.oneof(
    fc.tuple(who, status).map(([name, ambassadorStatus]) => promo(name, { ambassadorStatus })),
    fc.constantFrom(promo(undefined, { ref: "promo_x" }), promo(undefined, { found: "foreign" })),
    fc
      .tuple(who, fc.nat(40), status)
      .map(([name, days, ambassadorStatus]) => click(name, daysBefore(days), { ambassadorStatus })),
    fc.tuple(who, status).map(([name, ambassadorStatus]) => customer(name, { ambassadorStatus })),
  ),
  { maxLength: 6 },
);

test("one winner at most; every signal is a candidate with a rule; nobody wins over a code that must be looked up", () => {
  fc.assert(
    fc.property(signals, fc.shuffledSubarray([...rankedSignals], { minLength: 3 }), (seen, precedence) => {
      const { candidates, winner, waitingFor } = attribute(seen, { ...rules, precedence }, situation());
      expect(candidates).toHaveLength(seen.length);
      const won = candidates.filter((each) => each.outcome === "won");
      expect(won.map((each) => each.ambassadorId)).toEqual(winner ? [winner.ambassadorId] : []);
      expect(won.every((each) => each.rule === "strongest_signal")).toBe(true);
      expect(candidates.every((each) => each.rule in candidateRules)).toBe(true);
      expect(winner && waitingFor).toBeUndefined();
      expect(winner?.ambassadorStatus).not.toBe("banned");
      // Whoever stands before the winner in the order of the rules had a flaw of their own.
      const before = winner ? candidates.slice(0, candidates.indexOf(won[0]!)) : [];
      expect(before.every((each) => !["weaker_signal", "same_ambassador"].includes(each.rule))).toBe(true);
    }),
    { numRuns: 300 },
  );
});
