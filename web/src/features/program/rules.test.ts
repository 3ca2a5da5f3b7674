import type { RankedSignal } from "@laurel/contract";
import { describe, expect, it } from "vitest";
import { attribute, type Signal, type Situation } from "../../../../packages/core/src/attribution/index.ts";
import { defaultRules } from "../../../../packages/core/src/program/rules.ts";
import * as data from "../../../test/mock/data.ts";
import { changesBetween, fieldsOf } from "./changes.ts";
import { changedRules, draftOf, type RuleSet, type RulesDraft, readDraft } from "./rules-draft.ts";
import { examples } from "./rules-examples.ts";
import { ruleChanges, sentencesOf, settingOf } from "./rules-words.ts";

const draft = draftOf(defaultRules);
const read = (changes: Partial<RulesDraft>) => readDraft({ ...draft, ...changes });

describe("a draft of the rules", () => {
  it("is what it was read from", () => {
    for (const rules of [
      defaultRules,
      { ...defaultRules, bindingMonths: 0, renewalMonths: null },
      { ...defaultRules, bindingMonths: 7, renewalMonths: 0, precedence: ["click" as const] },
    ]) {
      expect(readDraft(draftOf(rules))).toEqual({ rules, errors: {} });
      expect(changedRules(rules, readDraft(draftOf(rules)).rules)).toEqual({});
    }
  });

  it("says which rule is wrong, and what it may be", () => {
    for (const clickWindowDays of ["", "0", "366", "1.5", "-3", "ten"])
      expect(read({ clickWindowDays }).errors).toEqual({ clickWindowDays: "is a whole number from 1 to 365" });
    for (const months of ["", "0", "121", "x"])
      expect(read({ binding: { kind: "months", months } }).errors).toEqual({
        bindingMonths: "is a whole number from 1 to 120",
      });
    expect(read({ binding: { kind: "ever", months: "x" } }).errors).toEqual({});
    expect(read({ precedence: [] }).errors).toEqual({ precedence: "names at least one of them" });
  });

  it("has no number where one is wrong, and is changed all the same", () => {
    const { rules } = read({ clickWindowDays: "400", binding: { kind: "months", months: "0" } });
    expect([rules.clickWindowDays, rules.bindingMonths]).toEqual([Number.NaN, Number.NaN]);
    expect(Object.keys(changedRules({ ...defaultRules, bindingMonths: null }, rules))).toEqual([
      "clickWindowDays",
      "bindingMonths",
    ]);
  });

  it("changes only what differs", () => {
    const { rules } = read({ clickWindowDays: " 60 ", renewal: { kind: "none", months: "12" } });
    expect(changedRules({ ...data.program.rules, ...defaultRules }, rules)).toEqual({
      clickWindowDays: 60,
      renewalMonths: 0,
    });
  });
});

const orders: RankedSignal[][] = [
  ["promotion_code", "click", "customer"],
  ["click", "promotion_code", "customer"],
  ["customer", "click"],
  ["promotion_code"],
  ["click"],
  ["customer"],
];
const sets: RuleSet[] = orders.flatMap((precedence) => [
  { ...defaultRules, precedence },
  {
    precedence,
    clickWindowDays: 1,
    clickTouch: "first",
    severalCodes: "last",
    newCustomersOnly: true,
    countOwnOrders: true,
    bindingMonths: 0,
    renewalMonths: 0,
    campaignDates: false,
    countOutOfBand: true,
  },
  { ...defaultRules, precedence, severalCodes: "nobody", bindingMonths: 1, renewalMonths: 1, clickWindowDays: 90 },
  { ...defaultRules, precedence, bindingMonths: 24, renewalMonths: null },
]);

describe("an example", () => {
  const at = "2026-07-15T12:00:00.000Z";
  const daysBefore = (days: number) => new Date(Date.parse(at) - days * 86_400_000).toISOString();
  const one = "amb_one";
  const other = "amb_other";
  const code = (ambassadorId: string): Signal => ({
    kind: "promotion_code",
    ref: ambassadorId,
    seenAt: null,
    found: "ours",
    ambassadorId,
    campaignId: "cmp_june",
  });
  const click = (ambassadorId: string, days: number): Signal => ({
    ...code(ambassadorId),
    kind: "click",
    seenAt: daysBefore(days),
    campaignId: undefined,
  });
  const since = (kind: "customer" | "subscription", from: string): Signal => ({
    ...code(one),
    kind,
    seenAt: from,
    campaignId: undefined,
  });
  const plain: Situation = { occurredAt: at, timeZone: "Europe/Berlin", campaigns: [], newCustomer: true };
  /** A moment that the story puts before the order. */
  const told = (story: string): string => {
    if (/five years/i.test(story)) return "2021-07-15T12:00:00.000Z";
    if (/a year/i.test(story)) return "2025-07-15T12:00:00.000Z";
    if (/three weeks/i.test(story)) return daysBefore(21);
    const months = /one month/i.test(story) ? 1 : Number(/(\d+) months/.exec(story)![1]);
    return new Date(Date.UTC(2026, 6 - months, 15, 12)).toISOString();
  };
  const june = [{ id: "cmp_june", startsOn: "2026-06-01", endsOn: "2026-06-30" }];

  /** Each story as the signals and the situation that the real decision sees. */
  const played: Partial<
    Record<keyof RuleSet, (story: string, rules: RuleSet) => { signals: Signal[]; situation?: Partial<Situation> }>
  > = {
    precedence: () => ({ signals: [click(one, 0.5), code(other)] }),
    clickWindowDays: (_, { clickWindowDays }) => ({ signals: [click(one, clickWindowDays)] }),
    clickTouch: () => ({ signals: [click(other, 0.2), click(one, 0.9)] }),
    severalCodes: () => ({ signals: [code(one), code(other)] }),
    newCustomersOnly: () => ({ signals: [code(one)], situation: { newCustomer: false } }),
    countOwnOrders: () => ({ signals: [code(one)], situation: { buyerAmbassadorId: one } }),
    bindingMonths: (story) => ({ signals: [since("customer", told(story))], situation: { newCustomer: false } }),
    renewalMonths: (story) => ({
      signals: [since("subscription", told(story))],
      situation: { subscription: { part: "renewal", beganAt: told(story), first: false } },
    }),
    campaignDates: () => ({ signals: [code(one)], situation: { campaigns: june } }),
  };

  it.each(Object.keys(played) as (keyof typeof played)[])("of %s tells what the decision does", (name) => {
    for (const rules of sets) {
      // Of the rule alone: what else could decide the story is left as it usually is.
      const alone = { ...defaultRules, precedence: rules.precedence, [name]: rules[name] };
      const { story, earns, outcome } = examples[name](alone);
      const { signals, situation } = played[name]!(story, alone);
      const { winner } = attribute(signals, { version: 1, ...alone }, { ...plain, ...situation });
      expect({ story, outcome, earns }).toEqual({
        story,
        outcome,
        earns: winner ? (winner.ambassadorId === one ? "one" : "other") : "nobody",
      });
    }
  });

  it("of a span is over when it says so", () => {
    const rules = { ...defaultRules, bindingMonths: 6, renewalMonths: 6 };
    for (const [name, kind] of [
      ["bindingMonths", "customer"],
      ["renewalMonths", "subscription"],
    ] as const) {
      const { outcome } = examples[name](rules);
      const later = told(outcome);
      const situation = { ...plain, subscription: { part: "renewal" as const, beganAt: later, first: false } };
      expect(outcome).toContain("After 7 months, nobody would");
      expect(attribute([since(kind, later)], { version: 1, ...rules }, situation).winner).toBeUndefined();
    }
  });

  it("waits for a number that is missing", () => {
    const { rules } = read({ clickWindowDays: "", binding: { kind: "months", months: "" } });
    expect(examples.clickWindowDays(rules)).toMatchObject({ earns: undefined, outcome: "Enter a number first." });
    expect(examples.bindingMonths(rules).earns).toBeUndefined();
  });
});

describe("rules in words", () => {
  it("say all of a set, without a number that is not there", () => {
    expect(sentencesOf(defaultRules)).toEqual([
      "A promo code is believed before a click on a link, and that before a known customer.",
      "If one order has codes of several ambassadors, the one entered first counts.",
      "A click counts for 30 days; of several, the latest one.",
      "A customer stays with the ambassador who brought them for ever.",
      "The payments of a subscription earn for 12 months from its start.",
      "Codes and clicks count for new and returning customers alike.",
      "Codes and clicks count only while their campaign runs.",
      "Ambassadors earn nothing by what they buy themselves.",
      "Invoices that were paid outside of the checkout earn nothing.",
    ]);
    for (const rules of [...sets, read({ clickWindowDays: "", renewal: { kind: "months", months: "" } }).rules])
      expect(sentencesOf(rules).join(" ")).not.toMatch(/NaN|undefined|null/);
    expect(sentencesOf({ ...defaultRules, precedence: ["click"] })).toEqual(
      expect.arrayContaining([
        "Only clicks on links name an ambassador.",
        "Clicks count only while their campaign runs.",
      ]),
    );
  });

  it("tell versions apart, rule by rule", () => {
    expect(ruleChanges(defaultRules, { ...defaultRules, bindingMonths: 6, clickTouch: "first" })).toEqual([
      { name: "clickTouch", what: "Which of several clicks counts", from: "the latest", to: "the first" },
      {
        name: "bindingMonths",
        what: "How long a customer stays with an ambassador",
        from: "for ever",
        to: "for 6 months",
      },
    ]);
    expect(settingOf("bindingMonths", { bindingMonths: 1 })).toBe("for 1 month");
  });
});

describe("changes that somebody else made", () => {
  it("are told field by field, rules and fraud settings too", () => {
    const { program } = data;
    const after = {
      ...program,
      holdDays: 14,
      replyTo: null,
      approveAbove: [],
      rules: { ...program.rules, clickWindowDays: 60, version: 4 },
      fraud: { ...program.fraud, off: ["paid_ads" as const], thresholds: { velocity: 50 } },
    };
    expect(changesBetween(program, program)).toEqual([]);
    expect(changesBetween(program, after).map(({ field, to }) => [field, to])).toEqual([
      ["replyTo", "nobody"],
      ["holdDays", "14 days"],
      ["approveAbove", "any amount"],
      ["rules.clickWindowDays", "60 days"],
      ["fraud.off", "paid ads"],
      ["fraud.thresholds", "velocity 50"],
    ]);
  });

  it("meet one's own by the same names", () => {
    expect(fieldsOf({ holdDays: 3, rules: { clickTouch: "first" }, fraud: { off: [] } })).toEqual([
      "holdDays",
      "rules.clickTouch",
      "fraud.off",
    ]);
  });
});
