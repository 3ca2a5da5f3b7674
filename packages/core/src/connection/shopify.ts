import type { ConnectCheckout } from "@laurel/contract";
import { sha256 } from "../kernel/secrecy.ts";
import type { Connector, Opened } from "./connector.ts";
import { identityOf } from "./shop.ts";
import { webhookUrlOf } from "./view.ts";

const accessOf = ({ connection, secrets }: Opened) => ({ shopUrl: connection.shopUrl ?? "", apiKey: secrets.apiKey });

/** An app of the shop's own: its token opens the shop, its client secret signs what the shop sends. */
export const shopifyConnector: Connector<Extract<ConnectCheckout, { provider: "shopify" }>> = {
  identify: async (ctx, input) => identityOf(ctx, input, await ctx.gateways.shopify.check(input), input.apiKey),

  // While the app's secret is being rolled, Shopify signs with the one before for up to an hour.
  secretsOf: ({ apiKey, clientSecret }, kept) => ({
    apiKey,
    webhookSecrets: [clientSecret, ...(kept?.webhookSecrets ?? []).filter((each) => each !== clientSecret)].slice(0, 2),
  }),

  makeWebhook: async (ctx, opened) => {
    const url = webhookUrlOf(ctx, opened.connection);
    await ctx.gateways.shopify.ensureWebhooks(accessOf(opened), url, "");
    return { id: url, secret: opened.secrets.webhookSecrets[0]! };
  },

  sweepWebhooks: async (ctx, opened, keep) => {
    const url = webhookUrlOf(ctx, opened.connection);
    if (keep !== url) await ctx.gateways.shopify.removeWebhooks(accessOf(opened), url);
  },

  asksAfterwards: true,

  webhookMark: () => sha256("orders create paid updated cancelled, refunds create, app uninstalled").slice(0, 12),
};
