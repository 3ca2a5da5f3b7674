import type { CodeTold } from "../../code/told.ts";
import type { Connection } from "../../connection/index.ts";
import { sha256 } from "../../kernel/secrecy.ts";
import type { Fact, Purchase } from "../../order/fact.ts";
import type { Disconnected } from "../../privacy/request.ts";
import { isObject, type Json, objectAt, parseJson, Unclear } from "../checkout/json.ts";
import { capture } from "./capture.ts";
import { codeTold } from "./code-told.ts";
import { dispute, fraudWarning } from "./dispute.ts";
import { idOf, toldAt } from "./fields.ts";
import { invoice, invoicePayment } from "./invoice.ts";
import type { Reader } from "./reader.ts";
import { chargeRefunded, refund } from "./refund.ts";
import { paymentOfCompleted, session } from "./session.ts";
import { discountCreated, subscriptionDeleted } from "./subscription.ts";
import { whyIgnored } from "./unused.ts";

/**
 * Stripe's events in the domain's words. Pure, and tolerant of every API version: fields are read where they stand, versions
 * are never compared (https://docs.stripe.com/api/events).
 */

/**
 * A thin event names its object and does not carry it: it has to be asked for (https://docs.stripe.com/event-destinations). So
 * has the checkout of a payment that is told apart from it.
 */
export interface StripeFetch {
  kind: "fetch";
  /** The event's type as a snapshot would have it: `invoice.paid`. */
  type: string;
  /** The path of its object: `/v1/invoices/in_…`. */
  path: string;
  /** When it happened, epoch seconds. */
  created: number;
}

/** Under which id and type an event is stored, and when it happened. What has no id of its own goes by the hash of its body. */
export function stripeIdentity(rawBody: Uint8Array): { eventId: string; type: string; happenedAt?: Date | undefined } {
  const event = parseJson(rawBody);
  const id =
    isObject(event) && typeof event.id === "string" && /^[\w.-]{1,100}$/.test(event.id)
      ? event.id
      : `sha_${sha256(rawBody).slice(0, 40)}`;
  if (!isObject(event)) return { eventId: id, type: "unknown" };
  const created = createdOf(event);
  const happenedAt = created !== undefined && created < 1e11 ? new Date(created * 1000) : undefined;
  return { eventId: id, type: typeOf(event), happenedAt };
}

/** Epoch seconds, which a thin event writes as a date. */
function createdOf({ created }: Json): number | undefined {
  if (typeof created === "number") return created;
  const ms = typeof created === "string" ? Date.parse(created) : Number.NaN;
  return Number.isFinite(ms) ? Math.floor(ms / 1000) : undefined;
}

/** Each delivery counts anew how many others are still open (https://docs.stripe.com/api/events/object); all else is the event. */
export const stripeEssenceOf = (rawBody: Uint8Array): string =>
  Buffer.from(rawBody)
    .toString("utf8")
    .replace(/"pending_webhooks"\s*:\s*\d+/, "");

const typeOf = ({ type }: Json): string =>
  typeof type === "string" && /^[\w.[\]-]{1,100}$/.test(type) ? type : "unknown";

export type StripeTold = Fact | CodeTold | StripeFetch | Disconnected;

export function stripeFactOf(connection: Connection, rawBody: Uint8Array, now: Date): StripeTold {
  const event = parseJson(rawBody);
  if (event === undefined) return { kind: "unprocessable", why: "The signed body is not JSON." };
  if (!isObject(event)) return { kind: "unprocessable", why: "The signed body is not an event." };
  if (typeof event.type !== "string") return { kind: "unprocessable", why: "The event has no type." };
  if (typeof event.livemode === "boolean" && event.livemode !== connection.livemode)
    return { kind: "ignored", why: `It is of ${event.livemode ? "live" : "test"} mode, and this connection is not.` };
  const thin = event.object === "v2.core.event";
  if (accountOf(event, thin) !== connection.account)
    return { kind: "unprocessable", why: "It belongs to a Stripe account that this connection is not for." };
  if (thin) return readThin(event);
  if (event.type === "account.application.deauthorized")
    return { kind: "disconnected", why: "The account has ended its connection at Stripe.", at: toldAt(event, now) };
  const object = objectAt(event, "data") && objectAt(event.data as Json, "object");
  if (codeEventTypes.includes(event.type)) return codeTold(event.type, object);
  if (event.type === captured) return readCaptured(object, event);
  return readStripeObject(event.type, object, event, now);
}

/** The account of an event that came by Connect; undefined for the brand's own. The newer form may name more than the account. */
function accountOf(event: Json, thin: boolean): string | undefined {
  const account = event.account ?? undefined;
  if (account !== undefined || !thin) return account as string | undefined;
  const { context } = event;
  return typeof context === "string" && context !== "" ? context.split("/").at(-1) : undefined;
}

/** Reads an object as the event of a type would have carried it. */
export function readStripeObject(type: string, object: Json | undefined, event: Json, now: Date): Fact {
  const read = readers[type];
  if (!read) return { kind: "ignored", why: whyIgnored(typeOf({ type })) };
  if (!object) return { kind: "unprocessable", why: "The event carries no object." };
  if (object.deleted === true) return { kind: "unprocessable", why: "The event's object was deleted." };
  return understood(() => read(object, { ...event, type }, now));
}

/** Reads a charge with the checkout that it came from, where that is found. */
export const readStripeCapture = (charge: Json, purchase: Purchase, event: Json, now: Date): Fact =>
  understood(() => capture(charge, purchase, event, now));

function understood(read: () => Fact): Fact {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unclear)
      return { kind: "unprocessable", why: `The event can't be understood: ${error.message}.` };
    throw error;
  }
}

function readThin(event: Json): Fact | CodeTold | StripeFetch {
  const type = (event.type as string).replace(/^v1\./, "");
  // Its name is all that is needed.
  if ((event.type as string).startsWith("v1.") && codeEventTypes.includes(type))
    return codeTold(type, { id: objectAt(event, "related_object")?.id });
  if (!(event.type as string).startsWith("v1.") || !(readers[type] || type === captured))
    return { kind: "ignored", why: whyIgnored(typeOf(event)) };
  const path = objectAt(event, "related_object")?.url;
  if (typeof path !== "string" || !/^\/v1\/[\w/]{1,300}$/.test(path))
    return { kind: "unprocessable", why: "The thin event does not say where its object is." };
  return { kind: "fetch", type, path, created: createdOf(event) ?? 0 };
}

/**
 * A card that was only authorised in the checkout is charged, in whole or in part. No event of the checkout tells that
 * (https://docs.stripe.com/payments/place-a-hold-on-a-payment-method).
 */
const captured = "charge.captured";

function readCaptured(object: Json | undefined, event: Json): StripeFetch | Fact {
  const id = idOf(object?.id);
  if (!id) return { kind: "unprocessable", why: "The event does not say which payment was charged." };
  return { kind: "fetch", type: captured, path: `/v1/charges/${id}`, created: createdOf(event) ?? 0 };
}

const readers: Record<string, Reader | undefined> = Object.assign(Object.create(null), {
  "checkout.session.completed": session(paymentOfCompleted),
  "checkout.session.async_payment_succeeded": session(() => "paid"),
  "checkout.session.async_payment_failed": session(() => "failed"),
  "invoice.paid": invoice,
  // Tells the same as `invoice.paid`, for those who subscribed to it long ago.
  "invoice.payment_succeeded": invoice,
  "invoice_payment.paid": invoicePayment,
  "refund.created": refund,
  "refund.updated": refund,
  "refund.failed": refund,
  "charge.refund.updated": refund,
  "charge.refunded": chargeRefunded,
  "charge.dispute.created": dispute,
  "charge.dispute.updated": dispute,
  "charge.dispute.closed": dispute,
  "charge.dispute.funds_withdrawn": dispute,
  "charge.dispute.funds_reinstated": dispute,
  "radar.early_fraud_warning.created": fraudWarning,
  "customer.subscription.deleted": subscriptionDeleted,
  "customer.discount.created": discountCreated,
} satisfies Record<string, Reader>);

/** Of what was changed at a checkout by others than us, or by us. Making a code tells nothing new: only Laurel makes ours. */
const codeEventTypes: readonly string[] = ["promotion_code.updated", "coupon.updated", "coupon.deleted"];

/**
 * Read where they come, and not asked for: another event tells the same, and a coupon like ours, without end or limit, can be
 * renamed and no more.
 */
const unasked = new Set(["invoice.payment_succeeded", "charge.refund.updated", "coupon.updated"]);

/**
 * The types of events of which Stripe's list is asked: those that say something here, and no others. It takes 20 of them at most
 * (https://docs.stripe.com/api/events/list).
 */
export const stripeListedTypes: readonly string[] = [...Object.keys(readers), captured, ...codeEventTypes].filter(
  (type) => !unasked.has(type),
);

/** Those that a webhook asks for. Who has left can't be asked for a list any more. */
export const stripeEventTypes: readonly string[] = [...stripeListedTypes, "account.application.deauthorized"];
