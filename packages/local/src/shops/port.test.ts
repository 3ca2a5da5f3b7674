import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { stripeCheckout } from "@laurel/core/gateway/stripe/checkout.ts";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { testCheckoutPort } from "../../../core/src/gateway/checkout/port.test-suite.ts";
import { openStandIn, apiKey as stripeKey } from "../stripe/testing.ts";
import { openShopify, openWoo, secretsOf, shopifyConnection, token, wooConnection, wooKey } from "./testing.ts";

const nowhere = "http://127.0.0.1:9";

testCheckoutPort("Stripe", async () => {
  const { standIn, stripe, apiBase, close } = await openStandIn();
  const secrets = secretsOf(stripeKey, "sk_test_somebody_else");
  const connection = {
    id: "con_1",
    provider: "stripe" as const,
    name: "Stripe",
    livemode: false,
    namespace: "stripe_test",
  };
  return {
    gateway: stripeCheckout(createStripeGateway({ secrets, apiBase })),
    alone: stripeCheckout(createStripeGateway({ secrets, apiBase: nowhere })),
    connection,
    lockedOut: { ...connection, id: "con_locked" },
    keyPart: "somebody",
    count: async (code) => (await stripe.promotionCodes.list({ code })).data.length,
    spoil: (how) =>
      void standIn.faults.push({
        matches: (method, path) => method === "POST" && path.endsWith("promotion_codes"),
        ...how,
      }),
    calm: () => void standIn.faults.splice(0),
    close,
  };
});

testCheckoutPort("Shopify", async () => {
  const { standIn, apiBase, close } = await openShopify();
  const secrets = secretsOf(token, "shpat_somebody_else");
  return {
    gateway: createShopifyGateway({ secrets, apiBase }),
    alone: createShopifyGateway({ secrets, apiBase: nowhere }),
    connection: shopifyConnection,
    lockedOut: { ...shopifyConnection, id: "con_locked" },
    keyPart: "somebody",
    count: async (code) =>
      standIn
        .codes(new URL(shopifyConnection.shopUrl!).host)
        .filter((each) => JSON.stringify(each).toUpperCase().includes(`"CODE":"${code.toUpperCase()}"`)).length,
    spoil: (how) =>
      void standIn.faults.push({ matches: (_, __, body) => body.includes("discountCodeBasicCreate"), ...how }),
    calm: () => void standIn.faults.splice(0),
    throttle: () => standIn.throttle(1),
    close,
  };
});

testCheckoutPort("WooCommerce", async () => {
  const { standIn, apiBase, close } = await openWoo();
  const secrets = secretsOf(wooKey, "ck_somebody:cs_else");
  return {
    gateway: createWooCommerceGateway({ secrets, apiBase }),
    alone: createWooCommerceGateway({ secrets, apiBase: nowhere }),
    connection: wooConnection,
    lockedOut: { ...wooConnection, id: "con_locked" },
    keyPart: "somebody",
    count: async (code) =>
      standIn.coupons(wooConnection.shopUrl!).filter((each) => each.code === code.toLowerCase()).length,
    spoil: (how) => void standIn.faults.push({ matches: (method) => method === "POST", ...how }),
    calm: () => void standIn.faults.splice(0),
    close,
  };
});
