import * as fc from "fast-check";
import { expect, test } from "vitest";
import { totalsOf } from "./totals.ts";

const line = (unitAmount: number, quantity = 1, tax?: { percentage: number; inclusive: boolean }) => ({
  unitAmount,
  quantity,
  tax,
});

test("tax in the price stays in the price; the discount comes off before it is counted", () => {
  const totals = totalsOf([line(12_900, 1, { percentage: 19, inclusive: true })], { percentOff: 15 }, 490);
  expect(totals).toMatchObject({ subtotal: 12_900, discount: 1_935, tax: 1_751, shipping: 490, total: 11_455 });
});

test("tax on top of the price is added to the total", () => {
  const totals = totalsOf([line(5_000, 2, { percentage: 8, inclusive: false })], { percentOff: 10 }, 0);
  expect(totals).toMatchObject({ subtotal: 10_000, discount: 1_000, tax: 720, total: 9_720 });
});

test("a discount in money never exceeds the goods", () => {
  expect(totalsOf([line(300), line(0)], { amountOff: 1_000 }, 490)).toMatchObject({ discount: 300, total: 490 });
});

test("lines always add up to the whole, and none goes below zero", () => {
  const lines = fc.array(
    fc.record({
      unitAmount: fc.integer({ min: 0, max: 999_999 }),
      quantity: fc.integer({ min: 1, max: 9 }),
      tax: fc.option(
        fc.record({ percentage: fc.integer({ min: 0, max: 2_500 }).map((bp) => bp / 100), inclusive: fc.boolean() }),
        { nil: undefined },
      ),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const offer = fc.oneof(
    fc.integer({ min: 1, max: 10_000 }).map((bp) => ({ percentOff: bp / 100 })),
    fc.integer({ min: 1, max: 2_000_000 }).map((amountOff) => ({ amountOff })),
    fc.constant(undefined),
  );
  fc.assert(
    fc.property(lines, offer, fc.integer({ min: 0, max: 5_000 }), (priced, given, shipping) => {
      const totals = totalsOf(priced, given, shipping);
      const sum = (of: (each: (typeof totals.lines)[number]) => number) =>
        totals.lines.reduce((all, each) => all + of(each), 0);
      expect(sum((each) => each.discount)).toBe(totals.discount);
      expect(sum((each) => each.tax)).toBe(totals.tax);
      expect(sum((each) => each.total) + shipping).toBe(totals.total);
      for (const each of totals.lines) {
        expect(each.discount).toBeGreaterThanOrEqual(0);
        expect(each.discount).toBeLessThanOrEqual(each.subtotal);
        expect(each.total).toBeGreaterThanOrEqual(each.tax);
      }
    }),
    { numRuns: 300 },
  );
});
