/** Stripe keeps these two at two decimals though ISO 4217 has none (https://docs.stripe.com/currencies#special-cases). */
const twoDecimals = new Set(["ISK", "UGX"]);

/** How many minor units make one, as a power of ten: 2 for EUR, 0 for JPY, 3 for KWD. */
export function exponentOf(currency: string): number {
  if (twoDecimals.has(currency)) return 2;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** The decimal text of an amount, exact however large: 1234 of two decimals is "12.34". */
export function decimalOf(amountMinor: number, exponent: number): string {
  const sign = amountMinor < 0 ? "-" : "";
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, "0");
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** The minor units of an amount that somebody typed, with a point or a comma: "99,50" of EUR is 9950. Undefined where it is none. */
export function minorOf(text: string, currency: string): number | undefined {
  const exponent = exponentOf(currency);
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim().replaceAll(/[\s'’]/g, ""));
  if (!match || (match[2] ?? "").length > exponent) return undefined;
  return Number(match[1] + (match[2] ?? "").padEnd(exponent, "0"));
}

/**
 * An amount for people to read in their own locale: 1234 EUR is €12.34 in English, 12,34 € in German.
 * @param amountMinor whole minor units
 */
export function formatMoney(amountMinor: number, currency: string, locale?: string): string {
  const exponent = exponentOf(currency);
  const format = new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  return format.format(decimalOf(amountMinor, exponent) as `${number}`);
}

/** Basis points as percent: 1000 is 10 %, 1250 is 12.5 %. */
export function formatRate(rateBp: number, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 }).format(rateBp / 10_000);
}

export const formatCount = (count: number, locale?: string): string => new Intl.NumberFormat(locale).format(count);

/** 12,400 as 12.4K: for narrow places; the exact figure belongs in a title beside it. */
export const formatShort = (count: number, locale?: string): string =>
  new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }).format(count);
