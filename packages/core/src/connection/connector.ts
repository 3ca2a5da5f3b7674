import type { ConnectCheckout, Provider } from "@laurel/contract";
import type { ConnectionSecrets } from "../gateway/secrets/port.ts";
import type { Context } from "../kernel/context.ts";
import type { Connection } from "./connection.entity.ts";
import { shopifyConnector } from "./shopify.ts";
import { stripeConnector } from "./stripe.ts";
import { wooConnector } from "./woocommerce.ts";

/** Whose credentials they are, and what is stored of it beside the secrets. */
export type Identity = Pick<Connection, "provider" | "livemode" | "namespace"> &
  Partial<Pick<Connection, "accountId" | "shopUrl" | "shopId" | "stripeNamespace">> & {
    /** What the provider calls the account. */
    name: string;
    keyEnds: string;
  };

/** A connection with what is kept secret for it, for a call to its provider. */
export interface Opened {
  connection: Connection;
  secrets: ConnectionSecrets;
}

/** How one provider's checkout is connected and left again. Each step may be repeated after a crash at any point. */
export interface Connector<Input extends ConnectCheckout = ConnectCheckout> {
  /**
   * Finds out whose credentials these are, and changes nothing there.
   * @throws AppError rejected for the provider's no, in words; unavailable
   */
  identify(ctx: Context, input: Input): Promise<Identity>;
  /** What is kept secret until the webhook is there. @param kept what is kept of an earlier time, where anything is */
  secretsOf(input: Input, kept: ConnectionSecrets | undefined): ConnectionSecrets;
  /**
   * Makes the webhook that calls us.
   * @param idempotencyKey another one each time that an earlier try may have been undone
   */
  makeWebhook(ctx: Context, opened: Opened, idempotencyKey: string): Promise<{ id: string; secret: string }>;
  /** Deletes the connection's webhooks there, all but the one to keep: what an earlier try has left, or what is over. */
  sweepWebhooks(ctx: Context, opened: Opened, keep: string | undefined): Promise<void>;
  /** Whether it asks for the erasure of buyers after all else has ended, signed as its webhooks were. */
  asksAfterwards: boolean;
  /** Names the kinds of events that a webhook is made for now: another mark means that the older ones lack some. */
  webhookMark(): string;
}

/** One file a provider. */
const connectors: Record<Provider, Connector<never>> = {
  stripe: stripeConnector,
  shopify: shopifyConnector,
  woocommerce: wooConnector,
};

export const connectorOf = (provider: Provider): Connector => connectors[provider] as Connector;

/** As `webhookMark`. */
export const markOf = (provider: Provider): string => connectors[provider].webhookMark();
