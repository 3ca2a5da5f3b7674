import fc from "fast-check";
import { expect, test } from "vitest";
import { payments, type RefundFact } from "./fact.ts";
import { type Money, refundedOf, statusOf, withMoney } from "./money.ts";
import type { OrderItem } from "./order.entity.ts";
import { withEvent, withPurchase } from "./order.ts";

const paid: Money = {
  payment: "paid",
  currency: "EUR",
  grossMinor: 10_000,
  refunds: undefined,
  refundedFloorMinor: undefined,
  refundedFloorAt: undefined,
  refundedExactMinor: undefined,
  refundedExactAt: undefined,
  disputes: undefined,
  cancellation: undefined,
  holds: undefined,
  flags: undefined,
};
const at = (second: number) => new Date(Date.UTC(2026, 5, 15) + second * 1000).toISOString();
const live = (refundId: string, amountMinor: number, second: number, currency = "EUR"): RefundFact => ({
  kind: "refund",
  aliases: ["pi_1"],
  refundId,
  amountMinor,
  currency,
  state: "live",
  at: at(second),
});
const failed = (refundId: string, amountMinor: number, second: number): RefundFact => ({
  ...(live(refundId, amountMinor, second) as Extract<RefundFact, { kind: "refund" }>),
  state: "failed",
});
const floor = (refundedMinor: number, second: number): RefundFact => ({
  kind: "refunded_floor",
  aliases: ["pi_1"],
  refundedMinor,
  currency: "EUR",
  at: at(second),
});
const after = (facts: readonly RefundFact[], money: Money = paid): number =>
  refundedOf(facts.reduce((sum, fact) => withMoney(sum, fact), money));

/** What really happens to a payment's refunds, second by second; what Stripe tells of it follows from it. */
interface Step {
  refund: number;
  fails: boolean;
}
const history = fc.array(fc.record({ refund: fc.integer({ min: 1, max: 4000 }), fails: fc.boolean() }), {
  minLength: 1,
  maxLength: 5,
});

/** Every event of a history, and what stands refunded in the end. Refunds are all made before the first one fails, or one by one. */
function told(steps: readonly Step[], oneByOne: boolean): { facts: RefundFact[]; refundedMinor: number } {
  const facts: RefundFact[] = [];
  let second = 0;
  let standing = 0;
  const fail = (id: string, amount: number) => {
    standing -= amount;
    second += 10;
    // A failure is told by both events, the later one a second after.
    facts.push(failed(id, amount, second), failed(id, amount, second + 1));
  };
  const begun = steps.flatMap(({ refund, fails }, index) => {
    if (standing + refund > paid.grossMinor) return [];
    const id = `re_${index}`;
    standing += refund;
    second += 10;
    facts.push(live(id, refund, second), live(id, refund, second + 1), floor(standing, second));
    if (oneByOne && fails) fail(id, refund);
    return [{ id, refund, fails }];
  });
  if (!oneByOne) for (const each of begun) if (each.fails) fail(each.id, each.refund);
  return { facts, refundedMinor: standing };
}

test("what is refunded follows from what was heard, in any order of hearing and however often", () => {
  const cases = fc.tuple(history, fc.boolean()).chain(([steps, oneByOne]) => {
    const { facts, refundedMinor } = told(steps, oneByOne);
    const doubled = fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 });
    return fc.record({ refundedMinor: fc.constant(refundedMinor), heard: doubled });
  });
  fc.assert(
    fc.property(cases, ({ refundedMinor, heard }) => {
      expect(after(heard)).toBe(refundedMinor);
    }),
    { numRuns: 400 },
  );
});

test("any facts at all give the same end in any order, within nothing and all that was paid", () => {
  const id = fc.constantFrom("re_1", "re_2", "re_3");
  const any = fc.oneof(
    fc.tuple(id, fc.nat(12_000), fc.nat(5)).map(([refund, amount, second]) => live(refund, amount, second)),
    fc.tuple(id, fc.nat(12_000), fc.nat(5)).map(([refund, amount, second]) => failed(refund, amount, second)),
    fc.tuple(fc.nat(12_000), fc.nat(5)).map(([amount, second]) => floor(amount, second)),
  );
  const cases = fc
    .array(any, { maxLength: 8 })
    .chain((facts) => fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })));
  fc.assert(
    fc.property(cases, ([facts, shuffled]) => {
      const refunded = after(facts);
      expect(after(shuffled)).toBe(refunded);
      expect(after([...facts, ...shuffled])).toBe(refunded);
      expect(refunded).toBeGreaterThanOrEqual(0);
      expect(refunded).toBeLessThanOrEqual(paid.grossMinor);
    }),
    { numRuns: 400 },
  );
});

test.each<[string, RefundFact[], number]>([
  ["one refund, told by three events", [live("re_1", 3000, 1), live("re_1", 3000, 2), floor(3000, 1)], 3000],
  ["only the cumulative figure came", [floor(3000, 1)], 3000],
  ["the figure tells of a refund that did not", [live("re_1", 1000, 1), floor(3000, 2)], 3000],
  [
    "the refund comes after the figure that counts it",
    [floor(3000, 2), live("re_1", 1000, 1), live("re_2", 2000, 2)],
    3000,
  ],
  ["an old figure comes late", [floor(5000, 2), floor(2000, 1)], 5000],
  ["two figures of the same second", [floor(2000, 1), floor(5000, 1)], 5000],
  ["a refund fails", [live("re_1", 3000, 1), floor(3000, 1), failed("re_1", 3000, 9)], 0],
  ["it failed before it was made known", [failed("re_1", 3000, 9), live("re_1", 3000, 1), floor(3000, 1)], 0],
  ["a failure explains a part of the figure", [floor(5000, 2), live("re_1", 3000, 1), failed("re_1", 3000, 9)], 2000],
  [
    "one fails, another is known by its figure alone",
    [live("re_1", 3000, 1), floor(3000, 1), failed("re_1", 3000, 5), floor(6000, 9)],
    6000,
  ],
  [
    "one fails, a lower figure after it counts another",
    [floor(9000, 1), live("re_1", 9000, 1), failed("re_1", 9000, 5), floor(4000, 9)],
    4000,
  ],
  ["more than was paid", [live("re_1", 8000, 1), live("re_2", 8000, 2)], 10_000],
  ["another currency", [live("re_1", 8000, 1, "USD")], 0],
])("%s", (_name, facts, refunded) => {
  expect(after(facts)).toBe(refunded);
  expect(after([...facts].reverse())).toBe(refunded);
});

test("what is odd is flagged", () => {
  const flags = (facts: RefundFact[]) => facts.reduce((sum, fact) => withMoney(sum, fact), paid).flags;
  expect(flags([live("re_1", 8000, 1, "USD")])).toEqual(["refund_currency_USD"]);
  expect(flags([live("re_1", 8000, 1), live("re_2", 8000, 1)])).toEqual(["refund_above_gross"]);
  expect(flags([floor(10_001, 1)])).toEqual(["refund_above_gross"]);
  expect(flags([live("re_1", 8000, 1)])).toBeUndefined();
  const many = Array.from({ length: 61 }, (_, n) => live(`re_${n}`, 1, n));
  const full = many.reduce((sum, fact) => withMoney(sum, fact), paid);
  expect([Object.keys(full.refunds!).length, full.flags]).toEqual([60, ["too_many_refunds"]]);
});

test.each([
  ["unpaid", 0, 0, "pending"],
  ["unpaid", 100, 0, "pending"],
  ["unpaid", 100, 100, "pending"],
  ["failed", 100, 0, "void"],
  ["paid", 0, 0, "paid"],
  ["paid", 100, 0, "paid"],
  ["paid", 100, 1, "partly_refunded"],
  ["paid", 100, 99, "partly_refunded"],
  ["paid", 100, 100, "refunded"],
] as const)("%s, %i minor units, %i of them refunded: %s", (payment, gross, refunded, status) => {
  expect(statusOf({ payment, grossMinor: gross, cancellation: undefined, mergedInto: undefined }, refunded)).toBe(
    status,
  );
});

const order = { ...paid, eventIds: ["con_1~evt_0"], aliases: [], clickId: undefined } as unknown as OrderItem;
const again = (payment: (typeof payments)[number], grossMinor = 10_000) =>
  ({ payment, currency: "EUR", grossMinor, signals: { promotionCodeIds: [], clickId: null, email: null } }) as never;

test("the further payment wins, whichever comes first", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...payments), { minLength: 1, maxLength: 4 }), (heard) => {
      const first = { ...order, payment: "unpaid" } as OrderItem;
      const end = heard.reduce((sum, payment) => withPurchase(sum, again(payment)), first).payment;
      expect(end).toBe(heard.includes("paid") ? "paid" : heard.includes("failed") ? "failed" : "unpaid");
    }),
  );
});

test("amounts stay as first told, and another telling of them is flagged", () => {
  const told = withPurchase(order, again("paid", 99));
  expect([told.grossMinor, told.flags]).toEqual([10_000, ["amounts_told_twice"]]);
  expect(withPurchase(order, again("paid")).flags).toBeUndefined();
});

test("an order remembers the event that told of its buyer, and no event twice", () => {
  let told = order;
  for (let n = 0; n < 100; n++) told = withEvent(withEvent(told, `con_1~evt_${n}`), `con_1~evt_${n}`);
  expect([told.eventIds.length, told.eventIds[0], told.eventIds.at(-1)]).toEqual([40, "con_1~evt_0", "con_1~evt_99"]);
  expect(new Set(told.eventIds).size).toBe(40);
});
