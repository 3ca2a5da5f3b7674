import type Stripe from "stripe";
import { getCoupon } from "./coupon.ts";
import { checkChargeable } from "./currency.ts";
import type { Desk } from "./desk.ts";
import { couponIdOf, getPromotionCode } from "./promotion-code.ts";
import { refuse } from "./refusal.ts";
import { type Offer, type PricedLine, totalsOf } from "./totals.ts";

/** What a session knows and does not show unless it is expanded. */
export interface Hidden {
  lines: { object: "list"; has_more: boolean; url: string; data: Stripe.LineItem[] };
  priced: PricedLine[];
  payment: { metadata: Record<string, string>; description: string | null };
}

/** A discount that may be used here and now. */
export interface Applied {
  couponId: string;
  promotionCodeId: string | null;
  offer: Offer;
  minimum: { amount: number; currency: string } | undefined;
}

/** Checks a discount as Stripe does when it is put on a session. */
export function offerOf(
  desk: Desk,
  discount: { promotion_code?: string | undefined; coupon?: string | undefined },
  currency: string,
): Applied {
  if ((discount.promotion_code === undefined) === (discount.coupon === undefined))
    refuse("You must pass exactly one of coupon and promotion_code in a discount.", { param: "discounts[0]" });
  const code =
    discount.promotion_code === undefined
      ? undefined
      : getPromotionCode(desk, discount.promotion_code, "discounts[0][promotion_code]");
  if (code && !code.active)
    refuse("This promotion code is no longer active.", { param: "discounts[0][promotion_code]" });
  const coupon = getCoupon(desk, code ? couponIdOf(code) : discount.coupon!, "discounts[0][coupon]");
  if (!coupon.valid) refuse(`Coupon ${coupon.id} is no longer valid.`, { param: "discounts[0]" });
  if (coupon.percent_off === null && coupon.currency !== currency)
    refuse(`Coupon ${coupon.id} is in ${coupon.currency}, and the session in ${currency}.`, { param: "discounts[0]" });
  const { minimum_amount, minimum_amount_currency } = code?.restrictions ?? {};
  return {
    couponId: coupon.id,
    promotionCodeId: code?.id ?? null,
    offer: coupon.percent_off === null ? { amountOff: coupon.amount_off ?? 0 } : { percentOff: coupon.percent_off },
    minimum:
      minimum_amount && minimum_amount_currency
        ? { amount: minimum_amount, currency: minimum_amount_currency }
        : undefined,
  };
}

/** Puts the amounts into a session and its lines. */
export function priceAnew(session: Stripe.Checkout.Session, hidden: Hidden, applied: Applied | undefined) {
  const currency = session.currency!;
  const totals = totalsOf(hidden.priced, applied?.offer, session.shipping_cost?.amount_total ?? 0);
  if (applied?.minimum && (applied.minimum.currency !== currency || totals.subtotal < applied.minimum.amount))
    refuse("This promotion code asks for a larger purchase.", { param: "discounts[0][promotion_code]" });
  if (totals.total > 0) checkChargeable(totals.total, currency, "line_items");
  const priced: Stripe.Checkout.Session = {
    ...session,
    amount_subtotal: totals.subtotal,
    amount_total: totals.total,
    discounts: applied
      ? [{ coupon: applied.promotionCodeId ? null : applied.couponId, promotion_code: applied.promotionCodeId }]
      : [],
    total_details: { amount_discount: totals.discount, amount_shipping: totals.shipping, amount_tax: totals.tax },
  };
  const data = hidden.lines.data.map((line, at) => ({
    ...line,
    amount_discount: totals.lines[at]!.discount,
    amount_subtotal: totals.lines[at]!.subtotal,
    amount_tax: totals.lines[at]!.tax,
    amount_total: totals.lines[at]!.total,
  }));
  return { session: priced, hidden: { ...hidden, lines: { ...hidden.lines, data } } };
}
