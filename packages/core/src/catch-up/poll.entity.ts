import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** How far a shop's orders were looked through, for a shop that sends nothing twice. */
export const PollEntity = new Entity(
  {
    model: { entity: "poll", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      /** Every change until then was taken in. */
      seenUntil: { type: "string", required: true },
      /** Nobody asks before. */
      nextAt: { type: "string", required: true },
      /** Where its time was over before the end: since when changes are looked for, when that was begun, and where it goes on. */
      begun: { type: CustomAttributeType<{ since: string; at: string; after?: string }>("any") },
      /** Why the last time came to no end. */
      lastError: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["connectionId"], template: "POLL#${connectionId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "POLL" },
      },
    },
  },
  { table: anyTable },
);
export type Poll = EntityItem<typeof PollEntity>;
