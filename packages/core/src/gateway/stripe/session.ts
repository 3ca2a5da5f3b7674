import type { Fact, Payment, Purchase } from "../../order/fact.ts";
import { type Json, objectAt, unclear } from "../checkout/json.ts";
import { amount, clicksOf, currencyOf, emailOf, firstId, idOf, instantOf, partOf, promotionCodesOf } from "./fields.ts";
import type { Reader } from "./reader.ts";

/** What a Checkout Session says (https://docs.stripe.com/api/checkout/sessions/object). */
export const session = (paymentOf: (object: Json) => Payment): Reader =>
  function readSession(object, event, now): Fact {
    if (object.mode === "setup") return { kind: "ignored", why: "The checkout only saved a means of payment." };
    const id = idOf(object.id) ?? unclear("the session has no id");
    const occurredAt = instantOf(object.created ?? event.created, now);
    const signals = {
      promotionCodeIds: promotionCodesOf(
        object.discounts,
        objectAt(objectAt(object, "total_details") ?? {}, "breakdown")?.discounts,
      ),
      ...clicksOf(object.client_reference_id, object.metadata),
      email: emailOf(objectAt(object, "customer_details")?.email),
    };
    if (object.mode === "subscription") {
      const subscriptionId = idOf(object.subscription) ?? unclear("it names no subscription");
      // The first payment goes by its invoice; a session of an old account does not name that one.
      const invoice = idOf(object.invoice);
      return {
        kind: "subscription_start",
        aliases: [...(invoice ? [invoice] : []), firstPaymentOf(subscriptionId), id],
        subscriptionId,
        occurredAt,
        signals,
        complete: true,
      };
    }
    if ((object.mode ?? "payment") !== "payment") unclear("the checkout is of a mode that is not known");
    const links = [firstId(object.payment_intent), firstId(object.invoice)].filter((each) => each !== undefined);
    const sums = baseOf(object, amount(object, "amount_total"));
    return {
      kind: "purchase",
      aliases: [...new Set([id, ...links])],
      payment: paymentOf(object),
      occurredAt,
      ...(partOf(object, "currency_conversion") ? converted(object, sums) : { currency: currencyOf(object), ...sums }),
      signals,
    };
  };

/** An order over nothing has nothing to wait for, whatever its status is called; one over something is paid once it is. */
export const paymentOfCompleted = ({ payment_status, amount_total }: Json): Payment =>
  payment_status === "paid" || amount_total === 0 ? "paid" : "unpaid";

/** Under which the first payment of a subscription is known before its invoice is. */
export const firstPaymentOf = (subscriptionId: string): string => `${subscriptionId}:first`;

type Sums = Pick<Purchase, "grossMinor" | "baseLines" | "baseMinor">;

const line = (label: string, amountMinor: number) => (amountMinor === 0 ? [] : [{ label, amountMinor }]);

/**
 * What commission is counted from: all that was paid, without tax and without shipping. The discount is off already.
 * Shipping's own tax is part of the tax, so only its net comes off.
 */
function baseOf(object: Json, grossMinor: number): Sums {
  const details = partOf(object, "total_details") ?? {};
  const shippingCost = partOf(object, "shipping_cost");
  const taxMinor = amount(details, "amount_tax", 0);
  const shippingMinor = shippingCost
    ? amount(shippingCost, "amount_total") - amount(shippingCost, "amount_tax", 0)
    : amount(details, "amount_shipping", 0);
  const discountMinor = amount(details, "amount_discount", 0);
  const baseMinor = grossMinor - taxMinor - shippingMinor;
  if (shippingMinor < 0 || baseMinor < 0) unclear("tax and shipping come to more than the total");
  return {
    grossMinor,
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

/**
 * The amounts of a checkout of before April 2025 that was paid in the buyer's own currency: what the shop got for it, and of
 * that the same part as of what was paid (https://docs.stripe.com/payments/checkout/adaptive-pricing).
 */
function converted(object: Json, { grossMinor, baseMinor }: Sums): Sums & { currency: string } {
  const conversion = partOf(object, "currency_conversion")!;
  const gotMinor = amount(conversion, "amount_total");
  const base = grossMinor > 0 ? Number((BigInt(baseMinor) * BigInt(gotMinor)) / BigInt(grossMinor)) : 0;
  return {
    currency: currencyOf(conversion, "source_currency"),
    grossMinor: gotMinor,
    baseMinor: base,
    baseLines: [
      { label: "Paid in all, in the shop's currency", amountMinor: gotMinor },
      ...line("Tax and shipping, as their part of what was paid", base - gotMinor),
    ],
  };
}
