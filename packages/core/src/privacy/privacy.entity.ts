import { privacyKinds } from "@laurel/contract";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** What was done for a request. Numbers only. */
export interface PrivacyCounts {
  orders: number;
  customers: number;
  /** Stored bodies of webhooks. */
  bodies: number;
}

/**
 * A request about personal data that came by a checkout, and what was done. It is named by the event that brought it, so that
 * it is one however often it is told. Kept for good and without personal data: the keyed hash goes when the request is fulfilled.
 */
export const PrivacyEntity = new Entity(
  {
    model: { entity: "privacy_request", version: "1", service },
    attributes: {
      /** `con_…~…`: the event that brought it. */
      id: { type: "string", required: true },
      connectionId: { type: "string", required: true },
      request: { type: [...privacyKinds] as const, required: true },
      reference: { type: "string" },
      state: { type: ["waiting", "done"] as const, required: true },
      receivedAt: { type: "string", required: true },
      doneAt: { type: "string" },
      /** What happened, in one sentence. */
      outcome: { type: "string" },
      aliases: { type: "list", required: true, items: { type: "string" } },
      customerKey: { type: "string" },
      counts: { type: CustomAttributeType<PrivacyCounts>("any"), required: true },
      /** Where a long erasure goes on: the month that is being looked through, and the place in it. */
      cursor: {
        type: CustomAttributeType<{ of: "EVENTS" | "ORDERS"; month: string; after?: Record<string, unknown> }>("any"),
      },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "PRIVACY#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "REQUEST" },
      },
      /** Which requests came, the newest first? */
      all: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: [], template: "PRIVACYREQUESTS" },
        sk: { field: "gsi1sk", casing: "none", composite: ["receivedAt", "id"], template: "${receivedAt}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type PrivacyItem = EntityItem<typeof PrivacyEntity>;

/** What was found for a buyer who asked, gzipped JSON; for the shop's owner to hand over, and gone after 30 days. */
export const ExportEntity = new Entity(
  {
    model: { entity: "privacy_export", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      part: { type: "number", required: true, padding: { length: 4, char: "0" } },
      body: { type: "any", required: true },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "PRIVACY#${id}" },
        sk: { field: "sk", casing: "none", composite: ["part"], template: "EXPORT#${part}" },
      },
    },
  },
  { table: anyTable },
);
