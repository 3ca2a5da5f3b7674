import type Stripe from "stripe";
import { AppError } from "../../kernel/errors.ts";
import { stripeEventTypes } from "./facts.ts";
import type { StripeSetup, StripeWebhook } from "./port.ts";
import { asAppError, isForbidden, refusalCode } from "./refusal.ts";

/** Under this name each webhook of ours carries the connection that it is for. */
const mark = "laurel_connection";
/** An account has 16 webhook endpoints a mode at most (https://docs.stripe.com/webhooks). */
const mostWebhooks = 100;

/** What it takes to connect an account, by a key that is not kept yet. */
export function createStripeSetup(open: () => Promise<Stripe>): StripeSetup {
  async function ask<T>(question: (stripe: Stripe) => Promise<T>): Promise<T> {
    try {
      return await question(await open());
    } catch (error) {
      throw asAppError(error);
    }
  }

  return {
    account: () =>
      ask(async (stripe) => {
        try {
          const account = await stripe.accounts.retrieveCurrent();
          return { id: account.id, name: nameOf(account) };
        } catch (error) {
          const id = isForbidden(error) ? namedIn(error) : undefined;
          if (id) return { id, name: undefined };
          if (isForbidden(error))
            throw new AppError(
              "rejected",
              "stripe.account_hidden",
              "This key may not read which account it belongs to. Give the account's id too; it begins with acct_.",
            );
          throw error;
        }
      }),

    webhooks: () =>
      ask(async (stripe) => {
        const { data } = await stripe.webhookEndpoints.list({ limit: mostWebhooks });
        return data.map(webhookOf);
      }),

    createWebhook: ({ url, connectionId, idempotencyKey }) =>
      ask(async (stripe) => {
        const { default: Sdk } = await import("stripe");
        const made = await stripe.webhookEndpoints.create(
          {
            url,
            enabled_events: [...stripeEventTypes] as Stripe.WebhookEndpointCreateParams.EnabledEvent[],
            // What the events say is read in the version that this client asks for.
            api_version: Sdk.API_VERSION as Stripe.WebhookEndpointCreateParams.ApiVersion,
            description: "Laurel: orders, refunds and disputes",
            metadata: { [mark]: connectionId },
          },
          { idempotencyKey },
        );
        if (!made.secret) throw new Error("Stripe made a webhook endpoint and did not tell its secret");
        return { ...webhookOf(made), secret: made.secret };
      }),

    deleteWebhook: (id) =>
      ask(async (stripe) => {
        try {
          await stripe.webhookEndpoints.del(id);
        } catch (error) {
          if (refusalCode(error) !== "resource_missing") throw error;
        }
      }),
  };
}

const webhookOf = (it: Stripe.WebhookEndpoint): StripeWebhook => ({
  id: it.id,
  url: it.url,
  livemode: it.livemode,
  enabled: it.status === "enabled",
  connectionId: it.metadata[mark],
});

const nameOf = (account: Stripe.Account): string | undefined =>
  account.settings?.dashboard.display_name || account.business_profile?.name || undefined;

/** A restricted key that may not read its account is told so by a sentence that names the account. */
const namedIn = (error: unknown): string | undefined =>
  /\bacct_[A-Za-z0-9]{8,40}\b/.exec((error as Error).message)?.[0];
