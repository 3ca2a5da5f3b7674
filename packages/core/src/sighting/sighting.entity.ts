import { Entity } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/** When something last came over a connection: to the minute, so that no sale waits for it. */
export const SightingEntity = new Entity(
  {
    model: { entity: "sighting", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      lastEventAt: { type: "string" },
      lastBadSignatureAt: { type: "string" },
    },
    indexes: {
      /** Does anything arrive from this checkout, and does its signature hold? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["connectionId"], template: "CONNECTION#${connectionId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "SEEN" },
      },
    },
  },
  { table: anyTable },
);

export const sightingKey = (connectionId: string): Key => ({ pk: `CONNECTION#${connectionId}`, sk: "SEEN" });
