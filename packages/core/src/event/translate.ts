import type { CodeTold } from "../code/told.ts";
import type { Connection } from "../connection/index.ts";
import { shopifyEssenceOf, shopifyFactOf } from "../gateway/shopify/facts.ts";
import { stripeEssenceOf, stripeFactOf } from "../gateway/stripe/facts.ts";
import { wooEssenceOf, wooFactOf } from "../gateway/woocommerce/facts.ts";
import type { Fact } from "../order/fact.ts";
import type { Disconnected, PrivacyRequest } from "../privacy/request.ts";
import type { Fetch } from "./fetch.ts";

/**
 * What an event can say: something of purchases or of codes, something of a buyer's rights, that nothing more will come, or
 * only where the checkout can be asked for what it is about.
 */
export type Told = Fact | CodeTold | PrivacyRequest | Disconnected | Fetch;

/** An event as it was stored. The type was beside the body, where the provider does not sign it. */
export interface StoredEvent {
  type: string;
  rawBody: Uint8Array;
  receivedAt: Date;
}

/** What an event of a connection says, in the domain's words. Pure: the same event says the same, whenever it is read. */
export function factOf(connection: Connection, event: StoredEvent, now: Date): Told {
  switch (connection.provider) {
    case "stripe":
      return stripeFactOf(connection, event.rawBody, now);
    case "shopify":
      return shopifyFactOf(connection, event);
    case "woocommerce":
      return wooFactOf(connection, event);
  }
}

/** What stays the same over all deliveries of an event. */
export function essenceOf(connection: Connection, rawBody: Uint8Array): string {
  switch (connection.provider) {
    case "stripe":
      return stripeEssenceOf(rawBody);
    case "shopify":
      return shopifyEssenceOf(rawBody);
    case "woocommerce":
      return wooEssenceOf(rawBody);
  }
}
