import { assert } from "./errors.ts";

/** The largest amount that Laurel takes, in minor units: far above any order, far below where integers stop being exact. */
export const maxAmountMinor = 1_000_000_000_000;

/**
 * A share of an amount, half up: ⌊(amount × rate + 5000) / 10000⌋. The one rounding of the program.
 * @param amountMinor integer ≥ 0, minor units
 * @param rateBp basis points, 1000 is 10 %
 */
export function shareOf(amountMinor: number, rateBp: number): number {
  assert(
    Number.isSafeInteger(amountMinor) && amountMinor >= 0,
    "an amount is a whole number of minor units, not negative",
  );
  assert(Number.isSafeInteger(rateBp) && rateBp >= 0, "a rate is a whole number of basis points, not negative");
  return Number((BigInt(amountMinor) * BigInt(rateBp) + 5000n) / 10000n);
}

/** ⌈a × b ÷ c⌉ of whole numbers, exact; 0 when c is 0. */
export function scaleUp(a: number, b: number, c: number): number {
  if (c === 0) return 0;
  const product = BigInt(a) * BigInt(b);
  const divisor = BigInt(c);
  return Number((product + divisor - 1n) / divisor);
}

/**
 * Minor units as checkouts send them (https://docs.stripe.com/currencies#zero-decimal). Not what `Intl` says: that tells how an
 * amount is commonly shown, so it drops the decimals of HUF, IDR or RSD, which amounts do count.
 */
const withoutDecimals = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "));
const threeDecimals = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/** How many minor units make one, as a power of ten: 2 for EUR, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: string): number {
  if (withoutDecimals.has(currency)) return 0;
  return threeDecimals.has(currency) ? 3 : 2;
}

/** An amount for people to read: 1234 EUR is €12.34. */
export function formatMoney(amountMinor: number, currency: string, locale = "en"): string {
  const exponent = exponentOf(currency);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  }).format(amountMinor / 10 ** exponent);
}

const known = new Set(Intl.supportedValuesOf("currency"));
/** Whether ISO 4217 knows the currency (as far as ICU does). */
export const isCurrency = (code: string): boolean => known.has(code);
