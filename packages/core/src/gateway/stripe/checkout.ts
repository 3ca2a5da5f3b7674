import type { CheckoutCode, CheckoutGateway } from "../checkout/port.ts";
import type { PromotionCode, StripeGateway } from "./port.ts";

/** Stripe's limit for a coupon's name: https://docs.stripe.com/api/coupons/create */
const couponNameMax = 40;

const codeOf = ({ id, code, active, metadata }: PromotionCode): CheckoutCode => ({
  id,
  code: code.toUpperCase(),
  active,
  metadata,
});
const maybe = (found: PromotionCode | undefined): CheckoutCode | undefined => found && codeOf(found);

/** Stripe as any checkout: an offer is a coupon, a code a promotion code on it. A text that is switched off is free again. */
export const stripeCheckout = (stripe: StripeGateway): CheckoutGateway => ({
  findCode: async (connection, code) => maybe(await stripe.findPromotionCode(connection, code)),
  getCode: async (connection, id) => maybe(await stripe.getPromotionCode(connection, id)),
  createCode: async (connection, { code, offer, metadata, idempotencyKey }) => {
    await stripe.ensureCoupon(connection, { ...offer, name: offer.name.slice(0, couponNameMax) });
    return codeOf(await stripe.createPromotionCode(connection, { couponId: offer.id, code, metadata, idempotencyKey }));
  },
  setCodeActive: async (connection, id, active) => codeOf(await stripe.setPromotionCodeActive(connection, id, active)),
});
