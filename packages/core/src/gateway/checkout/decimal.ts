import { exponentOf, maxAmountMinor } from "../../kernel/money.ts";

/**
 * Amounts as shops write them, in decimal: "12.34". They are read digit by digit, exactly: no floating point number is ever
 * made of one.
 */

/** So many decimals a shop may keep; WooCommerce computes lines with six to eight. */
const scale = 10;
const shape = new RegExp(`^(-?)(\\d{1,15})(?:\\.(\\d{1,${scale}}))?$`);

/** A text in units of 10⁻¹⁰; undefined for what is no plain decimal ("1,234.50", "1e3", "NaN", "", " 1"). */
function unitsOf(text: string): bigint | undefined {
  const [, sign, whole, fraction = ""] = shape.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const units = BigInt(whole) * 10n ** BigInt(scale) + BigInt(fraction.padEnd(scale, "0"));
  return sign ? -units : units;
}

/**
 * The decimal text of a JSON value. A number is taken by its shortest decimal text, which for what a shop sends is what it wrote:
 * 199.99 is "199.99", and not the number next to it.
 */
export function decimalText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) < 1e15 ? String(value) : undefined;
}

/** Half a minor unit goes away from zero. */
function toMinor(units: bigint, currency: string): number | undefined {
  const step = 10n ** BigInt(scale - exponentOf(currency));
  const half = step / 2n;
  const minor = units < 0n ? -((-units + half) / step) : (units + half) / step;
  const limit = BigInt(maxAmountMinor);
  return minor > limit || minor < -limit ? undefined : Number(minor);
}

/**
 * The sum of amounts in minor units, with one rounding at its end; undefined where one of them is no amount, or the sum
 * is above all amounts.
 * @param currency upper case
 */
export function sumMinor(values: readonly unknown[], currency: string): number | undefined {
  let sum = 0n;
  for (const value of values) {
    const units = unitsOf(decimalText(value) ?? "");
    if (units === undefined) return undefined;
    sum += units;
  }
  return toMinor(sum, currency);
}

/** A single amount in minor units; undefined for what is none. */
export const minorOf = (value: unknown, currency: string): number | undefined => sumMinor([value], currency);

/** Minor units as a shop writes them: 1234 EUR is "12.34", 1234 JPY "1234". */
export function decimalOf(amountMinor: number, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, "0");
  const cut = digits.length - exponent;
  const text = exponent === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return amountMinor < 0 ? `-${text}` : text;
}
