import type Stripe from "stripe";
import * as z from "zod";
import { getCoupon } from "./coupon.ts";
import { checkChargeable, currencyOf } from "./currency.ts";
import type { Desk } from "./desk.ts";
import { amount, boolean, expand, integer, list, metadata, page, positiveAmount, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { endPayment, startPayment } from "./payment.ts";
import { couponIdOf, findActiveCode, getPromotionCode, redeem } from "./promotion-code.ts";
import { missing, refuse } from "./refusal.ts";
import { getTaxRate } from "./tax-rate.ts";
import { type Offer, type PricedLine, totalsOf } from "./totals.ts";

const LineItem = z.strictObject({
  price: text(255).optional(),
  price_data: z
    .strictObject({
      currency: text(3),
      unit_amount: amount,
      tax_behavior: z.enum(["exclusive", "inclusive", "unspecified"]).optional(),
      product_data: z.strictObject({
        name: text(250),
        description: text(1000).optional(),
        images: list(text(2048), 8).optional(),
        metadata: metadata.optional(),
      }),
    })
    .optional(),
  quantity: positiveAmount.optional(),
  tax_rates: list(text(255), 1).optional(),
});

const ShippingOption = z.strictObject({
  shipping_rate_data: z.strictObject({
    display_name: text(100),
    type: z.literal("fixed_amount").optional(),
    fixed_amount: z.strictObject({ amount, currency: text(3) }),
    tax_behavior: z.enum(["exclusive", "inclusive", "unspecified"]).optional(),
  }),
});

export const CreateSession = z.strictObject({
  mode: z.enum(["payment", "subscription", "setup"]),
  line_items: list(LineItem).optional(),
  discounts: list(z.strictObject({ promotion_code: text(255).optional(), coupon: text(255).optional() }), 1).optional(),
  allow_promotion_codes: boolean.optional(),
  client_reference_id: text(200).optional(),
  customer_email: text(512).optional(),
  customer_creation: z.enum(["always", "if_required"]).optional(),
  metadata: metadata.optional(),
  payment_intent_data: z.strictObject({ metadata: metadata.optional(), description: text(1000).optional() }).optional(),
  shipping_options: list(ShippingOption, 5).optional(),
  allowed_payment_method_types: list(text(50)).optional(),
  currency: text(3).optional(),
  locale: text(10).optional(),
  ui_mode: z.literal("hosted_page").optional(),
  expires_at: integer.optional(),
  success_url: text().optional(),
  cancel_url: text().optional(),
  expand,
});
type Create = z.output<typeof CreateSession>;

/** What a session knows and does not show unless it is expanded. */
interface Hidden {
  lines: { object: "list"; has_more: boolean; url: string; data: Stripe.LineItem[] };
  priced: PricedLine[];
  payment: { metadata: Record<string, string>; description: string | null };
}

export function createSession(desk: Desk, params: Create): Stripe.Checkout.Session {
  if (params.mode !== "payment")
    refuse("The stand-in takes one-off payments only: use mode=payment.", { param: "mode" });
  if (!params.line_items?.length)
    refuse("Missing required param: line_items.", { code: "parameter_missing", param: "line_items" });
  if (!params.success_url)
    refuse("Missing required param: success_url.", { code: "parameter_missing", param: "success_url" });
  if (params.discounts && params.allow_promotion_codes !== undefined)
    refuse("You may only specify one of these parameters: allow_promotion_codes, discounts.", {
      param: "allow_promotion_codes",
    });
  for (const [name, url] of [
    ["success_url", params.success_url],
    ["cancel_url", params.cancel_url],
  ] as const)
    if (url !== undefined && !URL.canParse(url)) refuse("Not a valid URL", { code: "url_invalid", param: name });
  if (params.customer_email !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(params.customer_email))
    refuse(`Invalid email address: ${params.customer_email.slice(0, 60)}`, {
      code: "email_invalid",
      param: "customer_email",
    });
  if (
    params.expires_at !== undefined &&
    (params.expires_at < desk.nowS + 1800 || params.expires_at > desk.nowS + 86_400)
  )
    refuse("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.", {
      param: "expires_at",
    });

  const currency = currencyOf(params.line_items![0]!.price_data?.currency ?? "", "line_items[0][price_data][currency]");
  const priced = params.line_items!.map((line, at) => pricedLine(desk, line, currency, at));
  const shipping = params.shipping_options?.[0]?.shipping_rate_data.fixed_amount;
  if (
    shipping &&
    currencyOf(shipping.currency, "shipping_options[0][shipping_rate_data][fixed_amount][currency]") !== currency
  )
    refuse("All amounts of a session must be in one currency.", { param: "shipping_options" });

  const id = desk.newId("cs_test_a1", 58);
  const session: Stripe.Checkout.Session = {
    id,
    object: "checkout.session",
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: params.allow_promotion_codes ?? null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    amount_subtotal: 0,
    amount_total: 0,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: params.cancel_url ?? null,
    client_reference_id: params.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: desk.nowS,
    currency,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: params.customer_creation ?? "if_required",
    customer_details: null,
    customer_email: params.customer_email ?? null,
    discounts: [],
    expires_at: params.expires_at ?? desk.nowS + 86_400,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: params.locale ?? null,
    managed_payments: null,
    metadata: params.metadata ?? {},
    mode: "payment",
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: "if_required",
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: params.allowed_payment_method_types ?? ["card"],
    payment_status: "unpaid",
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: shipping
      ? {
          amount_subtotal: shipping.amount,
          amount_tax: 0,
          amount_total: shipping.amount,
          shipping_rate: desk.newId("shr_1"),
        }
      : null,
    shipping_options: [],
    status: "open",
    submit_type: null,
    subscription: null,
    success_url: params.success_url ?? null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted_page",
    url: `https://checkout.example/c/pay/${id}`,
    wallet_options: null,
  };
  const offer = params.discounts?.[0] && offerOf(desk, params.discounts[0], currency);
  const hidden: Hidden = {
    lines: {
      object: "list",
      has_more: false,
      url: `/v1/checkout/sessions/${id}/line_items`,
      data: lineItems(desk, params, currency),
    },
    priced,
    payment: {
      metadata: params.payment_intent_data?.metadata ?? {},
      description: params.payment_intent_data?.description ?? null,
    },
  };
  const made = priceAnew(session, hidden, offer);
  desk.store.put(desk.account, made.session, made.hidden);
  return made.session;
}

function pricedLine(desk: Desk, line: z.output<typeof LineItem>, currency: string, at: number): PricedLine {
  const where = `line_items[${at}]`;
  if (line.price) missing("price", line.price, `${where}[price]`);
  const price =
    line.price_data ??
    refuse("You must specify either `price` or `price_data`.", { code: "parameter_missing", param: where });
  if (currencyOf(price.currency, `${where}[price_data][currency]`) !== currency)
    refuse("All line items of a session must be in one currency.", { param: `${where}[price_data][currency]` });
  const quantity =
    line.quantity ??
    refuse("Quantity is required. Add `quantity` to each line item.", {
      code: "parameter_missing",
      param: `${where}[quantity]`,
    });
  const rate =
    line.tax_rates?.[0] === undefined ? undefined : getTaxRate(desk, line.tax_rates[0], `${where}[tax_rates][0]`);
  return {
    unitAmount: price.unit_amount,
    quantity,
    tax: rate && { percentage: rate.percentage, inclusive: rate.inclusive },
  };
}

function lineItems(desk: Desk, params: Create, currency: string): Stripe.LineItem[] {
  return params.line_items!.map((line) => ({
    id: desk.newId("li_1"),
    object: "item",
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: 0,
    amount_tax: 0,
    amount_total: 0,
    currency,
    description: line.price_data!.product_data.name,
    metadata: {},
    price: {
      id: desk.newId("price_1"),
      object: "price",
      active: false,
      billing_scheme: "per_unit",
      created: desk.nowS,
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: desk.newId("prod_", 14),
      recurring: null,
      tax_behavior: line.price_data!.tax_behavior ?? "unspecified",
      tiers_mode: null,
      transform_quantity: null,
      type: "one_time",
      unit_amount: line.price_data!.unit_amount,
      // A string in JSON, whatever class the SDK makes of it on its side.
      unit_amount_decimal: String(line.price_data!.unit_amount) as never,
    },
    quantity: line.quantity!,
  }));
}

interface Applied {
  couponId: string;
  promotionCodeId: string | null;
  offer: Offer;
  minimum: { amount: number; currency: string } | undefined;
}

function offerOf(
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
function priceAnew(session: Stripe.Checkout.Session, hidden: Hidden, applied: Applied | undefined) {
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

/** The session as it is now: an open one ends by itself. */
export function getSession(desk: Desk, id: string): Stripe.Checkout.Session {
  const session =
    desk.store.get<Stripe.Checkout.Session>(desk.account, "checkout.session", id) ??
    missing("checkout.session", id, "session");
  return session.status === "open" && session.expires_at <= desk.nowS
    ? { ...session, status: "expired", url: null }
    : session;
}

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

export const linesOf = (desk: Desk, id: string): Hidden["lines"] => {
  getSession(desk, id);
  return desk.store.hidden<Hidden>(desk.account, "checkout.session", id)!.lines;
};

export const ListSessions = z.strictObject({
  ...page,
  payment_intent: text(255).optional(),
  status: z.enum(["open", "complete", "expired"]).optional(),
});
export const listSessions = (desk: Desk, params: z.output<typeof ListSessions>) =>
  pageOf<Stripe.Checkout.Session>(desk, "checkout.session", "/v1/checkout/sessions", params, [
    ["json_extract(data, '$.payment_intent') = ?", params.payment_intent],
    ["json_extract(data, '$.status') = ?", params.status],
  ]);
