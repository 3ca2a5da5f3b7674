import { providers } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/** One checkout source. Its secrets live elsewhere (`gateway/secrets`). Read with the whole program partition, never alone. */
export const ConnectionEntity = new Entity(
  {
    model: { entity: "connection", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      provider: { type: [...providers] as const, required: true },
      name: { type: "string", required: true },
      /** Whether its secrets are those of live mode; an event of the other mode is not ours. */
      livemode: { type: "boolean", required: true },
      /** The Stripe account whose events come here by Connect; absent for the brand's own account. */
      account: { type: "string" },
      /** A shop's own address, without a trailing slash: `https://example.myshopify.com`, or where WooCommerce's WordPress is. */
      shopUrl: { type: "string" },
      /** Shopify's number of the shop: told in orders beside its address, which a shop may change. */
      shopId: { type: "string" },
      /**
       * The space in which provider ids are unique: account and mode for Stripe, the shop for the others. Two connections to
       * one account share it, so that one sale told twice is one order.
       */
      namespace: { type: "string", required: true },
      /** The space of the Stripe account by which a shop takes money, so that a sale which both tell of is one order. */
      stripeNamespace: { type: "string" },
      /** When the shop ended it (an app was uninstalled). Nothing is asked of it any more; what it still sends is taken. */
      disconnectedAt: { type: "string" },
      /** When its keys were deleted after that: whatever still comes under its name is a stranger's. */
      forgottenAt: { type: "string" },
      /** The signing secret outlived them: a shop asks for the erasure of its buyers after the app is gone, and until then. */
      signingKept: { type: "boolean" },
      /** Since when it is being connected; absent once that has come to its end, and on what a seed made. */
      connectingAt: { type: "string" },
      connectedAt: { type: "string" },
      /** The provider's own id of the account, where it has told one. */
      accountId: { type: "string" },
      /** The last four characters of its key, by which a person knows it again. */
      keyEnds: { type: "string" },
      /** The provider's id of the webhook that calls us, and a mark of the kinds of events that it was made for. */
      webhookId: { type: "string" },
      webhookMark: { type: "string" },
      /** The effect that makes or renews the webhook, until its end is recorded here. */
      webhookEffectId: { type: "string" },
      /** Until then the webhook secret before the present one holds too. */
      formerSecretUntil: { type: "string" },
      /** The job that puts the codes there. */
      codesJobId: { type: "string" },
      /** Whoever changes its secrets holds this lease, by the real clock, so that one change does not undo another. */
      leaseUntilMs: { type: "number" },
      /** Rises with each change; absent on what a seed made. */
      version: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "PROGRAM" },
        sk: { field: "sk", casing: "none", composite: ["id"], template: "CONNECTION#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type Connection = EntityItem<typeof ConnectionEntity>;

export const connectionKey = (id: string): Key => ({ pk: "PROGRAM", sk: `CONNECTION#${id}` });

/** Whether its connecting has come to its end, and nobody has ended it. */
export const isActive = (connection: Connection): boolean => !connection.disconnectedAt && !connection.connectingAt;
