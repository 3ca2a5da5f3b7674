import type Stripe from "stripe";
import * as z from "zod";
import { type Hidden, offerOf, priceAnew } from "./checkout-price.ts";
import { currencyOf } from "./currency.ts";
import type { Desk } from "./desk.ts";
import { amount, boolean, expand, integer, list, metadata, page, positiveAmount, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { missing, refuse } from "./refusal.ts";
import { getTaxRate } from "./tax-rate.ts";
import type { PricedLine } from "./totals.ts";

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

/** The session as it is now: an open one ends by itself. */
export function getSession(desk: Desk, id: string): Stripe.Checkout.Session {
  const session =
    desk.store.get<Stripe.Checkout.Session>(desk.account, "checkout.session", id) ??
    missing("checkout.session", id, "session");
  return session.status === "open" && session.expires_at <= desk.nowS
    ? { ...session, status: "expired", url: null }
    : session;
}

export const linesOf = (desk: Desk, id: string): Hidden["lines"] => {
  getSession(desk, id);
  return desk.store.hidden<Hidden>(desk.account, "checkout.session", id)!.lines;
};

export const ListSessions = z.strictObject({
  ...page,
  payment_intent: text(255).optional(),
  subscription: text(255).optional(),
  status: z.enum(["open", "complete", "expired"]).optional(),
});
export const listSessions = (desk: Desk, params: z.output<typeof ListSessions>) =>
  pageOf<Stripe.Checkout.Session>(desk, "checkout.session", "/v1/checkout/sessions", params, [
    ["json_extract(data, '$.payment_intent') = ?", params.payment_intent],
    ["json_extract(data, '$.subscription') = ?", params.subscription],
    ["json_extract(data, '$.status') = ?", params.status],
  ]);
