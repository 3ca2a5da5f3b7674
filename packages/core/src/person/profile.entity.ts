import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/**
 * Everything personal that is known of a person; nothing personal stands outside of `PERSON#` items.
 * From an applicant it is a mere claim until `emailConfirmedAt` is set: only whoever holds the mailbox may change it.
 */
export const ProfileEntity = new Entity(
  {
    model: { entity: "profile", version: "1", service },
    attributes: {
      personId: { type: "string", required: true },
      name: { type: "string", required: true },
      /** As it was typed. It is compared by `emailKey`. */
      email: { type: "string", required: true },
      emailKey: { type: "string", required: true },
      /** ISO 3166-1 alpha-2; unknown of staff. */
      country: { type: "string" },
      emailConfirmedAt: { type: "string" },
      marketingConsent: { type: "boolean", required: true },
      /** When `marketingConsent` was last answered by the confirmed holder of the mailbox. */
      marketingConsentAt: { type: "string" },
      createdAt: { type: "string", required: true },
      version: { type: "number", required: true },
    },
    indexes: {
      /** Who is this? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "PROFILE" },
      },
    },
  },
  { table: anyTable },
);
export type Profile = EntityItem<typeof ProfileEntity>;
