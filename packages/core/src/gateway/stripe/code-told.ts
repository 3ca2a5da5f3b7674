import type { CodeTold } from "../../code/told.ts";
import type { Ignored, Unprocessable } from "../../order/fact.ts";
import type { Json } from "../checkout/json.ts";
import { idOf } from "./fields.ts";

/**
 * What becomes of promotion codes (https://docs.stripe.com/api/promotion_codes/object) and of the coupons behind them. They are
 * never deleted: `active` false is their end, and a coupon that is deleted or used up takes its codes along.
 * @param object as the event carries it, or no more than its id
 */
export function codeTold(type: string, object: Json | undefined): CodeTold | Ignored | Unprocessable {
  const id = idOf(object?.id);
  if (!object || !id) return { kind: "unprocessable", why: "The event does not say what it is about." };
  if (type.startsWith("promotion_code."))
    return {
      kind: "code_changed",
      promotionCodeId: id,
      active: typeof object.active === "boolean" ? object.active : undefined,
    };
  if (type === "coupon.updated" && object.valid === true)
    return { kind: "ignored", why: "The coupon goes on working; only its name or a note was changed." };
  return { kind: "offer_changed", offerId: id };
}
