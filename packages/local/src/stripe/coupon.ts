import type Stripe from "stripe";
import * as z from "zod";
import { currencyOf } from "./currency.ts";
import type { Desk } from "./desk.ts";
import { decimal, expand, integer, list, metadata, page, positiveAmount, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { missing, refuse } from "./refusal.ts";

export const CreateCoupon = z.strictObject({
  id: text(255).optional(),
  name: text(40).optional(),
  percent_off: decimal.optional(),
  amount_off: positiveAmount.optional(),
  currency: text(3).optional(),
  duration: z.enum(["once", "forever", "repeating"]).default("once"),
  duration_in_months: integer.pipe(z.int().min(1)).optional(),
  max_redemptions: positiveAmount.optional(),
  redeem_by: integer.optional(),
  applies_to: z.strictObject({ products: list(text()) }).optional(),
  metadata: metadata.optional(),
  expand,
});

export function createCoupon(desk: Desk, params: z.output<typeof CreateCoupon>): Stripe.Coupon {
  const { percent_off, amount_off, redeem_by } = params;
  if ((percent_off === undefined) === (amount_off === undefined))
    refuse("You must pass exactly one of percent_off and amount_off when creating a coupon.", {
      code: "parameter_missing",
      param: "percent_off",
    });
  if (percent_off !== undefined && (percent_off <= 0 || percent_off > 100))
    refuse("Invalid percent_off: must be greater than 0 and at most 100", { param: "percent_off" });
  if (amount_off !== undefined && !params.currency)
    refuse("You must pass currency when passing amount_off.", { code: "parameter_missing", param: "currency" });
  if ((params.duration === "repeating") !== (params.duration_in_months !== undefined))
    refuse("duration_in_months goes with a duration of repeating, and only with it.", { param: "duration_in_months" });
  if (redeem_by !== undefined && (redeem_by <= desk.nowS || redeem_by > desk.nowS + 5 * 366 * 86_400))
    refuse("Invalid redeem_by: must be in the future and at most five years away", { param: "redeem_by" });
  const id = params.id ?? desk.newId("", 8);
  if (!/^[\w-]+$/.test(id)) refuse("Invalid id: only letters, digits, - and _ may be used", { param: "id" });
  if (desk.store.get<Stripe.Coupon>(desk.account, "coupon", id))
    refuse("Coupon already exists.", { code: "resource_already_exists", param: "id" });
  const coupon: Stripe.Coupon = {
    id,
    object: "coupon",
    amount_off: amount_off ?? null,
    created: desk.nowS,
    currency: params.currency ? currencyOf(params.currency, "currency") : null,
    duration: params.duration,
    duration_in_months: params.duration_in_months ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: params.metadata ?? {},
    name: params.name ?? null,
    percent_off: percent_off ?? null,
    redeem_by: redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  };
  desk.store.put(desk.account, coupon);
  desk.emit("coupon.created", coupon);
  return coupon;
}

export function getCoupon(desk: Desk, id: string, param?: string): Stripe.Coupon {
  const coupon = desk.store.get<Stripe.Coupon>(desk.account, "coupon", id) ?? missing("coupon", id, param);
  return { ...coupon, valid: isValid(desk, coupon) };
}

const isValid = (desk: Desk, coupon: Stripe.Coupon): boolean =>
  (coupon.redeem_by === null || coupon.redeem_by > desk.nowS) &&
  (coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions);

export const UpdateCoupon = z.strictObject({ name: text(40).optional(), metadata: metadata.optional(), expand });
export function updateCoupon(desk: Desk, id: string, params: z.output<typeof UpdateCoupon>): Stripe.Coupon {
  const old = getCoupon(desk, id);
  const coupon = { ...old, name: params.name ?? old.name, metadata: { ...old.metadata, ...params.metadata } };
  desk.store.put(desk.account, coupon);
  desk.emit("coupon.updated", coupon);
  return coupon;
}

/** Takes the coupon away; what was sold with it stays as it is. Its promotion codes stop too: `deactivateCodesOf`. */
export function deleteCoupon(desk: Desk, id: string): Stripe.DeletedCoupon {
  const coupon = getCoupon(desk, id);
  desk.store.remove(desk.account, "coupon", id);
  desk.emit("coupon.deleted", { ...coupon, valid: false });
  return { id, object: "coupon", deleted: true };
}

export const ListCoupons = z.strictObject(page);
export const listCoupons = (desk: Desk, params: z.output<typeof ListCoupons>) =>
  pageOf<Stripe.Coupon>(desk, "coupon", "/v1/coupons", params);
