import type { Id } from "@laurel/contract";
import type { Context } from "@laurel/core/kernel";
import { createWebhook } from "@laurel/functions/webhook/app.ts";
import type { Runtime } from "../../../functions/runtime.ts";
import { approve } from "../../core/src/application/index.ts";
import { confirmed } from "../../core/src/application/testing.ts";
import { findCode, promotionCodesOf } from "../../core/src/code/index.ts";
import { verifySignature } from "../../core/src/gateway/stripe/signature.ts";
import type { World } from "./index.ts";

type Json = Record<string, unknown>;

/** An event as Stripe sends it (https://docs.stripe.com/api/events/object). */
export interface StripeEvent extends Json {
  id: string;
  type: string;
  created: number;
  data: { object: Json };
}

let made = 0;
/** A provider's id that no other test has. */
export const providerId = (prefix: string): string => `${prefix}_test${String(++made).padStart(6, "0")}`;

/** @param at when it happened, epoch seconds or a date */
export function event(type: string, object: Json, at: Date | number, more: Json = {}): StripeEvent {
  return {
    id: providerId("evt"),
    object: "event",
    api_version: "2026-10-28.endive",
    created: secondsOf(at),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: { object },
    ...more,
  };
}

const secondsOf = (at: Date | number): number => (typeof at === "number" ? at : Math.floor(at.getTime() / 1000));

export interface Purchase {
  session: string;
  paymentIntent: string;
  charge: string;
  currency: string;
  /** What the buyer pays in all, minor units. */
  totalMinor: number;
  at: Date;
}

/** The ids and amounts of a purchase that no other test has. */
export const purchase = (at: Date, more: Partial<Purchase> = {}): Purchase => ({
  session: providerId("cs"),
  paymentIntent: providerId("pi"),
  charge: providerId("ch"),
  currency: "eur",
  totalMinor: 11_900,
  at,
  ...more,
});

/** A Checkout Session in payment mode: 119.00 with 19.00 tax and no shipping, unless said otherwise. */
export function session(of: Purchase, more: Json = {}): Json {
  const tax = Math.floor((of.totalMinor * 19) / 119);
  return {
    id: of.session,
    object: "checkout.session",
    mode: "payment",
    created: secondsOf(of.at),
    status: "complete",
    payment_status: "paid",
    payment_intent: of.paymentIntent,
    invoice: null,
    subscription: null,
    currency: of.currency,
    amount_subtotal: of.totalMinor - tax,
    amount_total: of.totalMinor,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: tax },
    shipping_cost: null,
    discounts: [],
    client_reference_id: null,
    customer: null,
    customer_email: null,
    customer_details: null,
    metadata: {},
    ...more,
  };
}

export const withCode = (promotionCode: string): Json => ({
  discounts: [{ coupon: null, promotion_code: promotionCode }],
});

export const withEmail = (email: string): Json => ({ customer_details: { email, name: "A Buyer", phone: null } });

export const refund = (of: Purchase, amountMinor: number, more: Json = {}): Json => ({
  id: providerId("re"),
  object: "refund",
  amount: amountMinor,
  currency: of.currency,
  payment_intent: of.paymentIntent,
  charge: of.charge,
  status: "succeeded",
  reason: "requested_by_customer",
  ...more,
});

export const charge = (of: Purchase, refundedMinor: number, more: Json = {}): Json => ({
  id: of.charge,
  object: "charge",
  amount: of.totalMinor,
  amount_captured: of.totalMinor,
  amount_refunded: refundedMinor,
  currency: of.currency,
  payment_intent: of.paymentIntent,
  refunded: refundedMinor >= of.totalMinor,
  metadata: {},
  ...more,
});

/** The webhook of a world, with Stripe's own signatures. */
export interface Checkout {
  /** Posts an event, signed with the connection's current secret. */
  tell(event: StripeEvent): Promise<Response>;
  /** Posts any bytes. */
  post(body: string | Uint8Array, headers?: Record<string, string>, path?: string): Promise<Response>;
  /** The signature of a body. */
  sign(body: string | Uint8Array, secret?: string, at?: number): string;
  path: string;
}

export function openCheckout(world: World, runtime: Runtime = world.runtime): Checkout {
  // The recorded Stripe stays, but a signature is checked as in production.
  world.stripe.verifySignature = verifySignature;
  const app = createWebhook(runtime);
  const path = `/webhooks/stripe/${world.program.connectionId}`;
  const sign: Checkout["sign"] = (body, secret = world.webhookSecrets[0]!, at) =>
    world.stripe.sign(body as string, secret, at);
  const post: Checkout["post"] = async (body, headers = {}, to = path) =>
    app.request(to, { method: "POST", body: body as never, headers });
  return {
    path,
    sign,
    post,
    tell: (told) => {
      const body = JSON.stringify(told);
      return post(body, { "stripe-signature": sign(body) });
    },
  };
}

export interface TestAmbassador {
  id: Id<"ambassador">;
  code: string;
  promotionCodeId: string;
  email: string;
}

/** An ambassador who came in as everybody does, with a code that works at the checkout. */
export async function ambassador(
  world: World,
  name: string,
  { tierId, ctx = world.ctx(world.staff("manager")) }: { tierId?: string; ctx?: Context } = {},
): Promise<TestAmbassador> {
  const application = await confirmed(world, { name });
  const { ambassador, code } = await approve(ctx, application.id, tierId ? { tierId } : {});
  await world.settle();
  const stored = await findCode(world.ctx(), code.code);
  return {
    id: ambassador.id,
    code: code.code,
    promotionCodeId: promotionCodesOf(stored!)[world.program.connectionId]!,
    email: application.email,
  };
}
