import { isCurrency } from "../../kernel/money.ts";
import { minorOf, sumMinor } from "./decimal.ts";

/** Reading what a shop sent: tolerant of what is absent, and plain about what makes no sense. */

export type Json = Record<string, unknown>;

/** What a body cannot be understood for. Its message never repeats what a sender wrote. */
export class Unclear extends Error {}
export const unclear = (why: string): never => {
  throw new Unclear(why);
};

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const objectAt = (from: Json, name: string): Json | undefined =>
  isObject(from[name]) ? (from[name] as Json) : undefined;

/** The objects of a list that may be absent or null; anything else but a list is unclear. */
export function objectsAt(from: Json, name: string): Json[] {
  const list = from[name] ?? [];
  if (!Array.isArray(list)) return unclear(`${name} is not a list`);
  return list.map((each) => (isObject(each) ? each : unclear(`${name} holds something else than objects`)));
}

/** Text of at most `max` characters; undefined for what is absent, empty, longer or no text. */
export function textAt(from: Json, name: string, max = 255): string | undefined {
  const value = from[name];
  return typeof value === "string" && value !== "" && value.length <= max ? value : undefined;
}

/**
 * A shop's id: whole numbers, which JSON keeps exact up to 2⁵³, or digits as text. A number above that has lost digits and
 * names something else.
 */
export function numericId(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
  return typeof value === "string" && /^[1-9]\d{0,19}$/.test(value) ? value : undefined;
}

export function currencyAt(from: Json, name = "currency"): string {
  const code = typeof from[name] === "string" ? (from[name] as string).toUpperCase() : "";
  if (!/^[A-Z]{3}$/.test(code) || !isCurrency(code)) unclear(`${name} is missing or unknown`);
  return code;
}

/** An amount that may not be negative. */
export function amountOf(value: unknown, currency: string, what: string): number {
  const minor = minorOf(value, currency);
  if (minor === undefined || minor < 0) return unclear(`${what} is not an amount`);
  return minor;
}

/** The sum of amounts, exact until its one rounding. */
export function totalOf(values: readonly unknown[], currency: string, what: string): number {
  const sum = sumMinor(values, currency);
  if (sum === undefined) return unclear(`${what} is not an amount`);
  return sum;
}

/**
 * When something was told, of several tellings the first that is an instant (ISO 8601 with its offset). The order of what was
 * told hangs on it, so it is not cut off at our own time.
 */
export function toldAt(values: readonly unknown[], receivedAt: Date): string {
  for (const value of values) {
    if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.test(value))
      continue;
    const ms = Date.parse(value);
    if (ms > 0) return new Date(ms).toISOString();
  }
  return receivedAt.toISOString();
}

/** The same, never later than it was received: a shop's clock cannot put a sale into the future. */
export function happenedAt(values: readonly unknown[], receivedAt: Date): string {
  const at = toldAt(values, receivedAt);
  return at > receivedAt.toISOString() ? receivedAt.toISOString() : at;
}

export function parseJson(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(rawBody).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** A click of ours, wherever a shop handed it over. */
export const clickIn = (value: unknown): string | null =>
  typeof value === "string" && /^clk_[0-9a-z]{26}$/.test(value) ? value : null;

/** An address in a text that a page was opened by, such as `/products?laurel_click=…`. */
export function queryOf(landing: unknown): URLSearchParams {
  if (typeof landing !== "string" || landing.length > 8_000) return new URLSearchParams();
  const [, query = ""] = /\?([^#]*)/.exec(landing) ?? [];
  return new URLSearchParams(query);
}

/** Used for the keyed hash and then forgotten. */
export const emailIn = (...values: unknown[]): string | null =>
  (values.find((value) => typeof value === "string" && value.length <= 320 && value.includes("@")) as
    | string
    | undefined) ?? null;

/** The texts of codes as people type them: trimmed, upper case, each once, at most five. */
export const codeTexts = (values: readonly unknown[]): string[] =>
  [
    ...new Set(
      values.flatMap((value) =>
        typeof value === "string" && value.trim() !== "" && value.length <= 100 ? [value.trim().toUpperCase()] : [],
      ),
    ),
  ].slice(0, 5);

const stripeId = /^(pi|ch|py|in|cs|sub)_[A-Za-z0-9_]{1,200}$/;
/** An id of Stripe's among what a shop's means of payment wrote down. */
export const stripeIdIn = (value: unknown): string[] =>
  typeof value === "string" && stripeId.test(value) ? [value] : [];
