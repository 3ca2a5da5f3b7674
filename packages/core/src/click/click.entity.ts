import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** One visit by an ambassador's link: nothing about the visitor. */
export const ClickEntity = new Entity(
  {
    model: { entity: "click", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      code: { type: "string", required: true },
      ambassadorId: { type: "string", required: true },
      at: { type: "string", required: true },
      /** The name of what a paid advertisement added to the link (`gclid`); the id itself is not kept. */
      ads: { type: "string" },
      /** The coupon site that it came from; no other site is kept. */
      couponSite: { type: "string" },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "CLICK#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "CLICK" },
      },
    },
  },
  { table: anyTable },
);
export type Click = EntityItem<typeof ClickEntity>;
