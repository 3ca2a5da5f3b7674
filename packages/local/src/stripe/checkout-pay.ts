import type Stripe from "stripe";
import { type Hidden, offerOf, priceAnew } from "./checkout-price.ts";
import { getSession } from "./checkout-session.ts";
import type { Desk } from "./desk.ts";
import { endPayment, startPayment } from "./payment.ts";
import { couponIdOf, findActiveCode, getPromotionCode, redeem } from "./promotion-code.ts";
import { refuse } from "./refusal.ts";

export interface Buyer {
  email?: string | undefined;
  name?: string | undefined;
  /** Two letters. */
  country?: string | undefined;
  /** A code as the buyer types it, where the session allows that. */
  promotionCode?: string | undefined;
  /** Pays by a method that takes days, such as a bank debit. */
  delayed?: boolean | undefined;
}

/** What happens when a buyer presses Pay on Stripe's page. */
export function completeSession(desk: Desk, id: string, buyer: Buyer): Stripe.Checkout.Session {
  let session = getSession(desk, id);
  let hidden = desk.store.hidden<Hidden>(desk.account, "checkout.session", id)!;
  if (session.status !== "open") refuse(`This Checkout Session is ${session.status} already.`, { param: "session" });
  let used = session.discounts?.[0];
  if (buyer.promotionCode !== undefined) {
    if (!session.allow_promotion_codes)
      refuse("This Checkout Session does not take promotion codes.", { param: "promotion_code" });
    const code =
      findActiveCode(desk, buyer.promotionCode) ?? refuse("This code is invalid.", { param: "promotion_code" });
    ({ session, hidden } = priceAnew(session, hidden, offerOf(desk, { promotion_code: code.id }, session.currency!)));
    used = session.discounts?.[0];
  }
  const email = buyer.email ?? session.customer_email;
  const free = session.amount_total === 0;
  const intent = free
    ? null
    : startPayment(
        desk,
        {
          amount: session.amount_total!,
          currency: session.currency!,
          email,
          name: buyer.name ?? null,
          country: buyer.country ?? null,
          ...hidden.payment,
        },
        buyer.delayed ?? false,
      );
  const promotionCodeId = (used?.promotion_code as string | null | undefined) ?? null;
  const couponId = promotionCodeId
    ? couponIdOf(getPromotionCode(desk, promotionCodeId))
    : (used?.coupon as string | null | undefined);
  if (couponId) redeem(desk, couponId, promotionCodeId);
  const done: Stripe.Checkout.Session = {
    ...session,
    customer_details: {
      address: { city: null, country: buyer.country ?? null, line1: null, line2: null, postal_code: null, state: null },
      business_name: null,
      email,
      individual_name: null,
      name: buyer.name ?? null,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
    payment_intent: intent?.id ?? null,
    payment_status: free ? "no_payment_required" : buyer.delayed ? "unpaid" : "paid",
    status: "complete",
    url: null,
  };
  desk.store.put(desk.account, done, hidden);
  desk.emit("checkout.session.completed", done);
  return done;
}

/** Ends a payment that was under way when the session was completed. */
export function settleSession(desk: Desk, id: string, succeeded: boolean): Stripe.Checkout.Session {
  const session = getSession(desk, id);
  if (
    session.status !== "complete" ||
    session.payment_status !== "unpaid" ||
    typeof session.payment_intent !== "string"
  )
    return refuse("Nothing of this Checkout Session is waiting to be paid.", { param: "session" });
  const { status } = desk.store.get<Stripe.PaymentIntent>(desk.account, "payment_intent", session.payment_intent)!;
  if (status !== "processing") refuse("This payment has ended already.", { param: "session" });
  endPayment(desk, session.payment_intent, succeeded);
  const done: Stripe.Checkout.Session = { ...session, payment_status: succeeded ? "paid" : "unpaid" };
  desk.store.put(desk.account, done);
  desk.emit(succeeded ? "checkout.session.async_payment_succeeded" : "checkout.session.async_payment_failed", done);
  return done;
}

/** The merchant ends an open session. */
export function expireSession(desk: Desk, id: string): Stripe.Checkout.Session {
  const session = getSession(desk, id);
  if (session.status !== "open") refuse(`Only open Checkout Sessions can be expired; this one is ${session.status}.`);
  const done: Stripe.Checkout.Session = { ...session, status: "expired", url: null };
  desk.store.put(desk.account, done);
  desk.emit("checkout.session.expired", done);
  return done;
}
