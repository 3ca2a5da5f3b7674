import { createHmac, randomUUID } from "node:crypto";
import { discountCode, shopifyOrder } from "../../core/src/gateway/shopify/samples.testing.ts";
import type { Buy } from "./counter.ts";
import { word } from "./purchase.ts";
import { shopDomain } from "./stage.ts";

let orders = 5_390_123_456_789;

/** A paid order at Shopify of 50.40 EUR after 15 % off, with tax and shipping, by a code's text. */
export const byOrder: Buy = ({ shopifyConnectionId, webhookSecret }, { code }) => {
  const id = ++orders;
  const deliveryId = randomUUID();
  const now = new Date().toISOString();
  const order = shopifyOrder({
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${id % 1_000_000}`,
    checkout_token: word(32),
    confirmation_number: word(9),
    created_at: now,
    processed_at: now,
    updated_at: now,
    email: `buyer-${word(12)}@example.com`,
    landing_site: "/",
    discount_applications: [discountCode(code)],
    discount_codes: [{ code, amount: "6.35", type: "percentage" }],
    subtotal_price: "36.00",
    subtotal_price_set: {
      shop_money: { amount: "36.00", currency_code: "EUR" },
      presentment_money: { amount: "36.00", currency_code: "EUR" },
    },
  });
  const body = Buffer.from(JSON.stringify(order));
  return {
    path: `/webhooks/shopify/${shopifyConnectionId}`,
    headers: {
      "content-type": "application/json",
      "content-length": body.length,
      "x-shopify-topic": "orders/paid",
      "x-shopify-shop-domain": shopDomain,
      "x-shopify-webhook-id": deliveryId,
      "x-shopify-event-id": randomUUID(),
      "x-shopify-triggered-at": now,
      "x-shopify-hmac-sha256": createHmac("sha256", webhookSecret).update(body).digest("base64"),
    },
    body,
    ids: [deliveryId, String(id), order.checkout_token as string],
  };
};
