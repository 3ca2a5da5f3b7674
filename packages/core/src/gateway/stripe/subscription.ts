import type { Fact } from "../../order/fact.ts";
import { type Json, unclear } from "../checkout/json.ts";
import { idOf, instantOf, promotionCodesOf, toldAt } from "./fields.ts";

/** https://docs.stripe.com/api/subscriptions/object */
export function subscriptionDeleted(object: Json, event: Json, now: Date): Fact {
  const { ended_at: endedAt } = object;
  return {
    kind: "subscription_end",
    subscriptionId: idOf(object.id) ?? unclear("the subscription has no id"),
    at: endedAt && !idOf(object.test_clock) ? instantOf(endedAt, now) : toldAt(event, now),
  };
}

/** A discount tells which promotion code a subscription began with, without being asked (https://docs.stripe.com/api/discounts/object). */
export function discountCreated(object: Json, event: Json, now: Date): Fact {
  const subscriptionId = idOf(object.subscription);
  const promotionCodeIds = promotionCodesOf(object);
  if (!subscriptionId || promotionCodeIds.length === 0)
    return { kind: "ignored", why: "The discount is of no subscription, or not by a promotion code." };
  return {
    kind: "subscription_start",
    aliases: [],
    subscriptionId,
    occurredAt: toldAt(event, now),
    signals: { promotionCodeIds, clickId: null, email: null },
    complete: false,
  };
}
