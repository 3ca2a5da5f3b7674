import fc from "fast-check";
import { expect, test } from "vitest";
import type { MoneyFact } from "./fact.ts";
import { baseGoneOf, disputedOf, holdsOf, isCancelled, type Money, refundedOf, statusOf, withMoney } from "./money.ts";

const paid = { payment: "paid", currency: "EUR", grossMinor: 10_000, baseMinor: 8000 } as Money & { baseMinor: number };
const at = (second: number) => new Date(Date.UTC(2026, 5, 15) + second * 1000).toISOString();
const aliases = ["pi_1"];
type Of<K extends MoneyFact["kind"]> = Extract<MoneyFact, { kind: K }>;
const dispute = (more: Partial<Of<"dispute">>): MoneyFact => ({
  kind: "dispute",
  aliases,
  disputeId: "du_1",
  state: "open",
  step: 20,
  amountMinor: 10_000,
  currency: "EUR",
  at: at(1),
  ...more,
});
const refund = (amountMinor: number, more: Partial<Of<"refund">> = {}): MoneyFact => ({
  kind: "refund",
  aliases,
  refundId: "re_1",
  amountMinor,
  currency: "EUR",
  state: "live",
  at: at(1),
  ...more,
});
const exact = (refundedMinor: number, second: number): MoneyFact => ({
  kind: "refunded_exact",
  aliases,
  refundedMinor,
  currency: "EUR",
  at: at(second),
});
const cancellation = (cancelled: boolean, second: number): MoneyFact => ({
  kind: "cancellation",
  aliases,
  cancelled,
  at: at(second),
});
const after = (facts: readonly MoneyFact[]) => facts.reduce((money, fact) => withMoney(money, fact), paid);
const sums = (facts: readonly MoneyFact[]) => {
  const money = after(facts);
  return [refundedOf(money), disputedOf(money), baseGoneOf(money), holdsOf(money).length];
};

/** Refunded, disputed, gone of the base, reasons to hold. */
test.each<[string, MoneyFact[], number[]]>([
  ["an open dispute takes all that is disputed", [dispute({})], [0, 10_000, 8000, 0]],
  ["one of a part takes that part", [dispute({ amountMinor: 2500 })], [0, 2500, 2000, 0]],
  ["one for which nothing was moved holds", [dispute({ withdrawnMinor: 0 })], [0, 0, 0, 1]],
  ["an inquiry holds", [dispute({ state: "inquiry" })], [0, 0, 0, 1]],
  ["a state that nobody knows holds", [dispute({ state: "unknown" })], [0, 0, 0, 1]],
  ["won gives it back", [dispute({}), dispute({ state: "won", step: 80, at: at(2) })], [0, 0, 0, 0]],
  ["won in part gives back that part", [dispute({ state: "won", withdrawnMinor: 4000 })], [0, 4000, 3200, 0]],
  ["lost keeps it", [dispute({ state: "lost" })], [0, 10_000, 8000, 0]],
  [
    "an appeal opens it again, and may win",
    [
      dispute({ state: "lost", step: 40, at: at(2) }),
      dispute({ step: 50, at: at(3) }),
      dispute({ state: "won", step: 80, at: at(4) }),
    ],
    [0, 0, 0, 0],
  ],
  ["with a refund never more than was paid", [refund(6000), dispute({})], [6000, 4000, 8000, 0]],
  ["prevented means a refund, told or not", [dispute({ state: "prevented", amountMinor: 3000 })], [0, 3000, 2400, 0]],
  [
    "prevented and refunded counts once",
    [dispute({ state: "prevented", amountMinor: 3000 }), refund(3000)],
    [3000, 0, 2400, 0],
  ],
  [
    "a shop and the account by which it takes its money tell of one refund, each by its own id",
    [refund(3000), refund(3000, { refundId: "refund_77", baseMinor: 2500 })],
    [3000, 0, 2500, 0],
  ],
  [
    "two disputes add up",
    [dispute({ amountMinor: 3000 }), dispute({ disputeId: "du_2", amountMinor: 9000 })],
    [0, 10_000, 8000, 0],
  ],
  ["one in another currency holds and takes nothing", [dispute({ currency: "USD" })], [0, 0, 0, 1]],
  [
    "one whose card was in another currency takes what left the balance in the order's",
    [
      dispute({
        currency: "USD",
        amountMinor: 2700,
        inBalance: { currency: "EUR", amountMinor: 2500, withdrawnMinor: 2500 },
      }),
    ],
    [0, 2500, 2000, 0],
  ],
  [
    "also where that is told later",
    [
      dispute({ currency: "USD", withdrawnMinor: 0 }),
      dispute({ currency: "USD", at: at(2), inBalance: { currency: "EUR", amountMinor: 2500, withdrawnMinor: 2500 } }),
      dispute({
        currency: "USD",
        state: "won",
        step: 80,
        at: at(3),
        inBalance: { currency: "EUR", amountMinor: 2500 },
      }),
      dispute({
        currency: "USD",
        state: "lost",
        step: 90,
        at: at(4),
        inBalance: { currency: "EUR", amountMinor: 2500, withdrawnMinor: 1000 },
      }),
    ],
    [0, 1000, 800, 0],
  ],
  [
    "a balance in a third currency helps nobody",
    [dispute({ currency: "USD", inBalance: { currency: "GBP", amountMinor: 2500, withdrawnMinor: 2500 } })],
    [0, 0, 0, 1],
  ],
  [
    "of the same second the further step counts",
    [dispute({ state: "won", step: 80 }), dispute({ step: 20 })],
    [0, 0, 0, 0],
  ],
  ["what is added up anew counts", [exact(3000, 1)], [3000, 0, 2400, 0]],
  ["also where it went down", [exact(3000, 1), exact(1000, 2)], [1000, 0, 800, 0]],
  ["a refund by its lines takes what they say", [refund(5000, { baseMinor: 1000 })], [5000, 0, 1000, 0]],
  [
    "beside one without lines",
    [refund(5000, { baseMinor: 1000 }), refund(2500, { refundId: "re_2" })],
    [7500, 0, 3000, 0],
  ],
  [
    "one that the shop and Stripe both tell of counts once, by its lines",
    [refund(5000, { refundId: "refund_7", baseMinor: 1000 }), refund(5000)],
    [5000, 0, 1000, 0],
  ],
  [
    "and one that was made at Stripe alone counts beside it",
    [refund(5000, { refundId: "refund_7", baseMinor: 1000 }), refund(5000), refund(2500, { refundId: "re_2" })],
    [7500, 0, 3000, 0],
  ],
  [
    "all of it back is all of the base, whatever lines say",
    [refund(10_000, { baseMinor: 1000 })],
    [10_000, 0, 8000, 0],
  ],
])("%s", (_name, facts, expected) => {
  expect(sums(facts)).toEqual(expected);
  expect(sums([...facts].reverse())).toEqual(expected);
  expect(sums([...facts, ...facts])).toEqual(expected);
});

test("what was called off and taken back: the later word counts, of the same second the one that calls it off", () => {
  const cases = fc
    .array(fc.tuple(fc.boolean(), fc.nat(4)), { minLength: 1, maxLength: 6 })
    .chain((words) => fc.tuple(fc.constant(words), fc.shuffledSubarray(words, { minLength: words.length })));
  fc.assert(
    fc.property(cases, ([words, shuffled]) => {
      const money = after(shuffled.map(([cancelled, second]) => cancellation(cancelled, second)));
      const last = Math.max(...words.map(([, second]) => second));
      expect(isCancelled(money)).toBe(words.some(([cancelled, second]) => cancelled && second === last));
      expect(statusOf({ ...money, mergedInto: undefined }, 0)).toBe(isCancelled(money) ? "void" : "paid");
    }),
  );
});

test("a warning holds until it is cleared, and told again it does not hold anew", () => {
  const warning: MoneyFact = { kind: "warning", aliases, reason: "early_fraud_warning:issfr_1", at: at(1) };
  const held = after([warning, warning]);
  expect(holdsOf(held)).toEqual([{ reason: "early_fraud_warning:issfr_1", since: at(1) }]);
  const cleared = { ...held, holds: { [warning.reason]: { since: at(1), clearedAt: at(2) } } };
  expect(holdsOf(withMoney(cleared, warning))).toEqual([]);
});

test("whatever is heard, in any order: the same end, within nothing and all that was paid", () => {
  const second = fc.nat(3);
  const fact: fc.Arbitrary<MoneyFact> = fc.oneof(
    fc
      .record({
        state: fc.constantFrom(
          "inquiry" as const,
          "open" as const,
          "won" as const,
          "lost" as const,
          "prevented" as const,
        ),
        step: fc.nat(3),
        amountMinor: fc.nat(12_000),
        withdrawnMinor: fc.option(fc.nat(12_000), { nil: undefined }),
        disputeId: fc.constantFrom("du_1", "du_2"),
        second,
      })
      .map(({ second: s, withdrawnMinor, ...each }) =>
        dispute({ ...each, at: at(s), ...(withdrawnMinor === undefined ? {} : { withdrawnMinor }) }),
      )
      // Of one dispute, second and step there is one state and one amount.
      .map((each) => {
        const { step, state } = each as Of<"dispute">;
        const states = ["inquiry", "open", "lost", "won"] as const;
        return {
          ...each,
          state: state === "prevented" ? state : states[step]!,
          step: state === "prevented" ? 9 : step,
          amountMinor: 5000,
        } as MoneyFact;
      }),
    fc
      .tuple(fc.constantFrom("re_1", "re_2"), fc.nat(12_000), second)
      .map(([refundId, amount, s]) => refund(amount, { refundId, at: at(s) })),
    fc.tuple(fc.nat(12_000), second).map(([amount, s]) => exact(amount, s)),
  );
  const cases = fc
    .array(fact, { maxLength: 8 })
    .chain((facts) => fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })));
  fc.assert(
    fc.property(cases, ([facts, shuffled]) => {
      const [refunded, disputed, gone] = sums(facts) as [number, number, number];
      expect(sums(shuffled)).toEqual(sums(facts));
      expect(sums([...facts, ...shuffled])).toEqual(sums(facts));
      expect(refunded >= 0 && disputed >= 0 && refunded + disputed <= 10_000).toBe(true);
      expect(gone >= 0 && gone <= 8000).toBe(true);
    }),
    { numRuns: 400 },
  );
});
