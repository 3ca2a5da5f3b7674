import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** A buyer, known by a keyed hash of the e-mail address only. */
export const CustomerEntity = new Entity(
  {
    model: { entity: "customer", version: "1", service },
    attributes: {
      key: { type: "string", required: true },
      /** Absent for one who is known by an import only. */
      firstOrderId: { type: "string" },
      orderCount: { type: "number", required: true },
      /** Their paid orders by when they were placed, oldest first: `time#id`. The latest ones only, and none from before this was kept. */
      orders: { type: "list", items: { type: "string" } },
      /** The code whose ambassador this customer belongs to, from the first attributed order on. */
      boundCode: { type: "string" },
      boundAmbassadorId: { type: "string" },
      /** When the order was placed that bound them, and which it was: a decision about it that changes changes the binding. */
      boundAt: { type: "string" },
      boundBy: { type: "string" },
      /** When an import said that they had bought before. */
      importedAt: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["key"], template: "CUS#${key}" },
        sk: { field: "sk", casing: "none", composite: [], template: "CUSTOMER" },
      },
    },
  },
  { table: anyTable },
);
export type Customer = EntityItem<typeof CustomerEntity>;
