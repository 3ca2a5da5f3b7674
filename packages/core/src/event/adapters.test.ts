import { decimalOf } from "../gateway/checkout/decimal.ts";
import {
  moneySet,
  refundTransaction,
  shopifyLine,
  shopifyOrder,
  shopifyRefund,
} from "../gateway/shopify/samples.testing.ts";
import { wooLine, wooOrder, wooRefund } from "../gateway/woocommerce/samples.testing.ts";
import { type Sale, testAdapter } from "./adapter.test-suite.ts";

type Json = Record<string, unknown>;
const eur = (minor: number) => decimalOf(minor, "EUR");
const totalOf = (sale: Sale) => sale.netMinor + sale.taxMinor + sale.shippingMinor;

const stripeEvent = (type: string, object: Json) => ({
  type,
  body: { id: "evt_1", object: "event", created: 1_781_514_000, livemode: false, type, data: { object } },
});

testAdapter("Stripe", {
  connection: { id: "con_1", provider: "stripe", name: "Stripe", livemode: false, namespace: "stripe_test" },
  sale: (sale) =>
    stripeEvent("checkout.session.completed", {
      id: `cs_${sale.id}`,
      object: "checkout.session",
      mode: "payment",
      created: 1_781_514_000,
      payment_status: sale.paid ? "paid" : "unpaid",
      payment_intent: `pi_${sale.id}`,
      invoice: null,
      currency: "eur",
      amount_subtotal: sale.netMinor + sale.discountMinor,
      amount_total: totalOf(sale),
      total_details: {
        amount_discount: sale.discountMinor,
        amount_shipping: sale.shippingMinor,
        amount_tax: sale.taxMinor,
      },
      shipping_cost: null,
      discounts: [],
      client_reference_id: sale.click,
      customer: null,
      customer_details: sale.email === null ? null : { email: sale.email },
      metadata: {},
    }),
  refund: (sale, amount) =>
    stripeEvent("refund.created", {
      id: "re_1",
      object: "refund",
      amount,
      currency: "eur",
      payment_intent: `pi_${sale.id}`,
      charge: `ch_${sale.id}`,
      status: "succeeded",
    }),
  subject: (body) => (body.data as { object: Json }).object,
  // Accounts of before 2020 did not tell them.
  absentMeansNone: /^total_details(\.amount_(shipping|tax))?$/,
});

const shopifySale = (sale: Sale, more: Json = {}): Json =>
  shopifyOrder({
    id: sale.id,
    admin_graphql_api_id: `gid://shopify/Order/${sale.id}`,
    financial_status: sale.paid ? "paid" : "pending",
    subtotal_price: eur(sale.netMinor),
    subtotal_price_set: moneySet(sale.netMinor),
    total_price: eur(totalOf(sale)),
    total_price_set: moneySet(totalOf(sale)),
    line_items: [
      shopifyLine({
        price: eur(sale.netMinor + sale.discountMinor),
        price_set: moneySet(sale.netMinor + sale.discountMinor),
        discount_allocations: [{ amount: eur(sale.discountMinor), discount_application_index: 0 }],
        tax_lines: [{ price: eur(sale.taxMinor) }],
      }),
    ],
    landing_site: sale.click ? `/?laurel_click=${sale.click}` : null,
    email: sale.email ?? "",
    contact_email: sale.email,
    customer: null,
    ...more,
  });

testAdapter("Shopify", {
  connection: {
    id: "con_1",
    provider: "shopify",
    name: "Shopify",
    livemode: false,
    shopUrl: "https://example.myshopify.com",
    namespace: "shopify_example",
  },
  sale: (sale) => ({ type: "orders/paid", body: shopifySale(sale) }),
  refund: (sale, amount) => ({
    type: "refunds/create",
    body: shopifyRefund({ order_id: sale.id, refund_line_items: [], transactions: [refundTransaction(amount)] }),
  }),
  subject: (body) => body,
  absentMeansNone: /^$/,
});

const wooSale = (sale: Sale, more: Json = {}): Json =>
  wooOrder({
    id: sale.id,
    status: sale.paid ? "processing" : "pending",
    date_paid_gmt: sale.paid ? "2026-06-15T09:00:08" : null,
    total: eur(totalOf(sale)),
    line_items: [wooLine({ subtotal: eur(sale.netMinor + sale.discountMinor), total: eur(sale.netMinor) })],
    meta_data: sale.click ? [{ id: 1, key: "_laurel_click", value: sale.click }] : [],
    billing: { email: sale.email ?? "" },
    ...more,
  });

testAdapter("WooCommerce", {
  connection: {
    id: "con_1",
    provider: "woocommerce",
    name: "WooCommerce",
    livemode: true,
    shopUrl: "https://shop.example",
    namespace: "woo_shop.example",
  },
  sale: (sale) => ({ type: "order.created", body: wooSale(sale) }),
  refund: (sale, amount) => ({
    type: "order.updated",
    body: wooSale(sale, { refunds: amount === 0 ? [] : [wooRefund(eur(-amount))] }),
  }),
  subject: (body) => body,
  // Without the list nothing is said of refunds, and what was said before stands.
  absentMeansNone: /^refunds$/,
});
