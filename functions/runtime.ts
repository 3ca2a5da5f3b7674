import { createMailGateway } from "@laurel/core/gateway/mail";
import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { assemble, type Env, type Parts, type Runtime } from "./assemble.ts";

export type { Env, Runtime } from "./assemble.ts";

/** A runtime that reaches everything. */
export function createRuntime(env: Env, parts: Parts): Runtime {
  const { secrets } = parts;
  const gateways = {
    secrets,
    stripe: createStripeGateway({ secrets, apiBase: env.STRIPE_API_BASE }),
    shopify: createShopifyGateway({ secrets, apiBase: env.SHOPIFY_API_BASE }),
    woocommerce: createWooCommerceGateway({ secrets, apiBase: env.WOO_API_BASE }),
    mail: createMailGateway({
      from: env.MAIL_FROM,
      configurationSet: env.MAIL_CONFIGURATION_SET,
      endpoint: env.SES_ENDPOINT,
    }),
  };
  return assemble(env, gateways, parts);
}
