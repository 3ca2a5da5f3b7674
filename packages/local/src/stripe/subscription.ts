import type Stripe from "stripe";
import type { Desk } from "./desk.ts";
import { billAndPay } from "./invoice.ts";
import { couponIdOf, getPromotionCode } from "./promotion-code.ts";
import { missing, refuse } from "./refusal.ts";

/** A subscription as it is kept: what it costs each time is not in the object. */
interface Plan {
  currency: string;
  subtotal: number;
  tax: number;
  total: number;
  email: string | null;
}

/** A buyer subscribes on Stripe's page, with a code or without. */
export interface Subscribing {
  currency: string;
  /** What is paid each time without tax, minor units. */
  subtotal: number;
  /** The same, of the tax on it. */
  tax: number;
  /** Of the first payment, minor units; the coupon is for once. */
  discount?: number | undefined;
  promotionCode?: string | undefined;
  clientReferenceId?: string | undefined;
  email?: string | undefined;
  /** Nothing is to pay at first. */
  trial?: boolean | undefined;
  /** How many lines the first invoice has. */
  lines?: number | undefined;
}

/** Everything that happens then: the subscription, its first invoice, its payment and the completed session. */
export function subscribe(desk: Desk, buyer: Subscribing): Stripe.Checkout.Session {
  const { currency, subtotal, tax, email = null } = buyer;
  const discountMinor = buyer.trial ? 0 : (buyer.discount ?? 0);
  const id = desk.newId("sub_1");
  const subscription = {
    id,
    object: "subscription",
    cancel_at_period_end: false,
    created: desk.nowS,
    currency,
    customer: null,
    discounts: [],
    ended_at: null,
    livemode: false,
    metadata: {},
    start_date: desk.nowS,
    status: buyer.trial ? "trialing" : "active",
    test_clock: null,
  } as unknown as Stripe.Subscription;
  const plan: Plan = { currency, subtotal, tax, total: subtotal + tax, email };
  desk.store.put(desk.account, subscription, plan);
  desk.emit("customer.subscription.created", subscription);
  const discount = buyer.promotionCode && discountOf(desk, id, buyer.promotionCode);
  const whole = buyer.trial ? { subtotal: 0, tax: 0 } : { subtotal, tax };
  const invoice = billAndPay(desk, {
    ...whole,
    subscription: id,
    reason: "subscription_create",
    currency,
    discount: discount ? { id: discount, amount: discountMinor } : undefined,
    total: whole.subtotal + whole.tax - discountMinor,
    email,
    metadata: {},
    lines: buyer.lines,
  });
  const session = {
    id: desk.newId("cs_test_a1", 58),
    object: "checkout.session",
    amount_subtotal: whole.subtotal,
    amount_total: invoice.total,
    client_reference_id: buyer.clientReferenceId ?? null,
    created: desk.nowS,
    currency,
    customer: null,
    customer_details: email ? { email, name: null } : null,
    discounts: buyer.promotionCode ? [{ coupon: null, promotion_code: buyer.promotionCode }] : [],
    expires_at: desk.nowS + 86_400,
    invoice: invoice.id,
    livemode: false,
    metadata: {},
    mode: "subscription",
    payment_intent: null,
    payment_status: invoice.total > 0 ? "paid" : "no_payment_required",
    shipping_cost: null,
    status: "complete",
    subscription: id,
    total_details: { amount_discount: discountMinor, amount_shipping: 0, amount_tax: whole.tax },
    url: null,
  } as unknown as Stripe.Checkout.Session;
  desk.store.put(desk.account, session);
  desk.emit("checkout.session.completed", session);
  return session;
}

function discountOf(desk: Desk, subscription: string, promotionCode: string): string {
  const coupon = couponIdOf(getPromotionCode(desk, promotionCode));
  const discount = {
    id: desk.newId("di_1"),
    object: "discount",
    customer: null,
    promotion_code: promotionCode,
    source: { type: "coupon", coupon },
    start: desk.nowS,
    subscription,
  };
  desk.store.put(desk.account, discount);
  desk.emit("customer.discount.created", discount);
  return discount.id;
}

export const getSubscription = (desk: Desk, id: string): Stripe.Subscription =>
  desk.store.get<Stripe.Subscription>(desk.account, "subscription", id) ?? missing("subscription", id);

/** The next period has begun, and is paid for. */
export function renewSubscription(desk: Desk, id: string): Stripe.Invoice {
  const subscription = getSubscription(desk, id);
  if (subscription.status === "canceled") refuse(`Subscription ${id} has ended.`);
  const { currency, subtotal, tax, total, email } = desk.store.hidden<Plan>(desk.account, "subscription", id)!;
  return billAndPay(desk, {
    subscription: id,
    reason: "subscription_cycle",
    currency,
    subtotal,
    tax,
    total,
    email,
    discount: undefined,
    metadata: {},
  });
}

export function cancelSubscription(desk: Desk, id: string): Stripe.Subscription {
  const ended: Stripe.Subscription = { ...getSubscription(desk, id), status: "canceled", ended_at: desk.nowS };
  desk.store.put(desk.account, ended);
  desk.emit("customer.subscription.deleted", ended);
  return ended;
}
