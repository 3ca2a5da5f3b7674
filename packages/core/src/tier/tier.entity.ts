import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** A step of the ladder. Read with the whole program partition, never alone. */
export const TierEntity = new Entity(
  {
    model: { entity: "tier", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      name: { type: "string", required: true },
      rateBp: { type: "number", required: true },
      position: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "PROGRAM" },
        sk: { field: "sk", casing: "none", composite: ["id"], template: "TIER#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type Tier = EntityItem<typeof TierEntity>;
