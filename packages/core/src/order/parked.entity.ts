import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** That a refund or a dispute waits on an alias, and when its purchase is looked for next. Gone once the purchase is there. */
export const ParkedEntity = new Entity(
  {
    model: { entity: "parked", version: "1", service },
    attributes: {
      namespace: { type: "string", required: true },
      alias: { type: "string", required: true },
      /** Where its purchase is looked for. */
      connectionId: { type: "string", required: true },
      parkedAt: { type: "string", required: true },
      nextLookAt: { type: "string", required: true },
      /** So often it was looked for. */
      looks: { type: "number", required: true },
      /** When it had waited for so long that somebody was told. */
      alertedAt: { type: "string" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["namespace", "alias"], template: "ALIAS#${namespace}#${alias}" },
        sk: { field: "sk", casing: "none", composite: [], template: "PARKED" },
      },
      /** Whose purchase is to be looked for? The sweep. */
      due: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: [], template: "PARKED" },
        sk: {
          field: "gsi1sk",
          casing: "none",
          composite: ["nextLookAt", "namespace", "alias"],
          template: "${nextLookAt}#${namespace}#${alias}",
        },
      },
    },
  },
  { table: anyTable },
);
export type ParkedItem = EntityItem<typeof ParkedEntity>;
