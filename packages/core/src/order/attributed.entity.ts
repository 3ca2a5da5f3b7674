import { Entity } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/**
 * Stands where an order was attributed to an ambassador whose approval could still be undone. An order's own items name its
 * time, its id or its currency in their keys, so an undo could not make sure of their absence; of this one's it can. Its
 * transaction checks that there is none, so of a sale and an undo at the same moment the second one knows of the first.
 */
export const AttributedEntity = new Entity(
  {
    model: { entity: "attributed", version: "1", service },
    attributes: {
      ambassadorId: { type: "string", required: true },
      /** When it was last written. */
      at: { type: "string", required: true },
    },
    indexes: {
      /** Is an order attributed to this ambassador, who came in a moment ago? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["ambassadorId"], template: "AMB#${ambassadorId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "ATTRIBUTED" },
      },
    },
  },
  { table: anyTable },
);
