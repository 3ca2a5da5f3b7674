import fc from "fast-check";
import { expect, test } from "vitest";
import { exponentOf, formatMoney, isCurrency, maxAmountMinor, scaleUp, shareOf } from "./money.ts";

const amounts = fc.integer({ min: 0, max: maxAmountMinor });
const rates = fc.integer({ min: 0, max: 10_000 });

/** Half up by the definition: the nearest whole number, and the upper one of two that are equally near. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const below = numerator / denominator;
  const rest = numerator % denominator;
  return rest * 2n >= denominator ? below + 1n : below;
}

test("a share is the nearest whole amount, half up, for any amount and rate", () => {
  fc.assert(
    fc.property(amounts, rates, (amount, rate) => {
      expect(BigInt(shareOf(amount, rate))).toBe(nearest(BigInt(amount) * BigInt(rate), 10_000n));
    }),
  );
});

test.each([
  [0, 1000, 0],
  [1, 10_000, 1],
  [4, 1000, 0],
  [5, 1000, 1],
  [14, 1000, 1],
  [15, 1000, 2],
  [10_000, 1, 1],
  [4_999, 1, 0],
  [5_000, 1, 1],
  [maxAmountMinor, 10_000, maxAmountMinor],
  [999_999_999_999, 3_333, 333_300_000_000],
])("%i at %i bp is %i", (amount, rate, share) => {
  expect(shareOf(amount, rate)).toBe(share);
});

test("shares grow with amount and rate, and a share of two amounts is off by one at most from their shares", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e11 }), fc.integer({ min: 0, max: 1e11 }), rates, (a, b, rate) => {
      expect(shareOf(a + b, rate)).toBeGreaterThanOrEqual(shareOf(a, rate));
      expect(Math.abs(shareOf(a + b, rate) - shareOf(a, rate) - shareOf(b, rate))).toBeLessThanOrEqual(1);
      expect(shareOf(a, rate)).toBeLessThanOrEqual(a);
    }),
  );
});

test.each([[-1], [0.5], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53]])("%d is no amount", (bad) => {
  expect(() => shareOf(bad, 1000)).toThrow(/whole number/);
  expect(() => shareOf(1000, bad)).toThrow(/whole number/);
});

test("scaling up is the ceiling of the exact fraction", () => {
  fc.assert(
    fc.property(amounts, amounts, fc.integer({ min: 1, max: maxAmountMinor }), (a, b, c) => {
      const part = Math.min(b, c);
      const up = BigInt(scaleUp(a, part, c));
      const exact = BigInt(a) * BigInt(part);
      expect(up * BigInt(c) >= exact && (up - 1n) * BigInt(c) < exact).toBe(true);
    }),
  );
  expect(scaleUp(5, 7, 0)).toBe(0);
  expect(scaleUp(100, 1, 3)).toBe(34);
  expect(scaleUp(100, 3, 3)).toBe(100);
});

test("minor units are those that checkouts send", () => {
  const at = (exponent: number) => (code: string) => expect([code, exponentOf(code)]).toEqual([code, exponent]);
  "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" ").forEach(at(0));
  "BHD JOD KWD OMR TND".split(" ").forEach(at(3));
  "EUR USD GBP CHF HUF TWD IDR COP LAK LBP MMK RSD ALL AFN ISK UGX CZK PLN BRL INR".split(" ").forEach(at(2));
});

test("money reads as people write it", () => {
  expect(formatMoney(123_456, "EUR")).toBe("€1,234.56");
  expect(formatMoney(-5, "USD")).toBe("-$0.05");
  expect(formatMoney(1234, "JPY")).toBe("¥1,234");
  expect(formatMoney(1_234_500, "HUF").replace(/\s/, " ")).toBe("HUF 12,345.00");
  expect(formatMoney(1_234, "KWD").replace(/\s/, " ")).toBe("KWD 1.234");
});

test("currencies are known by their code in upper case", () => {
  expect(["EUR", "JPY", "KWD"].every(isCurrency)).toBe(true);
  expect(["ZZZ", "eur", "", "EURO", "__proto__"].some(isCurrency)).toBe(false);
});
