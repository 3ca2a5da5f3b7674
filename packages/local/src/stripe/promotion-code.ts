import type Stripe from "stripe";
import * as z from "zod";
import { getCoupon } from "./coupon.ts";
import { currencyOf } from "./currency.ts";
import type { Desk } from "./desk.ts";
import { amount, boolean, expand, integer, metadata, page, positiveAmount, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { missing, refuse } from "./refusal.ts";

const Restrictions = z.strictObject({
  first_time_transaction: boolean.optional(),
  minimum_amount: amount.optional(),
  minimum_amount_currency: text(3).optional(),
});

export const CreatePromotionCode = z.strictObject({
  promotion: z.strictObject({ type: z.literal("coupon"), coupon: text(255) }),
  code: text(500).optional(),
  active: boolean.default(true),
  customer: text(255).optional(),
  expires_at: integer.optional(),
  max_redemptions: positiveAmount.optional(),
  restrictions: Restrictions.optional(),
  metadata: metadata.optional(),
  expand,
});

export function createPromotionCode(desk: Desk, params: z.output<typeof CreatePromotionCode>): Stripe.PromotionCode {
  const coupon = getCoupon(desk, params.promotion.coupon, "promotion[coupon]");
  if (!coupon.valid) refuse(`Coupon ${coupon.id} is no longer valid.`, { param: "promotion[coupon]" });
  const code = params.code ?? desk.newId("", 8).toUpperCase();
  if (!/^[A-Za-z0-9-]+$/.test(code)) refuse("Invalid code: only a-z, A-Z, 0-9 and - may be used", { param: "code" });
  if (params.active) refuseTaken(desk, code, params.customer ?? null);
  if (
    params.expires_at !== undefined &&
    (params.expires_at <= desk.nowS || (coupon.redeem_by !== null && params.expires_at > coupon.redeem_by))
  )
    refuse("Invalid expires_at: must be in the future and not after the coupon's redeem_by", { param: "expires_at" });
  if (
    params.max_redemptions !== undefined &&
    coupon.max_redemptions !== null &&
    params.max_redemptions > coupon.max_redemptions
  )
    refuse("Invalid max_redemptions: must not be more than the coupon's", { param: "max_redemptions" });
  const { first_time_transaction, minimum_amount, minimum_amount_currency } = params.restrictions ?? {};
  if ((minimum_amount === undefined) !== (minimum_amount_currency === undefined))
    refuse("minimum_amount and minimum_amount_currency go together.", {
      code: "parameter_missing",
      param: "restrictions[minimum_amount_currency]",
    });
  const made: Stripe.PromotionCode = {
    id: desk.newId("promo_1"),
    object: "promotion_code",
    active: params.active,
    code,
    created: desk.nowS,
    customer: params.customer ?? null,
    customer_account: null,
    expires_at: params.expires_at ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: params.metadata ?? {},
    promotion: { coupon: coupon.id, type: "coupon" },
    restrictions: {
      first_time_transaction: first_time_transaction ?? false,
      minimum_amount: minimum_amount ?? null,
      minimum_amount_currency: minimum_amount_currency
        ? currencyOf(minimum_amount_currency, "restrictions[minimum_amount_currency]")
        : null,
    },
    times_redeemed: 0,
  };
  desk.store.put(desk.account, made);
  desk.emit("promotion_code.created", made);
  return made;
}

/** A text may be given once among the active codes, whatever its case; buyers with codes of their own apart. */
function refuseTaken(desk: Desk, code: string, customer: string | null, butId?: string): void {
  const taken = codesReading(desk, code).some(
    (each) =>
      each.id !== butId && each.active && (each.customer === customer || each.customer === null || customer === null),
  );
  if (taken)
    refuse(`An active promotion code with \`code: ${code}\` already exists.`, {
      code: "resource_already_exists",
      param: "code",
    });
}

const codesReading = (desk: Desk, code: string): Stripe.PromotionCode[] =>
  desk.store
    .list<Stripe.PromotionCode>(desk.account, "promotion_code", [
      ["json_extract(data, '$.code') COLLATE NOCASE = ?", code],
    ])
    .map((each) => asOfNow(desk, each));

const asOfNow = (desk: Desk, it: Stripe.PromotionCode): Stripe.PromotionCode => ({
  ...it,
  active:
    it.active &&
    (it.expires_at === null || it.expires_at > desk.nowS) &&
    (it.max_redemptions === null || it.times_redeemed < it.max_redemptions),
});

export function getPromotionCode(desk: Desk, id: string, param = "promotion_code"): Stripe.PromotionCode {
  return asOfNow(
    desk,
    desk.store.get<Stripe.PromotionCode>(desk.account, "promotion_code", id) ?? missing("promotion code", id, param),
  );
}

/** The active code that reads so, as a buyer types it. */
export const findActiveCode = (desk: Desk, code: string): Stripe.PromotionCode | undefined =>
  codesReading(desk, code).find((each) => each.active && each.customer === null);

export const UpdatePromotionCode = z.strictObject({
  active: boolean.optional(),
  metadata: metadata.optional(),
  expand,
});
export function updatePromotionCode(
  desk: Desk,
  id: string,
  params: z.output<typeof UpdatePromotionCode>,
): Stripe.PromotionCode {
  const old = getPromotionCode(desk, id);
  if (params.active && !old.active) {
    const coupon = desk.store.get<Stripe.Coupon>(desk.account, "coupon", couponIdOf(old));
    if (!coupon)
      refuse("This promotion code's coupon is no longer valid, so it cannot be activated.", { param: "active" });
    refuseTaken(desk, old.code, customerIdOf(old), id);
  }
  const metadataNow = Object.fromEntries(
    Object.entries({ ...old.metadata, ...params.metadata }).filter(([, value]) => value !== ""),
  );
  const made = { ...old, active: params.active ?? old.active, metadata: metadataNow };
  desk.store.put(desk.account, made);
  desk.emit("promotion_code.updated", made, { active: old.active, metadata: old.metadata });
  return asOfNow(desk, made);
}

const customerIdOf = (it: Stripe.PromotionCode): string | null =>
  typeof it.customer === "string" ? it.customer : (it.customer?.id ?? null);
export const couponIdOf = (it: Stripe.PromotionCode): string =>
  typeof it.promotion.coupon === "string" ? it.promotion.coupon : (it.promotion.coupon?.id ?? "");

/** Counts one use of a code and its coupon. */
export function redeem(desk: Desk, couponId: string, promotionCodeId: string | null): void {
  const coupon = desk.store.get<Stripe.Coupon>(desk.account, "coupon", couponId);
  if (coupon) desk.store.put(desk.account, { ...coupon, times_redeemed: coupon.times_redeemed + 1 });
  if (!promotionCodeId) return;
  const code = desk.store.get<Stripe.PromotionCode>(desk.account, "promotion_code", promotionCodeId);
  if (code) desk.store.put(desk.account, { ...code, times_redeemed: code.times_redeemed + 1 });
}

export function deactivateCodesOf(desk: Desk, couponId: string): void {
  const codes = desk.store.list<Stripe.PromotionCode>(desk.account, "promotion_code", [
    ["json_extract(data, '$.promotion.coupon') = ?", couponId],
  ]);
  for (const code of codes.filter((each) => each.active)) {
    const stopped = { ...code, active: false };
    desk.store.put(desk.account, stopped);
    desk.emit("promotion_code.updated", stopped, { active: true });
  }
}

export const ListPromotionCodes = z.strictObject({
  ...page,
  active: boolean.optional(),
  code: text(500).optional(),
  coupon: text(255).optional(),
  customer: text(255).optional(),
});
export function listPromotionCodes(desk: Desk, params: z.output<typeof ListPromotionCodes>) {
  const isActive = `(json_extract(data, '$.active') AND coalesce(json_extract(data, '$.expires_at'), 9e15) > ${desk.nowS}
    AND coalesce(json_extract(data, '$.max_redemptions'), 9e15) > json_extract(data, '$.times_redeemed')) = ?`;
  const page = pageOf<Stripe.PromotionCode>(desk, "promotion_code", "/v1/promotion_codes", params, [
    [isActive, params.active === undefined ? undefined : Number(params.active)],
    ["json_extract(data, '$.code') COLLATE NOCASE = ?", params.code],
    ["json_extract(data, '$.promotion.coupon') = ?", params.coupon],
    ["json_extract(data, '$.customer') = ?", params.customer],
  ]);
  return { ...page, data: page.data.map((each) => asOfNow(desk, each)) };
}
