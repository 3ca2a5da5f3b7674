import type { Fact, Purchase } from "../../order/fact.ts";
import { isObject, type Json, objectAt, unclear } from "../checkout/json.ts";
import {
  amount,
  clicksOf,
  currencyOf,
  emailOf,
  firstId,
  idOf,
  instantOf,
  listOf,
  partOf,
  promotionCodesOf,
  signedAmount,
} from "./fields.ts";
import { firstPaymentOf } from "./session.ts";

/**
 * What a paid invoice says (https://docs.stripe.com/api/invoices/object). It tells of the money; who brought the buyer is told
 * by the checkout that it came from, or by the subscription that it is a payment of.
 */
export function invoice(object: Json, event: Json, now: Date): Fact {
  const id = idOf(object.id) ?? unclear("the invoice has no id");
  const of = subscriptionOf(object);
  const part = of && (object.billing_reason === "subscription_create" ? "start" : "renewal");
  return {
    kind: "purchase",
    aliases: [...new Set([id, ...(part === "start" ? [firstPaymentOf(of!)] : []), ...paymentsOf(object)])],
    payment: "paid",
    // The objects of a test clock live in a time of their own.
    occurredAt: instantOf(idOf(object.test_clock) ? event.created : (object.created ?? event.created), now),
    currency: currencyOf(object),
    ...sumsOf(object),
    signals: {
      promotionCodeIds: part === "renewal" ? [] : promotionsOf(object),
      ...(part === "renewal" ? { clickId: null } : clicksOf(undefined, ...metadataOf(object))),
      email: emailOf(object.customer_email),
    },
    ...(of && part ? { subscription: { id: of, part } } : {}),
    attributedElsewhere: true,
  };
}

const detailsOf = (object: Json): Json | undefined =>
  objectAt(objectAt(object, "parent") ?? {}, "subscription_details") ?? objectAt(object, "subscription_details");

function subscriptionOf(object: Json): string | undefined {
  const lines = listOf(object.lines);
  return firstId(
    objectAt(objectAt(object, "parent") ?? {}, "subscription_details")?.subscription,
    object.subscription,
    ...lines.flatMap((each) => [
      each.subscription,
      objectAt(objectAt(each, "parent") ?? {}, "subscription_item_details")?.subscription,
    ]),
  );
}

/** Ids of the payments: accounts before basil name them, later ones do where `payments` was expanded. */
function paymentsOf(object: Json): string[] {
  const payments = listOf(object.payments).map((each) => objectAt(each, "payment") ?? {});
  const ids = [
    object.payment_intent,
    object.charge,
    ...payments.flatMap((each) => [each.payment_intent, each.charge]),
  ].map(idOf);
  return ids.filter((each) => each !== undefined);
}

const promotionsOf = (object: Json): string[] =>
  promotionCodesOf(object.discounts, object.discount, ...listOf(object.lines).map((each) => each.discounts));

const metadataOf = (object: Json): unknown[] => [
  detailsOf(object)?.metadata,
  object.metadata,
  ...listOf(object.lines).map((each) => each.metadata),
];

/** What is told of a discount only by its id: it has to be asked for to learn the promotion code. */
export const hasUntoldDiscounts = (object: Json): boolean =>
  [object.discounts, ...listOf(object.lines).map((each) => each.discounts)].some(
    (list) => Array.isArray(list) && list.some((each) => typeof each === "string"),
  );

const line = (label: string, amountMinor: number) => (amountMinor === 0 ? [] : [{ label, amountMinor }]);

/**
 * What commission is counted from: the total without tax and shipping, of that the part that was really paid. The rest was
 * paid by the customer's balance or by credit, or outside of Stripe. Discounts are off already, on lines and on the whole.
 * Refunds are measured against what the payments took, which is not the total.
 */
function sumsOf(object: Json): Pick<Purchase, "grossMinor" | "baseLines" | "baseMinor" | "outOfBand"> {
  const total = signedAmount(object, "total");
  const shippingCost = partOf(object, "shipping_cost");
  const shipping = shippingCost
    ? amount(shippingCost, "amount_total") - amount(shippingCost, "amount_tax", 0)
    : amount(object, "amount_shipping", 0);
  const withoutTax = signedAmount(object, "total_excluding_tax", total - taxOf(object));
  const whole = Math.max(0, withoutTax - shipping);
  const paid = amount(object, "amount_paid");
  const outside = Math.min(outsideOf(object, paid), paid);
  const inside = paid - outside;
  const share = (of: number): number =>
    total > 0 ? Number((BigInt(whole) * BigInt(Math.min(of, total))) / BigInt(total)) : 0;
  const baseMinor = share(inside);
  const discount = totalOf(object.total_discount_amounts);
  return {
    grossMinor: inside,
    baseMinor,
    baseLines: [
      ...(discount > 0
        ? [{ label: "Before the discount", amountMinor: total + discount }, ...line("Discount", -discount)]
        : [{ label: "Invoiced in all", amountMinor: total }]),
      ...line("Tax", withoutTax - total),
      ...line("Shipping", -shipping),
      ...line("Less than nothing counts as nothing", whole - (withoutTax - shipping)),
      ...line("Not paid by this payment: credit, or outside of the checkout", baseMinor - whole),
    ],
    ...(outside > 0 ? { outOfBand: { grossMinor: outside, baseMinor: share(paid) - baseMinor } } : {}),
  };
}

/** What was paid outside of Stripe: a figure in new accounts, a yes or no about all of it in old ones. */
const outsideOf = (object: Json, paid: number): number =>
  object.paid_out_of_band === true ? paid : amount(object, "amount_paid_off_stripe", 0);

function taxOf(object: Json): number {
  for (const name of ["total_taxes", "total_tax_amounts"])
    if (Array.isArray(object[name])) return totalOf(object[name]);
  return signedAmount(object, "tax", 0);
}

const totalOf = (list: unknown): number =>
  Array.isArray(list) ? list.reduce((sum, each) => sum + (isObject(each) ? signedAmount(each, "amount") : 0), 0) : 0;

/** That an invoice and a payment are one purchase (https://docs.stripe.com/api/invoice-payment/object). No money moves by it. */
export function invoicePayment(object: Json): Fact {
  const payment = partOf(object, "payment") ?? unclear("it names no payment");
  const ids = [object.invoice, payment.payment_intent, payment.charge].map(idOf).filter((each) => each !== undefined);
  if (ids.length < 2)
    return { kind: "ignored", why: "The invoice was paid by something that is no payment of Stripe's." };
  return { kind: "link", aliases: [...new Set(ids)] };
}
