import fc from "fast-check";
import { expect, test } from "vitest";
import { maxAmountMinor } from "../../kernel/money.ts";
import { decimalOf, minorOf, sumMinor } from "./decimal.ts";

const currencies = ["EUR", "JPY", "KWD", "ISK", "HUF"] as const;
const amount = fc.integer({ min: -maxAmountMinor, max: maxAmountMinor });

test("writing an amount and reading it gives the amount, in every currency", () => {
  fc.assert(
    fc.property(amount, fc.constantFrom(...currencies), (minor, currency) => {
      expect(minorOf(decimalOf(minor, currency), currency)).toBe(minor === 0 ? 0 : minor);
    }),
  );
});

test("zeros behind the last decimal change nothing", () => {
  fc.assert(
    fc.property(amount, fc.nat(4), (minor, zeros) => {
      expect(minorOf(decimalOf(minor, "EUR") + "0".repeat(zeros), "EUR")).toBe(minor === 0 ? 0 : minor);
    }),
  );
  expect(minorOf("1200.00", "JPY")).toBe(1200);
});

test("a number of JSON is read as it was written", () => {
  expect([199.99, 0.1, 8.41, 1_000_000.07, 5, -3.5, 0].map((each) => minorOf(each, "EUR"))).toEqual([
    19_999, 10, 841, 100_000_007, 500, -350, 0,
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (minor) => {
      expect(minorOf(JSON.parse(decimalOf(minor, "EUR")), "EUR")).toBe(minor);
    }),
  );
});

test("a sum is rounded once, at its end, half up", () => {
  expect(sumMinor(["8.403361", "8.403361", "8.193277"], "EUR")).toBe(2500);
  expect(sumMinor(["0.004", "0.004"], "EUR")).toBe(1);
  expect(minorOf("0.004", "EUR")).toBe(0);
  expect(minorOf("0.005", "EUR")).toBe(1);
  expect(minorOf("-0.005", "EUR")).toBe(-1);
  expect(minorOf("0.5", "JPY")).toBe(1);
  expect(minorOf("1.2345", "KWD")).toBe(1235);
  expect(sumMinor([], "EUR")).toBe(0);
});

test("a sum of whole minor units is exact, whatever floating point would make of it", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), { maxLength: 30 }), (minors) => {
      const sum = minors.reduce((a, b) => a + b, 0);
      expect(
        sumMinor(
          minors.map((each) => decimalOf(each, "EUR")),
          "EUR",
        ),
      ).toBe(sum === 0 ? 0 : sum);
    }),
  );
});

test.each<[unknown]>([
  ["1,234.50"],
  ["1.234,50"],
  ["NaN"],
  [""],
  [" 1"],
  ["1 "],
  ["+1"],
  ["1e3"],
  ["0x10"],
  ["Infinity"],
  ["--1"],
  ["1."],
  [".5"],
  ["1.2.3"],
  ["١٢"],
  ["1\n"],
  ["9".repeat(400)],
  ["1000000000000.01"],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [1e300],
  [1e-9],
  [null],
  [undefined],
  [true],
  [{}],
  [["1.00"]],
])("%j is no amount", (value) => {
  expect(minorOf(value, "EUR")).toBeUndefined();
  expect(sumMinor(["1.00", value], "EUR")).toBeUndefined();
});
