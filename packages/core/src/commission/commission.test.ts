import fc from "fast-check";
import { expect, test } from "vitest";
import { scaleUp } from "../kernel/money.ts";
import { add, changesOf, isBalanced, noBalances, type Posting } from "../ledger/ledger.ts";
import type { Commission } from "./commission.entity.ts";
import { earn, leftOf, reversedFor, settleCommission } from "./commission.ts";

const now = new Date("2026-06-15T10:00:00.000Z");
const reverseTo = (commission: Commission, reversedMinor: number, at: Date) =>
  settleCommission(commission, { reversedMinor, held: false, now: at });
/** What is reversed where refunds take from the base in proportion to the gross. */
const reversedSoFar = (of: {
  grossMinor: number;
  baseMinor: number;
  refundedMinor: number;
  rateBp: number;
  earnedMinor: number;
}) =>
  reversedFor({
    ...of,
    baseGoneMinor: scaleUp(of.baseMinor, Math.min(of.refundedMinor, of.grossMinor), of.grossMinor),
  });
const earned = (changes: Partial<Commission> = {}): Commission => ({
  ...earn({
    ambassadorId: "amb_1",
    orderId: "ord_1",
    occurredAt: "2026-06-01T10:00:00.000Z",
    code: "ANNA15",
    currency: "EUR",
    baseMinor: 10_000,
    rateBp: 1000,
    tierId: "tier_1",
    rulesVersion: 1,
    releaseAt: "2026-07-01T22:00:00.000Z",
    releaseDay: "2026-07-02",
  }),
  ...changes,
});

const purchases = fc
  .record({
    grossMinor: fc.integer({ min: 1, max: 10_000_000 }),
    share: fc.integer({ min: 0, max: 100 }),
    rateBp: fc.integer({ min: 0, max: 10_000 }),
  })
  .map(({ grossMinor, share, rateBp }) => {
    const baseMinor = Math.floor((grossMinor * share) / 100);
    return { grossMinor, baseMinor, rateBp, earnedMinor: earn({ ...earned(), baseMinor, rateBp }).earnedMinor };
  });

test("what is reversed grows with what is refunded, and lies between nothing and all that was earned", () => {
  fc.assert(
    fc.property(purchases, fc.array(fc.nat(12_000_000), { maxLength: 8 }), (purchase, refunds) => {
      const reversed = refunds
        .sort((a, b) => a - b)
        .map((refundedMinor) => reversedSoFar({ ...purchase, refundedMinor }));
      for (const [at, each] of reversed.entries()) {
        expect(each).toBeGreaterThanOrEqual(at > 0 ? reversed[at - 1]! : 0);
        expect(each).toBeLessThanOrEqual(purchase.earnedMinor);
      }
    }),
  );
});

test("a full refund reverses exactly all of it, and none reverses nothing", () => {
  fc.assert(
    fc.property(purchases, fc.nat(1000), (purchase, above) => {
      const of = (refundedMinor: number) => reversedSoFar({ ...purchase, refundedMinor });
      expect([of(0), of(purchase.grossMinor), of(purchase.grossMinor + above)]).toEqual([
        0,
        purchase.earnedMinor,
        purchase.earnedMinor,
      ]);
    }),
  );
});

test("any split of a refund ends where one refund of the sum does", () => {
  fc.assert(
    fc.property(
      purchases,
      fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 }),
      (purchase, parts) => {
        const whole = parts.reduce((sum, part) => sum + part, 0);
        let commission = earned({
          baseMinor: purchase.baseMinor,
          rateBp: purchase.rateBp,
          earnedMinor: purchase.earnedMinor,
        });
        let balances = add(noBalances(), changesOf(earnings(commission)));
        let told = 0;
        for (const part of parts) {
          told += part;
          // The last of the parts makes the refund full.
          const refundedMinor = told === whole ? purchase.grossMinor : Math.floor((purchase.grossMinor * told) / whole);
          const step = reverseTo(commission, reversedSoFar({ ...purchase, refundedMinor }), now);
          commission = step.commission;
          balances = add(balances, changesOf(step.postings));
          expect(isBalanced(balances)).toBe(true);
          expect(balances.pendingMinor).toBe(leftOf(commission));
        }
        expect([leftOf(commission), balances.pendingMinor, balances.reversedMinor]).toEqual([
          0,
          0,
          purchase.earnedMinor,
        ]);
        expect(commission.state).toBe(purchase.earnedMinor > 0 ? "reversed" : "pending");
      },
    ),
  );
});

test("the part that stays is the share of the base that is left, rounded down once and half up once", () => {
  // 119.00 with a base of 100.00 at 15 %: a third goes back.
  const third = { grossMinor: 11_900, baseMinor: 10_000, rateBp: 1500, earnedMinor: 1500 };
  // base left = 10,000 − ⌈10,000 × 3,967 ÷ 11,900⌉ = 6,666; 15 % of it, half up, is 1,000.
  expect(reversedSoFar({ ...third, refundedMinor: 3_967 })).toBe(500);
  expect(reversedSoFar({ ...third, refundedMinor: 1 })).toBe(0);
  expect(reversedSoFar({ ...third, refundedMinor: 40 })).toBe(5);
});

test("a commission that was granted in part reverses in the proportion that was granted", () => {
  const capped = { grossMinor: 10_000, baseMinor: 10_000, rateBp: 1000, earnedMinor: 600 };
  expect(reversedSoFar({ ...capped, refundedMinor: 5_000 })).toBe(300);
  expect(reversedSoFar({ ...capped, refundedMinor: 10_000 })).toBe(600);
});

test("nothing was paid, nothing is earned and nothing is reversed", () => {
  expect(reversedSoFar({ grossMinor: 0, baseMinor: 0, refundedMinor: 0, rateBp: 1000, earnedMinor: 0 })).toBe(0);
  expect(reversedSoFar({ grossMinor: 0, baseMinor: 0, refundedMinor: 500, rateBp: 1000, earnedMinor: 0 })).toBe(0);
});

const earnings = (commission: Commission): Posting[] =>
  commission.earnedMinor > 0
    ? [{ from: "program.earned", to: "ambassador.pending", amountMinor: commission.earnedMinor }]
    : [];

test("a reversal takes from where the money stands, and a restoration gives back there", () => {
  const pending = reverseTo(earned(), 400, now);
  expect(pending.postings).toEqual([{ from: "ambassador.pending", to: "program.reversed", amountMinor: 400 }]);
  expect(pending.commission).toMatchObject({ reversedMinor: 400, place: "pending", state: "pending" });
  expect(reverseTo(pending.commission, 400, now).postings).toEqual([]);
  expect(reverseTo(pending.commission, 150, now).postings).toEqual([
    { from: "program.reversed", to: "ambassador.pending", amountMinor: 250 },
  ]);
  const available = reverseTo(earned({ place: "available", state: "available" }), 1000, now);
  expect(available.postings).toEqual([{ from: "ambassador.available", to: "program.reversed", amountMinor: 1000 }]);
  expect(available.commission).toMatchObject({ place: "available", state: "reversed" });
  expect(reverseTo(available.commission, 0, now).commission).toMatchObject({ place: "available", state: "available" });
});

test("what comes back after its release date waits for nothing any more", () => {
  const gone = reverseTo(earned(), 1000, now).commission;
  const early = reverseTo(gone, 300, now);
  expect([early.commission.place, early.commission.state]).toEqual(["pending", "pending"]);
  const late = reverseTo(gone, 300, new Date("2026-07-01T22:00:00.000Z"));
  expect([late.commission.place, late.commission.state]).toEqual(["available", "available"]);
  expect(late.postings).toEqual([{ from: "program.reversed", to: "ambassador.available", amountMinor: 700 }]);
  // What still stands as pending stays there for the release to move as one.
  const part = reverseTo(earned(), 400, now).commission;
  expect(reverseTo(part, 300, new Date("2026-08-01T00:00:00.000Z")).commission.place).toBe("pending");
});

test("a reversal beyond what was earned, or below nothing, is a bug", () => {
  expect(() => reverseTo(earned(), 1001, now)).toThrow(/between nothing and all/);
  expect(() => reverseTo(earned(), -1, now)).toThrow(/between nothing and all/);
});

test("a refund after the money was paid leaves available negative, and the account balanced", () => {
  let commission = earned({ place: "available", state: "available" });
  const postings: Posting[] = [
    ...earnings(commission),
    { from: "ambassador.pending", to: "ambassador.available", amountMinor: 1000 },
    { from: "ambassador.available", to: "ambassador.inPayout", amountMinor: 1000 },
    { from: "ambassador.inPayout", to: "ambassador.paid", amountMinor: 1000 },
  ];
  const back = reverseTo(commission, 1000, now);
  commission = back.commission;
  const balances = add(add(noBalances(), changesOf(postings)), changesOf(back.postings));
  expect(balances).toMatchObject({ pendingMinor: 0, availableMinor: -1000, paidMinor: 1000, reversedMinor: 1000 });
  expect(isBalanced(balances)).toBe(true);
});

const settled = (commission: Commission, reversedMinor: number, held: boolean, at = now, availableMinor?: number) =>
  settleCommission(commission, { reversedMinor, held, now: at, availableMinor });
const later = new Date("2026-08-01T00:00:00.000Z");

test("a hold moves what is left aside, and its end gives it back to where it should stand by then", () => {
  const held = settled(earned(), 0, true);
  expect(held.postings).toEqual([{ from: "ambassador.pending", to: "ambassador.held", amountMinor: 1000 }]);
  expect(held.commission).toMatchObject({ place: "held", state: "held" });
  expect(settled(held.commission, 0, true).postings).toEqual([]);
  const early = settled(held.commission, 0, false);
  expect(early.postings).toEqual([{ from: "ambassador.held", to: "ambassador.pending", amountMinor: 1000 }]);
  expect(early.commission).toMatchObject({ place: "pending", state: "pending" });
  const late = settled(held.commission, 0, false, later);
  expect(late.postings).toEqual([{ from: "ambassador.held", to: "ambassador.available", amountMinor: 1000 }]);
  expect(late.commission).toMatchObject({ place: "available", state: "available" });
});

test("a reversal and a hold at once: what goes back is taken first, the rest is moved", () => {
  const part = settled(earned(), 400, true);
  expect(part.postings).toEqual([
    { from: "ambassador.pending", to: "program.reversed", amountMinor: 400 },
    { from: "ambassador.pending", to: "ambassador.held", amountMinor: 600 },
  ]);
  const back = settled(part.commission, 100, false);
  expect(back.postings).toEqual([
    { from: "ambassador.held", to: "ambassador.pending", amountMinor: 600 },
    { from: "program.reversed", to: "ambassador.pending", amountMinor: 300 },
  ]);
});

test("a hold takes no more than stands available: what was paid out is nobody else's money", () => {
  const available = earned({ place: "available", state: "available" });
  expect(settled(available, 0, true, later, 999).postings).toEqual([]);
  expect(settled(available, 0, true, later, 1000).commission.place).toBe("held");
  expect(settled(available, 400, true, later, 600).commission.place).toBe("held");
});

test("whatever is reversed, held and cleared in whatever order: the end is where the last word puts it", () => {
  const step = fc.record({ reversed: fc.nat(1000), held: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let commission = earned();
      let balances = add(noBalances(), changesOf(earnings(commission)));
      for (const { reversed, held } of steps) {
        const next = settled(commission, reversed, held);
        commission = next.commission;
        balances = add(balances, changesOf(next.postings));
        expect(isBalanced(balances)).toBe(true);
      }
      const { reversed, held } = steps.at(-1)!;
      expect(balances).toMatchObject({
        pendingMinor: held ? 0 : 1000 - reversed,
        heldMinor: held ? 1000 - reversed : 0,
        reversedMinor: reversed,
      });
      expect(commission.state).toBe(reversed === 1000 ? "reversed" : held ? "held" : "pending");
    }),
  );
});
