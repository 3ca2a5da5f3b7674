import type { Connection } from "../../connection/index.ts";
import { scaleUp } from "../../kernel/money.ts";
import { sha256 } from "../../kernel/secrecy.ts";
import type { Fact, OrderFact, Payment, Purchase, Refund } from "../../order/fact.ts";
import type { Disconnected, PrivacyRequest } from "../../privacy/request.ts";
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
import { isPrivacyTopic, privacyRequestOf, uninstalledOf } from "./privacy.ts";

/**
 * Shopify's webhooks in the domain's words. Pure, and tolerant of API versions: a field is read where it stands
 * (https://shopify.dev/docs/api/admin-rest/latest/resources/order, …/refund).
 *
 * Only the body is signed. The topic is a header and may be anybody's, so the body decides what is told: all topics of orders
 * say the same of the same body.
 */

/**
 * Under which id and type a delivery is stored. `X-Shopify-Webhook-Id` is the same over all tries of a delivery;
 * `X-Shopify-Event-Id` is shared by all topics of one action of the merchant, so the topic belongs to it. Where neither is
 * one, the bytes are the identity.
 */
export function shopifyIdentity(
  rawBody: Uint8Array,
  headers: { topic?: string | undefined; webhookId?: string | undefined; eventId?: string | undefined },
): { eventId: string; type: string } {
  const type =
    headers.topic && /^[a-z_]+\/[a-z_]+$/.test(headers.topic) && headers.topic.length <= 60 ? headers.topic : "unknown";
  const usable = (id: string | undefined): id is string => id !== undefined && /^[\w-]{8,80}$/.test(id);
  if (usable(headers.webhookId)) return { eventId: headers.webhookId, type };
  if (usable(headers.eventId)) return { eventId: `${type.replace("/", ".")}.${headers.eventId}`, type };
  return { eventId: `sha_${sha256(`${type}\n`).slice(0, 8)}${sha256(rawBody).slice(0, 40)}`, type };
}

/** Each try of a delivery carries the same bytes. */
export const shopifyEssenceOf = (rawBody: Uint8Array): string => sha256(rawBody);

export function shopifyFactOf(
  connection: Connection,
  { type, rawBody, receivedAt }: { type: string; rawBody: Uint8Array; receivedAt: Date },
): Fact | PrivacyRequest | Disconnected {
  try {
    const body = parseJson(rawBody);
    if (body === undefined) return { kind: "unprocessable", why: "The signed body is not JSON." };
    if (!isObject(body)) return { kind: "unprocessable", why: "The signed body is not an object." };
    if (isPrivacyTopic(type)) return privacyRequestOf(connection, type, body);
    switch (type) {
      case "orders/create":
      case "orders/paid":
      case "orders/updated":
      case "orders/cancelled":
      case "orders/fulfilled":
      case "orders/partially_fulfilled":
        return orderFact(connection, type, body, receivedAt);
      case "refunds/create":
        return refundFact(connection, body, receivedAt);
      case "app/uninstalled":
        return uninstalledOf(connection, body, receivedAt);
      default:
        return { kind: "ignored", why: `Webhooks of the topic ${type} change nothing here.` };
    }
  } catch (error) {
    if (error instanceof Unclear)
      return { kind: "unprocessable", why: `The webhook can't be understood: ${error.message}.` };
    throw error;
  }
}

/** An amount in the shop's own currency: from its set where there is one, else the plain field, which is in that currency too. */
function amountAt(from: Json, name: string, currency: string): number | undefined {
  const value = shopMoney(from, name, currency);
  return value === undefined ? undefined : amountOf(value, currency, name);
}

function shopMoney(from: Json, name: string, currency: string): unknown {
  const money = objectAt(objectAt(from, `${name}_set`) ?? {}, "shop_money");
  if (money) {
    if ((money.currency_code ?? currency) !== currency) unclear(`${name} is in another currency than the order`);
    if (money.amount !== undefined && money.amount !== null) return money.amount;
  }
  return from[name] ?? undefined;
}

const sumAt = (list: readonly Json[], name: string, currency: string): number =>
  list.reduce((sum, each) => sum + (amountAt(each, name, currency) ?? 0), 0);

const idAt = (from: Json, name: string, kind: string): string | undefined => {
  const id = numericId(from[name]);
  if (id !== undefined) return `${kind}_${id}`;
  const [, digits] = /^gid:\/\/shopify\/\w+\/(\d{1,20})$/.exec(textAt(from, "admin_graphql_api_id") ?? "") ?? [];
  return name === "id" && digits ? `${kind}_${digits}` : undefined;
};

function orderFact(connection: Connection, topic: string, order: Json, receivedAt: Date): Fact {
  const id = idAt(order, "id", "order") ?? unclear("the order has no id");
  if (order.order_id !== undefined && order.line_items === undefined) unclear("it is not an order");
  const shopId = shopIdOf(order);
  if (connection.shopId && shopId && shopId !== connection.shopId)
    return { kind: "unprocessable", why: "It belongs to a shop that this connection is not for." };
  if (order.test === true && connection.livemode)
    return { kind: "ignored", why: "It is a test order, which no money was paid for." };
  const currency = currencyAt(order);
  const grossMinor = amountAt(order, "total_price", currency) ?? unclear("total_price is missing");
  const payment = paymentOf(order, topic, grossMinor);
  const at = toldAt([order.updated_at, order.processed_at, order.created_at], receivedAt);
  const purchase: Purchase = {
    kind: "purchase",
    aliases: [id],
    payment,
    occurredAt: happenedAt([order.processed_at, order.created_at], receivedAt),
    at,
    currency,
    grossMinor,
    ...baseOf(order, currency, grossMinor),
    signals: {
      promotionCodeIds: [],
      codes: codesOf(order),
      ...clicksOf(order),
      email: emailIn(order.email, order.contact_email, objectAt(order, "customer")?.email),
    },
    ...(textAt(order, "name", 40) ? { number: textAt(order, "name", 40) } : {}),
  };
  const facts: OrderFact[] = [purchase];
  // A paid order that is called off waits for its refund: the money is still the shop's.
  if (order.cancelled_at)
    facts.push({
      kind: "cancellation",
      aliases: [id],
      cancelled: payment !== "paid",
      at: payment === "paid" ? at : toldAt([order.cancelled_at, order.updated_at], receivedAt),
    });
  for (const refund of objectsAt(order, "refunds")) {
    const told = refundOf(connection, refund, { id, at, order, currency }, receivedAt);
    if (told) facts.push(told);
  }
  return facts.length === 1 ? purchase : { kind: "several", facts };
}

/** The shop's number stands in the address of the order's status page: https://…/548380009/orders/… */
const shopIdOf = (order: Json): string | undefined =>
  /^https:\/\/[^/]+\/(\d{1,20})\/(?:orders|order_payment|checkouts)\//.exec(
    textAt(order, "order_status_url", 2_000) ?? "",
  )?.[1];

function paymentOf(order: Json, topic: string, grossMinor: number): Payment {
  switch (order.financial_status ?? null) {
    case "paid":
    case "partially_refunded":
    case "refunded":
      return "paid";
    case "voided":
      return "failed";
    case null:
      // Older versions leave it out where it says no more than the topic does.
      return topic === "orders/paid" || grossMinor === 0 ? "paid" : "unpaid";
    default:
      // Pending, authorized, partly paid, and whatever comes to be: waited for.
      return grossMinor === 0 ? "paid" : "unpaid";
  }
}

/**
 * What commission is counted from: the goods after all discounts, without tax, shipping, tips and duties, and without gift
 * cards, whose money is counted when they are spent.
 */
function baseOf(order: Json, currency: string, grossMinor: number): Pick<Purchase, "baseLines" | "baseMinor"> {
  const lines = objectsAt(order, "line_items");
  const discountOf = (line: Json) => sumAt(objectsAt(line, "discount_allocations"), "amount", currency);
  const taxOf = (line: Json) => sumAt(objectsAt(line, "tax_lines"), "price", currency);
  const goodsOf = (line: Json) => (amountAt(line, "price", currency) ?? 0) * quantityOf(line);
  const discountMinor = lines.reduce((sum, line) => sum + discountOf(line), 0);
  const subtotalMinor =
    amountAt(order, "subtotal_price", currency) ??
    (lines.length > 0
      ? lines.reduce((sum, line) => sum + goodsOf(line), 0) - discountMinor
      : unclear("subtotal_price is missing"));
  const giftCards = lines.filter((line) => line.gift_card === true);
  const giftMinor = giftCards.reduce((sum, line) => sum + goodsOf(line) - discountOf(line), 0);
  const taxed = lines.filter((line) => line.gift_card !== true);
  const taxMinor =
    order.taxes_included !== true
      ? 0
      : lines.length > 0
        ? taxed.reduce((sum, line) => sum + taxOf(line), 0)
        : (amountAt(order, "total_tax", currency) ?? 0);
  const baseMinor = subtotalMinor - taxMinor - giftMinor;
  if (baseMinor < 0 || giftMinor < 0) unclear("tax and gift cards come to more than the goods");
  if (baseMinor > grossMinor) unclear("the goods come to more than the total");
  const line = (label: string, amountMinor: number) => (amountMinor === 0 ? [] : [{ label, amountMinor }]);
  return {
    baseMinor,
    baseLines: [
      ...(discountMinor > 0
        ? [
            { label: "Goods before the discount", amountMinor: subtotalMinor + discountMinor },
            ...line("Discount", -discountMinor),
          ]
        : [{ label: "Goods", amountMinor: subtotalMinor }]),
      ...line("Tax in the prices", -taxMinor),
      ...line("Gift cards", -giftMinor),
    ],
  };
}

function quantityOf(line: Json): number {
  const quantity = line.quantity ?? 1;
  if (!Number.isSafeInteger(quantity) || (quantity as number) < 0 || (quantity as number) > 1_000_000)
    return unclear("a quantity is no number of things");
  return quantity as number;
}

/**
 * The codes that buyers entered. A discount that the merchant gives by hand in a draft order shows its title among
 * `discount_codes`, so only what was applied as a code counts.
 */
const codesOf = (order: Json): string[] =>
  codeTexts(
    objectsAt(order, "discount_applications").flatMap((each) => (each.type === "discount_code" ? [each.code] : [])),
  );

/** The click that the cart carries is the latest; the page by which the visit began may tell of one before it. */
function clicksOf(order: Json): Pick<Purchase["signals"], "clickId" | "earlierClickIds"> {
  const note = (name: string) => clickIn(objectsAt(order, "note_attributes").find((each) => each.name === name)?.value);
  const landing = queryOf(order.landing_site);
  const told = [
    note("laurel_click"),
    note("laurel_first_click"),
    clickIn(landing.get("laurel_click")),
    clickIn(landing.get("ref")),
    clickIn(order.landing_site_ref),
  ];
  const [latest = null, ...earlier] = [...new Set(told.filter((each) => each !== null))];
  return { clickId: latest, ...(earlier.length > 0 ? { earlierClickIds: earlier.reverse() } : {}) };
}

function refundFact(connection: Connection, refund: Json, receivedAt: Date): Fact {
  const orderId = numericId(refund.order_id) ?? unclear("the refund names no order");
  const told = refundOf(connection, refund, { id: `order_${orderId}` }, receivedAt);
  return told ?? { kind: "ignored", why: "Nothing was paid back: goods were taken back or taken off the order." };
}

interface Around {
  /** The order's alias. */
  id: string;
  /** The order as it is told around the refund; `refunds/create` tells the refund alone. */
  order?: Json;
  currency?: string;
  at?: string;
}

/**
 * A refund, in the shop's currency. Its money is what its transactions paid back; how much of the base that is follows from its
 * lines, where they and the order say enough. Pending money counts as gone, as everywhere; what failed came back.
 */
function refundOf(connection: Connection, refund: Json, around: Around, receivedAt: Date): Refund | undefined {
  const refundId = idAt(refund, "id", "refund") ?? unclear("the refund has no id");
  const transactions = objectsAt(refund, "transactions").filter((each) => each.kind === "refund");
  if (refund.transactions === undefined && refund.refund_line_items === undefined) unclear("it is not a refund");
  if (transactions.length === 0) return undefined;
  const lines = objectsAt(refund, "refund_line_items");
  const currency = around.currency ?? currencyOfRefund(refund, lines, transactions);
  const failed = (each: Json) => each.status === "failure" || each.status === "error";
  const live = transactions.filter((each) => !failed(each));
  const state = live.length > 0 ? "live" : "failed";
  const paidBack = paidBackOf(state === "live" ? live : transactions, refund, lines, currency, around.order);
  const base = lines.length > 0 ? baseReversed(refund, lines, currency, paidBack.amountMinor, around.order) : undefined;
  const stripeIds = connection.stripeNamespace
    ? [...new Set(transactions.flatMap((each) => stripeIdIn(each.authorization)))]
    : [];
  return {
    kind: "refund",
    aliases: [around.id],
    ...(stripeIds.length > 0 ? { stripeAliases: stripeIds } : {}),
    refundId,
    ...paidBack,
    ...(base === undefined ? {} : { baseMinor: base }),
    state,
    at: around.at ?? toldAt([refund.processed_at, refund.created_at], receivedAt),
  };
}

/** The shop's currency stands in the sets of amounts; a transaction's is the buyer's, which mostly is the same. */
function currencyOfRefund(refund: Json, lines: readonly Json[], transactions: readonly Json[]): string {
  const sets = [
    ...lines.map((each) => each.subtotal_set),
    ...objectsAt(refund, "order_adjustments").map((each) => each.amount_set),
    refund.total_duties_set,
  ];
  for (const set of sets) {
    const money = isObject(set) ? objectAt(set, "shop_money") : undefined;
    if (typeof money?.currency_code === "string") return currencyAt(money, "currency_code");
  }
  return currencyAt(transactions[0]!);
}

/** What the transactions paid back. One in the buyer's currency is told in the shop's: by the lines, or at the order's own rate. */
function paidBackOf(
  transactions: readonly Json[],
  refund: Json,
  lines: readonly Json[],
  currency: string,
  order: Json | undefined,
): Pick<Refund, "amountMinor" | "currency"> {
  const theirs = transactions[0]!.currency === undefined ? currency : currencyAt(transactions[0]!);
  if (
    transactions.some((each) => (each.currency ?? theirs) !== transactions[0]!.currency && each.currency !== undefined)
  )
    unclear("a refund is paid back in two currencies");
  const amountMinor = transactions.reduce(
    (sum, each) => sum + amountOf(each.amount, theirs, "the amount paid back"),
    0,
  );
  if (theirs === currency) return { amountMinor, currency };
  const paid = order && objectAt(order, "total_price_set");
  const [ours, buyers] = [paid && objectAt(paid, "shop_money"), paid && objectAt(paid, "presentment_money")];
  if (ours && buyers && buyers.currency_code === theirs) {
    const total = amountOf(ours.amount, currency, "total_price");
    const told = amountOf(buyers.amount, theirs, "total_price");
    return { amountMinor: Math.min(total, scaleUp(total, amountMinor, told)), currency };
  }
  const sums = sumsOf(refund, lines, currency);
  const included = sums.tax === 0 ? false : taxIncluded(sumsOf(refund, lines, theirs, buyersMoney), amountMinor);
  if (lines.length > 0 && included !== undefined)
    return { amountMinor: Math.max(0, included ? sums.inPrices : sums.onTop), currency };
  // Told once more with its order, where the rate stands.
  return { amountMinor, currency: theirs };
}

/** An amount in the buyer's currency, which its set alone tells. */
function buyersMoney(from: Json, name: string, currency: string): unknown {
  const money = objectAt(objectAt(from, `${name}_set`) ?? {}, "presentment_money");
  return money?.currency_code === currency ? (money.amount ?? undefined) : undefined;
}

/**
 * Goods and tax of a refund's lines, and what was paid back for them: less than they come to, or more, where shipping is paid
 * back beside them.
 */
function sumsOf(refund: Json, lines: readonly Json[], currency: string, money = shopMoney) {
  const adjustments = objectsAt(refund, "order_adjustments");
  const sum = (list: readonly Json[], names: string[]) =>
    totalOf(
      list.flatMap((each) => names.map((name) => money(each, name, currency) ?? "0")),
      currency,
      "an adjustment",
    );
  const of = (name: string) =>
    lines.reduce((all, each) => all + amountOf(money(each, name, currency) ?? "0", currency, name), 0);
  const [goods, tax] = [of("subtotal"), of("total_tax")];
  const ofGoods = adjustments.filter((each) => each.kind !== "shipping_refund");
  const ofShipping = objectsAt(refund, "refund_shipping_lines");
  const shipping = sum(ofShipping, ["subtotal_amount"]);
  return {
    goods,
    tax,
    /** The goods' share alone, without its tax. */
    discrepancy: sum(ofGoods, ["amount"]),
    /** What was paid back, where the prices hold their tax, … */
    inPrices: goods - sum(adjustments, ["amount"]) + shipping,
    /** … and where it comes on top of them. */
    onTop: goods + tax - sum(adjustments, ["amount", "tax_amount"]) + shipping,
  };
}

/** Whether prices hold their tax, by which of both sums the money is; undefined where it is neither. */
function taxIncluded({ inPrices, onTop }: ReturnType<typeof sumsOf>, paidBackMinor: number): boolean | undefined {
  const [held, added] = [inPrices === paidBackMinor, onTop === paidBackMinor];
  return held === added ? undefined : held;
}

/**
 * How much of the base a refund took back. Whether the lines' prices hold their tax is the order's to say; a refund alone shows
 * it by which of both sums its money is. Undefined where neither is: then it takes its share.
 */
function baseReversed(
  refund: Json,
  lines: readonly Json[],
  currency: string,
  paidBackMinor: number,
  order: Json | undefined,
): number | undefined {
  const sums = sumsOf(refund, lines, currency);
  const { goods, tax, discrepancy } = sums;
  const told = order?.taxes_included;
  const included = typeof told === "boolean" ? told : tax === 0 ? false : taxIncluded(sums, paidBackMinor);
  if (included === undefined) return undefined;
  const giftCards = lines.filter((each) => objectAt(each, "line_item")?.gift_card === true);
  const base = goods - (included ? tax : 0) - discrepancy - sumAt(giftCards, "subtotal", currency);
  // Nothing is taken back for money that was not: goods may be taken off an order whose money stays.
  return Math.max(0, Math.min(base, paidBackMinor));
}
