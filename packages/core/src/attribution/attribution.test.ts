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
  // What the rules leave out wins nothing, holds nobody up, and is on the receipt all the same.
  const codesOnly: Rules = { ...rules, precedence: ["promotion_code"] };
  expect(of([customer("C"), click("B")], codesOnly)).toEqual({
    winner: undefined,
    waitingFor: undefined,
    rules: ["not_counted", "not_counted"],
  });
  expect(of([promo(undefined), click("B")], { ...rules, precedence: ["click"] })).toEqual({
    winner: "B by click",
    waitingFor: undefined,
    rules: ["strongest_signal", "not_counted"],
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
    fc.property(signals, fc.shuffledSubarray([...rankedSignals], { minLength: 1 }), (seen, precedence) => {
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

const ruled = (changes: Partial<Rules>): Rules => ({ ...rules, ...changes });
const wins = (signals: Signal[], changes: Partial<Rules> = {}, more: Partial<Situation> = {}) => {
  const decision = of(signals, ruled(changes), more);
  return [decision.winner?.split(" ")[0], ...decision.rules];
};

test("of several clicks the last one counts, or the first; one that is too old never does", () => {
  const clicks = [click("A", daysBefore(3)), click("B", daysBefore(1)), click("C", daysBefore(40))];
  expect(wins(clicks)).toEqual(["B", "strongest_signal", "weaker_signal", "outside_window"]);
  expect(wins(clicks, { clickTouch: "first" })).toEqual(["A", "outside_window", "strongest_signal", "weaker_signal"]);
});

test("of several codes the first one counts, the last, or nobody's", () => {
  const codes = [promo("A"), promo("B")];
  expect(wins(codes)[0]).toBe("A");
  expect(wins(codes, { severalCodes: "last" })[0]).toBe("B");
  expect(wins([...codes, click("C")], { severalCodes: "nobody" })).toEqual([
    "C",
    "several_codes",
    "several_codes",
    "strongest_signal",
  ]);
  // Two codes of one person, and one beside a code of the shop's own, leave no doubt.
  expect(wins([promo("A"), promo("A")], { severalCodes: "nobody" })[0]).toBe("A");
  expect(wins([promo("A"), promo(undefined, { found: "foreign" })], { severalCodes: "nobody" })[0]).toBe("A");
  // One that must be looked up first may be of somebody else.
  const open = of([promo("A"), promo(undefined, { ref: "promo_x" })], ruled({ severalCodes: "nobody" }));
  expect([open.winner, open.waitingFor]).toEqual([undefined, "promo_x"]);
});

test("codes that are not ours never suppress anybody", () => {
  for (const severalCodes of ["first", "last", "nobody"] as const)
    expect(wins([promo(undefined, { found: "foreign" }), click("B")], { severalCodes })[0]).toBe("B");
});

test("new customers only: codes and clicks win no returning one, and whoever has them keeps them", () => {
  const signals = [promo("A"), click("B"), customer("C", { seenAt: daysBefore(300) })];
  const rule = { newCustomersOnly: true };
  expect(wins(signals, rule, { newCustomer: false })).toEqual([
    "C",
    "returning_customer",
    "returning_customer",
    "strongest_signal",
  ]);
  expect(wins(signals, rule, { newCustomer: true })[0]).toBe("A");
  // Nobody knows who bought: nobody can say that they had bought before.
  expect(wins(signals, rule)[0]).toBe("A");
});

test("what an ambassador buys is not theirs, unless the rules say so; it may be somebody else's", () => {
  const signals = [promo("A"), click("B")];
  expect(wins(signals, {}, { buyerAmbassadorId: "A" })).toEqual(["B", "own_order", "strongest_signal"]);
  expect(wins(signals, { countOwnOrders: true }, { buyerAmbassadorId: "A" })[0]).toBe("A");
});

test.each<[string, number | null, string, string | undefined]>([
  ["for ever", null, "2001-01-01T00:00:00.000Z", "C"],
  ["not at all", 0, daysBefore(1), undefined],
  ["for a month, on its last day", 1, "2026-05-16T12:00:00.000Z", "C"],
  ["for a month, the day after", 1, "2026-05-15T12:00:00.000Z", undefined],
])("a customer stays with an ambassador %s", (_name, bindingMonths, seenAt, winner) => {
  expect(wins([customer("C", { seenAt })], { bindingMonths })[0]).toBe(winner);
});

test("a code counts while its campaign runs, a click where it was made then", () => {
  const campaigns = [{ id: "cmp_1", startsOn: "2026-06-10", endsOn: "2026-06-14" }];
  const [code, link] = [promo("A", { campaignId: "cmp_1" }), click("B", daysBefore(1), { campaignId: "cmp_1" })];
  // It is the 15th, and the click was on the 14th.
  expect(wins([code, link], {}, { campaigns })).toEqual(["B", "outside_campaign", "strongest_signal"]);
  expect(wins([code, link], { campaignDates: false }, { campaigns })[0]).toBe("A");
  expect(wins([code, click("B", daysBefore(6), { campaignId: "cmp_1" })], {}, { campaigns })).toEqual([
    undefined,
    "outside_campaign",
    "outside_campaign",
  ]);
  expect(wins([promo("A", { campaignId: "cmp_other" })], {}, { campaigns })[0]).toBe("A");
  // Days are counted where the program is: 22:30 UTC on the 9th is the 10th in Berlin.
  const early = { occurredAt: "2026-06-09T22:30:00.000Z", campaigns };
  expect(wins([code], {}, early)[0]).toBe("A");
});

test.each<[string, number | null, { beganAt: string; first: boolean }, string | undefined]>([
  ["for ever", null, { beganAt: "2001-01-01T00:00:00.000Z", first: false }, "A"],
  ["for twelve months, within them", 12, { beganAt: "2025-06-16T10:00:00.000Z", first: false }, "A"],
  ["for twelve months, after them", 12, { beganAt: "2025-06-15T10:00:00.000Z", first: false }, undefined],
  ["for its first payment, which this is", 0, { beganAt: daysBefore(30), first: true }, "A"],
  ["for its first payment, which this is not", 0, { beganAt: daysBefore(30), first: false }, undefined],
])("a subscription earns %s", (_name, renewalMonths, subscription, winner) => {
  const signal = { ...click("A"), kind: "subscription" as const, ref: "sub_1" };
  const payment = { subscription: { part: "renewal" as const, ...subscription } };
  expect(wins([signal], { renewalMonths }, payment)[0]).toBe(winner);
});
