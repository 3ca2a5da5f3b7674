import { describe, expect, it } from "vitest";
import { decimalOf, exponentOf, formatMoney, formatRate, minorOf } from "./money.ts";

describe("money", () => {
  it("takes the exponent from the currency", () => {
    expect(["EUR", "JPY", "KWD"].map(exponentOf)).toEqual([2, 0, 3]);
  });

  it("keeps two decimals for the currencies that checkouts keep at two", () => {
    expect(exponentOf("ISK")).toBe(2);
    expect(exponentOf("UGX")).toBe(2);
    expect(formatMoney(500_00, "ISK", "en").replaceAll(/\s/g, " ")).toBe("ISK 500.00");
  });

  it("is exact for amounts that a float would round", () => {
    expect(decimalOf(900_719_925_474_099_1, 2)).toBe("90071992547409.91");
    expect(decimalOf(-5, 2)).toBe("-0.05");
    expect(decimalOf(7, 0)).toBe("7");
    expect(decimalOf(1, 3)).toBe("0.001");
  });

  it("speaks the viewer's locale", () => {
    expect(formatMoney(123_456, "EUR", "en")).toBe("€1,234.56");
    expect(formatMoney(123_456, "EUR", "de").replaceAll(/\s/g, " ")).toBe("1.234,56 €");
    expect(formatMoney(-1234, "EUR", "en")).toBe("-€12.34");
    expect(formatMoney(1234, "JPY", "en")).toBe("¥1,234");
  });

  it("reads what people type, and nothing that it would have to guess", () => {
    expect(["100", "99.5", "99,50", " 1 000 "].map((text) => minorOf(text, "EUR"))).toEqual([
      10_000, 9950, 9950, 100_000,
    ]);
    expect(minorOf("1200", "JPY")).toBe(1200);
    expect(["", "-5", "1.999", "1,000.00", "ten"].map((text) => minorOf(text, "EUR"))).toEqual(
      Array(5).fill(undefined),
    );
    expect(minorOf("5.5", "JPY")).toBeUndefined();
  });

  it("writes basis points as percent", () => {
    expect(formatRate(1000, "en")).toBe("10%");
    expect(formatRate(1255, "en")).toBe("12.55%");
  });
});
