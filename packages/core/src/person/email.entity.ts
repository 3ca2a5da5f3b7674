import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** One e-mail address belongs to one person: the item is the constraint and the look-up at once. Its key is a keyed hash. */
export const EmailEntity = new Entity(
  {
    model: { entity: "email", version: "1", service },
    attributes: {
      emailKey: { type: "string", required: true },
      personId: { type: "string", required: true },
    },
    indexes: {
      /** Whose address is this? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["emailKey"], template: "EMAIL#${emailKey}" },
        sk: { field: "sk", casing: "none", composite: [], template: "PERSON" },
      },
    },
  },
  { table: anyTable },
);
export type EmailItem = EntityItem<typeof EmailEntity>;
