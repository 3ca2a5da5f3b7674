import { decimalOf } from "../checkout/decimal.ts";

/** Bodies of Shopify's webhooks, written from its documented shapes (https://shopify.dev/docs/api/webhooks). No real shop or buyer. */

type Json = Record<string, unknown>;

/** An amount as Shopify sets it, in the shop's currency and the buyer's. */
export const moneySet = (amountMinor: number, currency = "EUR", buyers = currency, rate = 1): Json => ({
  shop_money: { amount: decimalOf(amountMinor, currency), currency_code: currency },
  presentment_money: { amount: decimalOf(Math.round(amountMinor * rate), buyers), currency_code: buyers },
});

const money = (name: string, amountMinor: number, currency = "EUR"): Json => ({
  [name]: decimalOf(amountMinor, currency),
  [`${name}_set`]: moneySet(amountMinor, currency),
});

/** A line of goods: 100.00 with 19.00 tax on top of it, no discount. */
export const shopifyLine = (more: Json = {}): Json => ({
  id: 466157049,
  admin_graphql_api_id: "gid://shopify/LineItem/466157049",
  current_quantity: 1,
  fulfillable_quantity: 1,
  fulfillment_service: "manual",
  fulfillment_status: null,
  gift_card: false,
  grams: 200,
  name: "Trail shoe - 42",
  ...money("price", 10_000),
  product_exists: true,
  product_id: 7513594,
  properties: [],
  quantity: 1,
  requires_shipping: true,
  sku: "SHOE-42",
  taxable: true,
  title: "Trail shoe",
  ...money("total_discount", 0),
  variant_id: 4264112,
  vendor: "Example",
  tax_lines: [{ channel_liable: false, ...money("price", 1_900), rate: 0.19, title: "VAT" }],
  duties: [],
  discount_allocations: [],
  ...more,
});

/** An allocation of an order's discount to a line. */
export const allocation = (amountMinor: number, index = 0): Json => ({
  ...money("amount", amountMinor),
  discount_application_index: index,
});

export const discountCode = (code: string, more: Json = {}): Json => ({
  target_type: "line_item",
  type: "discount_code",
  value: "15.0",
  value_type: "percentage",
  allocation_method: "across",
  target_selection: "all",
  code,
  ...more,
});

/** An order of 85.00 after 15 % off 100.00, 16.15 tax on top, 5.00 shipping with 0.95 tax: 107.10 in all. */
export const shopifyOrder = (more: Json = {}): Json => ({
  id: 5_390_123_456_789,
  admin_graphql_api_id: "gid://shopify/Order/5390123456789",
  app_id: 580111,
  browser_ip: "203.0.113.7",
  buyer_accepts_marketing: false,
  cancel_reason: null,
  cancelled_at: null,
  cart_token: "68778783ad298f1c80c3bafcddeea02f",
  checkout_id: 901414060,
  checkout_token: "bd5a8aa1ecd019dd3520ff791ee3a24c",
  client_details: { accept_language: "de", browser_ip: "203.0.113.7", user_agent: "Mozilla/5.0" },
  closed_at: null,
  confirmation_number: "KQNL2X7V1",
  confirmed: true,
  contact_email: "anna@example.com",
  created_at: "2026-06-15T11:00:00+02:00",
  currency: "EUR",
  ...money("current_subtotal_price", 8_500),
  ...money("current_total_price", 10_710),
  ...money("current_total_discounts", 1_500),
  ...money("current_total_tax", 1_710),
  customer: {
    id: 207119551,
    email: "anna@example.com",
    first_name: "Anna",
    last_name: "Muster",
    state: "disabled",
    currency: "EUR",
    tags: "",
  },
  customer_locale: "de",
  discount_applications: [discountCode("ANNA15")],
  discount_codes: [{ code: "ANNA15", amount: "15.00", type: "percentage" }],
  duties_included: false,
  email: "anna@example.com",
  estimated_taxes: false,
  financial_status: "paid",
  fulfillment_status: null,
  landing_site: "/products/trail-shoe?utm_source=insta&laurel_click=clk_01hzy3v8k2e8mbd3fwq6c5t9xa&laurel_code=ANNA15",
  landing_site_ref: null,
  line_items: [
    shopifyLine({
      discount_allocations: [allocation(1_500)],
      tax_lines: [{ channel_liable: false, ...money("price", 1_615), rate: 0.19, title: "VAT" }],
    }),
  ],
  location_id: null,
  merchant_business_entity_id: "MTU0ODM4MDAwOQ",
  name: "#1001",
  note: null,
  note_attributes: [],
  number: 1,
  order_number: 1001,
  order_status_url:
    "https://shop.example/548380009/orders/b1946ac92492d2347c6235b4d2611184/authenticate?key=imasecretipod",
  payment_gateway_names: ["shopify_payments"],
  presentment_currency: "EUR",
  processed_at: "2026-06-15T11:00:00+02:00",
  referring_site: "https://social.example/",
  refunds: [],
  shipping_lines: [
    {
      id: 271878346,
      code: "Standard",
      ...money("price", 500),
      ...money("discounted_price", 500),
      tax_lines: [{ channel_liable: false, ...money("price", 95), rate: 0.19, title: "VAT" }],
      title: "Standard",
      discount_allocations: [],
    },
  ],
  source_name: "web",
  ...money("subtotal_price", 8_500),
  tags: "",
  tax_lines: [{ channel_liable: false, ...money("price", 1_710), rate: 0.19, title: "VAT" }],
  taxes_included: false,
  test: false,
  token: "b1946ac92492d2347c6235b4d2611184",
  ...money("total_discounts", 1_500),
  ...money("total_line_items_price", 10_000),
  total_outstanding: "0.00",
  ...money("total_price", 10_710),
  total_shipping_price_set: moneySet(500),
  ...money("total_tax", 1_710),
  total_tip_received: "0.00",
  total_weight: 200,
  updated_at: "2026-06-15T11:00:05+02:00",
  user_id: null,
  billing_address: { first_name: "Anna", address1: "Musterweg 1", city: "Berlin", zip: "10115", country_code: "DE" },
  shipping_address: { first_name: "Anna", address1: "Musterweg 1", city: "Berlin", zip: "10115", country_code: "DE" },
  ...more,
});

/** A line of a refund; its amounts are JSON numbers beside their sets. */
export const refundLine = (subtotalMinor: number, taxMinor: number, more: Json = {}): Json => ({
  id: 104689539,
  line_item: shopifyLine(),
  line_item_id: 466157049,
  location_id: null,
  quantity: 1,
  restock_type: "return",
  subtotal: subtotalMinor / 100,
  subtotal_set: moneySet(subtotalMinor),
  total_tax: taxMinor / 100,
  total_tax_set: moneySet(taxMinor),
  ...more,
});

export const refundTransaction = (amountMinor: number, more: Json = {}): Json => ({
  id: 179259969,
  admin_graphql_api_id: "gid://shopify/OrderTransaction/179259969",
  amount: decimalOf(amountMinor, "EUR"),
  authorization: "authorization-key",
  created_at: "2026-06-20T10:00:00+02:00",
  currency: "EUR",
  error_code: null,
  gateway: "shopify_payments",
  kind: "refund",
  order_id: 5_390_123_456_789,
  parent_id: 801038806,
  processed_at: "2026-06-20T10:00:00+02:00",
  status: "success",
  test: false,
  ...more,
});

/** All of the goods back: 85.00 and 16.15 tax. */
export const shopifyRefund = (more: Json = {}): Json => ({
  id: 929361464,
  admin_graphql_api_id: "gid://shopify/Refund/929361464",
  created_at: "2026-06-20T10:00:00+02:00",
  note: "wrong size",
  order_id: 5_390_123_456_789,
  processed_at: "2026-06-20T10:00:00+02:00",
  restock: true,
  total_duties_set: moneySet(0),
  user_id: 548380009,
  order_adjustments: [],
  refund_line_items: [refundLine(8_500, 1_615)],
  transactions: [refundTransaction(10_115)],
  duties: [],
  ...more,
});
