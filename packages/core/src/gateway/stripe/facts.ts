import type { Connection } from "../../connection/index.ts";
import { isCurrency, maxAmountMinor } from "../../kernel/money.ts";
import { sha256 } from "../../kernel/secrecy.ts";
import type { Fact, Payment, Purchase } from "../../order/fact.ts";

/**
 * Stripe's events in the domain's words. Pure, and tolerant of every API version: fields are read where they stand, versions
 * are never compared (https://docs.stripe.com/api/events, https://docs.stripe.com/api/checkout/sessions/object).
 */

type Json = Record<string, unknown>;

class Unclear extends Error {}
const unclear = (why: string): never => {
  throw new Unclear(why);
};

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objectAt = (from: Json, name: string): Json | undefined => (isObject(from[name]) ? from[name] : undefined);
/** A part that may be absent or null, and nothing else but an object. */
function partOf(from: Json, name: string): Json | undefined {
  const part = from[name] ?? undefined;
  return part === undefined || isObject(part) ? part : unclear(`${name} has a shape that is not known`);
}

/** A link is a bare id, an expanded object or null. */
function idOf(value: unknown): string | undefined {
  const id = isObject(value) ? value.id : value;
  return typeof id === "string" && /^[\w.:-]{1,255}$/.test(id) ? id : undefined;
}

function amount(from: Json, name: string, fallback?: number): number {
  const value = from[name] ?? fallback;
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > maxAmountMinor)
    unclear(`${name} is not an amount in minor units`);
  return value as number;
}

function currencyOf(from: Json): string {
  const code = typeof from.currency === "string" ? from.currency.toUpperCase() : "";
  if (!/^[A-Z]{3}$/.test(code) || !isCurrency(code)) unclear("currency is missing or unknown");
  return code;
}

/** When the event says that it happened. The order of what was told hangs on it, so it is not cut off at our own time. */
function toldAt({ created }: Json, now: Date): string {
  const told = Number.isSafeInteger(created) && (created as number) > 0 && (created as number) < 100_000_000_000;
  return (told ? new Date((created as number) * 1000) : now).toISOString();
}

/** Seconds since 1970 as an instant, never later than now: a buyer's clock or a moved one cannot put a sale into the future. */
function instantOf(seconds: unknown, now: Date): string {
  const ms = Number.isSafeInteger(seconds) ? (seconds as number) * 1000 : Number.NaN;
  return new Date(ms > 0 && ms <= now.getTime() ? ms : now.getTime()).toISOString();
}

function parse(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(rawBody).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Under which id and type an event is stored, and when it happened. What has no id of its own goes by the hash of its body. */
export function stripeIdentity(rawBody: Uint8Array): { eventId: string; type: string; happenedAt?: Date | undefined } {
  const event = parse(rawBody);
  const id =
    isObject(event) && typeof event.id === "string" && /^[\w.-]{1,100}$/.test(event.id)
      ? event.id
      : `sha_${sha256(rawBody).slice(0, 40)}`;
  if (!isObject(event)) return { eventId: id, type: "unknown" };
  const { created } = event;
  const happenedAt = typeof created === "number" && created < 1e11 ? new Date(created * 1000) : undefined;
  return { eventId: id, type: typeOf(event), happenedAt };
}

/** Each delivery counts anew how many others are still open (https://docs.stripe.com/api/events/object); all else is the event. */
export const stripeEssenceOf = (rawBody: Uint8Array): string =>
  Buffer.from(rawBody)
    .toString("utf8")
    .replace(/"pending_webhooks"\s*:\s*\d+/, "");

const typeOf = ({ type }: Json): string =>
  typeof type === "string" && /^[\w.[\]-]{1,100}$/.test(type) ? type : "unknown";

export function stripeFactOf(connection: Connection, rawBody: Uint8Array, now: Date): Fact {
  try {
    const event = parse(rawBody);
    if (event === undefined) return { kind: "unprocessable", why: "The signed body is not JSON." };
    if (!isObject(event)) return { kind: "unprocessable", why: "The signed body is not an event." };
    if (event.object === "v2.core.event") return { kind: "ignored", why: "Thin events are not used yet." };
    if (typeof event.type !== "string") return { kind: "unprocessable", why: "The event has no type." };
    if (typeof event.livemode === "boolean" && event.livemode !== connection.livemode)
      return { kind: "ignored", why: `It is of ${event.livemode ? "live" : "test"} mode, and this connection is not.` };
    if ((event.account ?? undefined) !== connection.account)
      return { kind: "unprocessable", why: "It belongs to a Stripe account that this connection is not for." };
    const read = readers[event.type];
    if (!read) return { kind: "ignored", why: `Events of type ${typeOf(event)} change nothing here.` };
    const object = objectAt(event, "data") && objectAt(event.data as Json, "object");
    if (!object) return { kind: "unprocessable", why: "The event carries no object." };
    if (object.deleted === true) return { kind: "unprocessable", why: "The event's object was deleted." };
    return read(object, event, now);
  } catch (error) {
    if (error instanceof Unclear)
      return { kind: "unprocessable", why: `The event can't be understood: ${error.message}.` };
    throw error;
  }
}

type Reader = (object: Json, event: Json, now: Date) => Fact;

const readers: Record<string, Reader | undefined> = Object.assign(Object.create(null), {
  // An order over nothing has nothing to wait for, whatever its status is called.
  "checkout.session.completed": session(({ payment_status, amount_total }) =>
    payment_status === "paid" || payment_status === "no_payment_required" || amount_total === 0 ? "paid" : "unpaid",
  ),
  "checkout.session.async_payment_succeeded": session(() => "paid"),
  "checkout.session.async_payment_failed": session(() => "failed"),
  "refund.created": refund,
  "refund.updated": refund,
  "refund.failed": refund,
  "charge.refund.updated": refund,
  "charge.refunded": chargeRefunded,
} satisfies Record<string, Reader>);

/** The types of events that say something here; a webhook asks for these and no others. */
export const stripeEventTypes: readonly string[] = Object.keys(readers);

function session(paymentOf: (object: Json) => Payment): Reader {
  return (object, event, now) => {
    if (object.mode === "setup") return { kind: "ignored", why: "The checkout only saved a means of payment." };
    if (object.mode === "subscription") return { kind: "ignored", why: "Subscriptions are not counted yet." };
    if ((object.mode ?? "payment") !== "payment") unclear("the checkout is of a mode that is not known");
    const id = idOf(object.id) ?? unclear("the session has no id");
    const links = [idOf(object.payment_intent), idOf(object.invoice)].filter((each) => each !== undefined);
    const grossMinor = amount(object, "amount_total");
    return {
      kind: "purchase",
      aliases: [...new Set([id, ...links])],
      payment: paymentOf(object),
      occurredAt: instantOf(object.created ?? event.created, now),
      currency: currencyOf(object),
      grossMinor,
      ...baseOf(object, grossMinor),
      signals: { promotionCodeIds: promotionCodesOf(object), clickId: clickOf(object), email: emailOf(object) },
    };
  };
}

/**
 * What commission is counted from: all that was paid, without tax and without shipping. The discount is off already.
 * Shipping's own tax is part of the tax, so only its net comes off.
 */
function baseOf(object: Json, grossMinor: number): Pick<Purchase, "baseLines" | "baseMinor"> {
  const details = partOf(object, "total_details") ?? {};
  const shippingCost = partOf(object, "shipping_cost");
  const taxMinor = amount(details, "amount_tax", 0);
  const shippingMinor = shippingCost
    ? amount(shippingCost, "amount_total") - amount(shippingCost, "amount_tax", 0)
    : amount(details, "amount_shipping", 0);
  const discountMinor = amount(details, "amount_discount", 0);
  const baseMinor = grossMinor - taxMinor - shippingMinor;
  if (shippingMinor < 0 || baseMinor < 0) unclear("tax and shipping come to more than the total");
  const line = (label: string, amountMinor: number) => (amountMinor === 0 ? [] : [{ label, amountMinor }]);
  return {
    baseMinor,
    baseLines: [
      ...(discountMinor > 0
        ? [
            { label: "Before the discount", amountMinor: grossMinor + discountMinor },
            ...line("Discount", -discountMinor),
          ]
        : [{ label: "Paid in all", amountMinor: grossMinor }]),
      ...line("Tax", -taxMinor),
      ...line("Shipping", -shippingMinor),
    ],
  };
}

function promotionCodesOf(object: Json): string[] {
  const inline = Array.isArray(object.discounts) ? object.discounts : [];
  const breakdown = objectAt(objectAt(object, "total_details") ?? {}, "breakdown");
  const expanded = Array.isArray(breakdown?.discounts)
    ? breakdown.discounts.map((each) => (isObject(each) ? each.discount : undefined))
    : [];
  const ids = [...inline, ...expanded].flatMap((each) => (isObject(each) ? (idOf(each.promotion_code) ?? []) : []));
  return [...new Set(ids)].slice(0, 5);
}

const clickOf = (object: Json): string | null => {
  const reference = object.client_reference_id;
  return typeof reference === "string" && /^clk_[0-9a-z]{26}$/.test(reference) ? reference : null;
};

function emailOf(object: Json): string | null {
  const email = objectAt(object, "customer_details")?.email;
  return typeof email === "string" && email.length <= 320 && email.includes("@") ? email : null;
}

const paymentAliases = (paymentIntent: unknown, charge: unknown): string[] => {
  const aliases = [...new Set([idOf(paymentIntent), idOf(charge)])].filter((each) => each !== undefined);
  return aliases.length > 0 ? aliases : unclear("it names no payment");
};

function refund(object: Json, event: Json, now: Date): Fact {
  return {
    kind: "refund",
    aliases: paymentAliases(object.payment_intent, object.charge),
    refundId: idOf(object.id) ?? unclear("the refund has no id"),
    amountMinor: amount(object, "amount"),
    currency: currencyOf(object),
    state:
      object.status === "failed" || object.status === "canceled" || event.type === "refund.failed" ? "failed" : "live",
    at: toldAt(event, now),
  };
}

function chargeRefunded(object: Json, event: Json, now: Date): Fact {
  return {
    kind: "refunded_floor",
    aliases: paymentAliases(object.payment_intent, object.id),
    refundedMinor: amount(object, "amount_refunded"),
    currency: currencyOf(object),
    at: toldAt(event, now),
  };
}
