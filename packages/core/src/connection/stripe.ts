import type { ConnectCheckout } from "@laurel/contract";
import { stripeEventTypes } from "../gateway/stripe/facts.ts";
import { AppError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/secrecy.ts";
import type { Connector } from "./connector.ts";
import { webhookUrlOf } from "./view.ts";

/** One key is all it takes: it tells the account, and makes the webhook. */
export const stripeConnector: Connector<Extract<ConnectCheckout, { provider: "stripe" }>> = {
  identify: async (ctx, { apiKey, accountId }) => {
    const livemode = apiKey.includes("_live_");
    const stripe = ctx.gateways.stripe.withKey(apiKey);
    const account = await stripe.account().catch((error) => {
      const hidden = error instanceof AppError && error.code === "stripe.account_hidden";
      if (hidden && accountId) return { id: accountId, name: undefined };
      throw error;
    });
    // Whoever may not even list webhooks may not make one either: better told now.
    await stripe.webhooks();
    return {
      provider: "stripe",
      livemode,
      accountId: account.id,
      namespace: `${account.id}_${livemode ? "live" : "test"}`,
      name: account.name ?? `Stripe ${account.id}`,
      keyEnds: apiKey.slice(-4),
    };
  },

  secretsOf: ({ apiKey }, kept) => ({ apiKey, webhookSecrets: kept?.webhookSecrets ?? [] }),

  makeWebhook: async (ctx, { connection, secrets }, idempotencyKey) => {
    const stripe = ctx.gateways.stripe.withKey(secrets.apiKey);
    const url = webhookUrlOf(ctx, connection);
    const made = await stripe.createWebhook({ url, connectionId: connection.id, idempotencyKey });
    if (made.livemode === connection.livemode) return made;
    await stripe.deleteWebhook(made.id);
    throw new AppError("rejected", "connection.mode", "This key is not of the mode that its beginning says.");
  },

  sweepWebhooks: async (ctx, { connection, secrets }, keep) => {
    const stripe = ctx.gateways.stripe.withKey(secrets.apiKey);
    for (const each of await stripe.webhooks())
      if (each.connectionId === connection.id && each.id !== keep) await stripe.deleteWebhook(each.id);
  },

  asksAfterwards: false,

  webhookMark: () => sha256([...stripeEventTypes].sort().join(" ")).slice(0, 12),
};
