import { randomBytes } from "node:crypto";
import type { ConnectCheckout } from "@laurel/contract";
import { sha256 } from "../kernel/secrecy.ts";
import type { Connector, Opened } from "./connector.ts";
import { identityOf } from "./shop.ts";
import { webhookUrlOf } from "./view.ts";

const accessOf = ({ connection, secrets }: Opened) => ({ shopUrl: connection.shopUrl ?? "", apiKey: secrets.apiKey });

/** A store by a key of its REST API; what it signs with is ours to choose. */
export const wooConnector: Connector<Extract<ConnectCheckout, { provider: "woocommerce" }>> = {
  identify: async (ctx, input) => {
    const apiKey = `${input.consumerKey}:${input.consumerSecret}`;
    return identityOf(ctx, input, await ctx.gateways.woocommerce.check({ ...input, apiKey }), input.consumerKey);
  },

  secretsOf: ({ consumerKey, consumerSecret }, kept) => ({
    apiKey: `${consumerKey}:${consumerSecret}`,
    webhookSecrets: kept?.webhookSecrets ?? [],
  }),

  makeWebhook: async (ctx, opened) => {
    const url = webhookUrlOf(ctx, opened.connection);
    const secret = randomBytes(32).toString("base64url");
    // Known before it is used: what a store sends with a secret that nobody knows yet is never sent again.
    const { connection, secrets } = opened;
    const webhookSecrets = [secret, ...secrets.webhookSecrets].slice(0, 3);
    await ctx.gateways.secrets.putConnection(connection.id, { ...secrets, webhookSecrets });
    await ctx.gateways.woocommerce.ensureWebhooks(accessOf(opened), url, secret);
    return { id: url, secret };
  },

  sweepWebhooks: async (ctx, opened, keep) => {
    const url = webhookUrlOf(ctx, opened.connection);
    if (keep !== url) await ctx.gateways.woocommerce.removeWebhooks(accessOf(opened), url);
  },

  asksAfterwards: false,

  webhookMark: () => sha256("order created updated deleted restored").slice(0, 12),
};
