import type { Connection } from "../../connection/index.ts";
import { sha256 } from "../../kernel/secrecy.ts";
import type { Fact, OrderFact, Payment, Purchase } from "../../order/fact.ts";
import {
  amountOf,
  clickIn,
  codeTexts,
  currencyAt,
  emailIn,
  happenedAt,
  isObject,
  type Json,
  numericId,
  objectAt,
  objectsAt,
  parseJson,
  queryOf,
  stripeIdIn,
  textAt,
  toldAt,
  totalOf,
  Unclear,
  unclear,
} from "../checkout/json.ts";

/**
 * WooCommerce's webhooks in the domain's words. Pure (https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties,
 * class-wc-webhook.php).
 *
 * A payload is built when it is delivered, so every telling is the order as it stands, refunds added up: each replaces the one
 * before it. Only the body is signed; the topic is a header and decides nothing that the body can.
 */

/**
 * Under which id and type a delivery is stored: the order and what is told of it. Two orders that are told in one second share
 * their `X-WC-Webhook-Delivery-ID`, so that is no identity. An order that was fetched goes by the same id as its webhook, though
 * the bytes differ.
 */
export function wooIdentity(rawBody: Uint8Array, topic: string | undefined): { eventId: string; type: string } {
  const body = parseJson(rawBody);
  const id = isObject(body) ? numericId(body.id) : undefined;
  return {
    eventId: `${id ?? "0"}.${wooEssenceOf(rawBody).slice(0, 40)}`,
    type: topic && /^[a-z_]{1,30}\.[a-z_]{1,30}$/.test(topic) ? topic : "unknown",
  };
}

/** The content, whatever way it is written in, and without WordPress's links. */
export function wooEssenceOf(rawBody: Uint8Array): string {
  const body = parseJson(rawBody);
  if (!isObject(body)) return sha256(rawBody);
  try {
    return sha256(JSON.stringify({ ...body, _links: undefined }));
  } catch {
    // Nested too deep to be written out again.
    return sha256(rawBody);
  }
}

/** On save, WooCommerce asks whether somebody is there: unsigned, as a form, and it wants exactly 200. */
export const isWooPing = (rawBody: Uint8Array): boolean =>
  rawBody.length <= 60 && /^webhook_id=\d{1,20}$/.test(Buffer.from(rawBody).toString("latin1"));

export function wooFactOf(
  connection: Connection,
  { type, rawBody, receivedAt }: { type: string; rawBody: Uint8Array; receivedAt: Date },
): Fact {
  try {
    const body = parseJson(rawBody);
    if (body === undefined) return { kind: "unprocessable", why: "The signed body is not JSON." };
    if (!isObject(body)) return { kind: "unprocessable", why: "The signed body is not an object." };
    if (!/^(order\.|unknown$)/.test(type))
      return { kind: "ignored", why: `Webhooks of the topic ${type} change nothing here.` };
    const id = `order_${numericId(body.id) ?? unclear("the order has no id")}`;
    if (isDeleted(body)) return { kind: "cancellation", aliases: [id], cancelled: true, at: receivedAt.toISOString() };
    return orderFact(connection, id, body, { type, receivedAt });
  } catch (error) {
    if (error instanceof Unclear)
      return { kind: "unprocessable", why: `The webhook can't be understood: ${error.message}.` };
    throw error;
  }
}

/** Topics of deletion carry nothing but the id. */
const isDeleted = (body: Json): boolean => Object.keys(body).length === 1;

/** WooCommerce's times "in GMT" have no zone written behind them. */
const gmt = (value: unknown): string | undefined =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value) ? `${value}Z` : undefined;

const off = new Set(["cancelled", "failed", "trash"]);

function orderFact(
  connection: Connection,
  id: string,
  order: Json,
  { type, receivedAt }: { type: string; receivedAt: Date },
): Fact {
  const currency = currencyAt(order);
  const grossMinor = amountOf(order.total, currency, "total");
  const status = textAt(order, "status", 60) ?? unclear("the order has no status");
  const payment = paymentOf(order, status, grossMinor);
  const stripeAliases = connection.stripeNamespace ? stripeIdsOf(order) : [];
  const of = { aliases: [id], ...(stripeAliases.length > 0 ? { stripeAliases } : {}) };
  const at = toldAt([gmt(order.date_modified_gmt), gmt(order.date_created_gmt)], receivedAt);
  const number = textAt(order, "number", 40);
  const purchase: Purchase = {
    kind: "purchase",
    ...of,
    payment,
    occurredAt: happenedAt([gmt(order.date_created_gmt), gmt(order.date_paid_gmt)], receivedAt),
    at,
    ...(number ? { number } : {}),
    currency,
    grossMinor,
    ...baseOf(order, currency, grossMinor),
    signals: {
      promotionCodeIds: [],
      codes: codeTexts(objectsAt(order, "coupon_lines").map((each) => each.code)),
      ...clicksOf(order),
      email: emailIn(objectAt(order, "billing")?.email),
    },
  };
  // A failed payment that was never made is no cancellation: the buyer may try again.
  const cancelled = off.has(status) && (status !== "failed" || payment === "paid");
  const facts: OrderFact[] = [
    purchase,
    // A restored order keeps the time of its last change, which lies before its deletion.
    { kind: "cancellation", ...of, cancelled, at: type === "order.restored" ? receivedAt.toISOString() : at },
  ];
  if (order.refunds !== undefined && order.refunds !== null)
    facts.push({ kind: "refunded_exact", ...of, refundedMinor: refundedOf(order, currency), currency, at });
  return { kind: "several", facts };
}

/** Paid once there is a date of payment and the shop works on it, or has. A status of a plug-in's own is waited for. */
function paymentOf(order: Json, status: string, grossMinor: number): Payment {
  const paid = gmt(order.date_paid_gmt) !== undefined;
  if (paid && (["processing", "completed", "refunded"].includes(status) || off.has(status))) return "paid";
  if (grossMinor === 0 && ["processing", "completed"].includes(status)) return "paid";
  return status === "failed" ? "failed" : "unpaid";
}

/** What commission is counted from: the goods after discounts, always without tax; shipping and fees are not among them. */
function baseOf(order: Json, currency: string, grossMinor: number): Pick<Purchase, "baseLines" | "baseMinor"> {
  // An order of fees alone has an empty list; one that tells no goods at all would earn nothing, and nobody would know why.
  if (!Array.isArray(order.line_items)) unclear("the order does not tell its goods");
  const lines = objectsAt(order, "line_items");
  const goodsMinor = totalOf(
    lines.map((line) => line.total),
    currency,
    "a line's total",
  );
  const beforeMinor = lines.every((line) => line.subtotal !== undefined)
    ? totalOf(
        lines.map((line) => line.subtotal),
        currency,
        "a line's subtotal",
      )
    : goodsMinor;
  if (goodsMinor < 0) unclear("the goods come to less than nothing");
  // A fee may be negative: a discount by another name.
  const takenOff = Math.max(0, goodsMinor - grossMinor);
  const discountMinor = Math.max(0, beforeMinor - goodsMinor);
  const line = (label: string, amountMinor: number) => (amountMinor === 0 ? [] : [{ label, amountMinor }]);
  return {
    baseMinor: goodsMinor - takenOff,
    baseLines: [
      ...(discountMinor > 0
        ? [
            { label: "Goods before the discount, without tax", amountMinor: goodsMinor + discountMinor },
            ...line("Discount", -discountMinor),
          ]
        : [{ label: "Goods without tax", amountMinor: goodsMinor }]),
      ...line("Taken off by fees", -takenOff),
    ],
  };
}

/** Everything that stands refunded, added up: refunds can be deleted, so what counts is the list as it stands. */
function refundedOf(order: Json, currency: string): number {
  const totals = objectsAt(order, "refunds").map((each) => each.total);
  const minus = totalOf(totals, currency, "a refund's total");
  for (const each of totals)
    if (totalOf([each], currency, "a refund's total") > 0) unclear("a refund's total is positive");
  return minus === 0 ? 0 : -minus;
}

const metaOf = (order: Json, ...keys: string[]): unknown[] => {
  const meta = objectsAt(order, "meta_data");
  return keys.flatMap((key) => meta.filter((each) => each.key === key).map((each) => each.value));
};

/** The click that checkout wrote down is the latest; the page by which the visit began may tell of one before it. */
function clicksOf(order: Json): Pick<Purchase["signals"], "clickId" | "earlierClickIds"> {
  const entries = metaOf(order, "_wc_order_attribution_session_entry").map(queryOf);
  const told = [
    ...metaOf(order, "_laurel_click", "laurel_click", "_ref", "_laurel_first_click", "laurel_first_click").map(clickIn),
    ...entries.flatMap((query) => [clickIn(query.get("laurel_click")), clickIn(query.get("ref"))]),
  ];
  const [latest = null, ...earlier] = [...new Set(told.filter((each) => each !== null))];
  return { clickId: latest, ...(earlier.length > 0 ? { earlierClickIds: earlier.reverse() } : {}) };
}

/** Where a shop takes its money by Stripe, its plug-ins write Stripe's ids down. */
const stripeIdsOf = (order: Json): string[] =>
  [
    ...new Set(
      [
        order.transaction_id,
        ...metaOf(order, "_stripe_intent_id", "_stripe_charge_id", "_intent_id", "_charge_id"),
      ].flatMap(stripeIdIn),
    ),
  ].slice(0, 5);
