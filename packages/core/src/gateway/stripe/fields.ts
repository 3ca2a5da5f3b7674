import { isCurrency, maxAmountMinor } from "../../kernel/money.ts";
import type { Signals } from "../../order/fact.ts";
import { isObject, type Json, objectAt, unclear } from "../checkout/json.ts";

/**
 * Reading fields of Stripe's objects. Tolerant of every API version: a field is read where it stands, versions are never
 * compared (https://docs.stripe.com/api/events, https://docs.stripe.com/upgrades).
 */

/** A part that may be absent or null, and nothing else but an object. */
export function partOf(from: Json, name: string): Json | undefined {
  const part = from[name] ?? undefined;
  return part === undefined || isObject(part) ? part : unclear(`${name} has a shape that is not known`);
}

/** A link is a bare id, an expanded object or null. */
export function idOf(value: unknown): string | undefined {
  const id = isObject(value) ? value.id : value;
  return typeof id === "string" && /^[\w.:-]{1,255}$/.test(id) ? id : undefined;
}

/** The first of several places at which a link stands in one version or another. */
export const firstId = (...values: unknown[]): string | undefined => {
  for (const value of values) {
    const id = idOf(value);
    if (id) return id;
  }
  return undefined;
};

/** A list, or the data of a page of one; empty where there is neither. */
export function listOf(value: unknown): Json[] {
  const list = isObject(value) ? value.data : value;
  return Array.isArray(list) ? list.filter(isObject) : [];
}

const isAmount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Math.abs(value as number) <= maxAmountMinor;

/** An amount that may be negative, such as the total of an invoice that gives credit. */
export function signedAmount(from: Json, name: string, fallback?: number): number {
  const value = from[name] ?? fallback;
  return isAmount(value) ? value : unclear(`${name} is not an amount in minor units`);
}

export function amount(from: Json, name: string, fallback?: number): number {
  const value = signedAmount(from, name, fallback);
  return value >= 0 ? value : unclear(`${name} is not an amount in minor units`);
}

export function currencyOf(from: Json, name = "currency"): string {
  const code = typeof from[name] === "string" ? (from[name] as string).toUpperCase() : "";
  if (!/^[A-Z]{3}$/.test(code) || !isCurrency(code)) unclear(`${name} is missing or unknown`);
  return code;
}

/** When the event says that it happened. The order of what was told hangs on it, so it is not cut off at our own time. */
export function toldAt({ created }: Json, now: Date): string {
  const told = Number.isSafeInteger(created) && (created as number) > 0 && (created as number) < 100_000_000_000;
  return (told ? new Date((created as number) * 1000) : now).toISOString();
}

/** Seconds since 1970 as an instant, never later than now: a buyer's clock or a moved one cannot put a sale into the future. */
export function instantOf(seconds: unknown, now: Date): string {
  const ms = Number.isSafeInteger(seconds) ? (seconds as number) * 1000 : Number.NaN;
  return new Date(ms > 0 && ms <= now.getTime() ? ms : now.getTime()).toISOString();
}

const maxCodes = 5;

/** The promotion codes of discounts, wherever they stand; a discount that is only named by its id tells nothing. */
export function promotionCodesOf(...lists: unknown[]): string[] {
  const discounts = lists.flatMap((list) => (Array.isArray(list) ? list : [list])).filter(isObject);
  const ids = discounts.flatMap((each) => [
    idOf(each.promotion_code),
    idOf(objectAt(each, "discount")?.promotion_code),
  ]);
  return [...new Set(ids.filter((id) => id !== undefined))].slice(0, maxCodes);
}

/** One click or several, the first visit first, joined by `-`: what fits into a Payment Link's `client_reference_id`. */
const clicks = /^clk_[0-9a-z]{26}(-clk_[0-9a-z]{26}){0,5}$/;

/** The clicks that the shop handed over: in the reference, else in metadata as `laurel_click`. */
export function clicksOf(reference: unknown, ...metadata: unknown[]): Pick<Signals, "clickId" | "earlierClickIds"> {
  const told = [reference, ...metadata.map((each) => (isObject(each) ? each.laurel_click : undefined))];
  for (const value of told)
    if (typeof value === "string" && clicks.test(value)) {
      const ids = [...new Set(value.split("-"))];
      const clickId = ids.at(-1)!;
      return ids.length > 1 ? { clickId, earlierClickIds: ids.slice(0, -1) } : { clickId };
    }
  return { clickId: null };
}

export const emailOf = (value: unknown): string | null =>
  typeof value === "string" && value.length <= 320 && value.includes("@") ? value : null;

/** The ids of a payment; at least one of them. */
export function paymentAliases(...values: unknown[]): string[] {
  const aliases = [...new Set(values.map(idOf))].filter((each) => each !== undefined);
  return aliases.length > 0 ? aliases : unclear("it names no payment");
}
