import { ambassadorStatuses } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/**
 * A checkout's promotion code and what a sale needs to know of it, so that attributing takes one read.
 * Its copies of the ambassador are rewritten in the transaction that changes them.
 */
export const PromoEntity = new Entity(
  {
    model: { entity: "promo", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      promotionCodeId: { type: "string", required: true },
      /** False for a code that the shop made for itself: remembered so that it is looked up once. */
      ours: { type: "boolean", required: true },
      code: { type: "string" },
      ambassadorId: { type: "string" },
      campaignId: { type: "string" },
      /** These three are absent on a promotion code that no code names as its own: a sale then reads the code itself. */
      tierId: { type: "string" },
      ambassadorStatus: { type: [...ambassadorStatuses] as const },
      joinedAt: { type: "string" },
      /** A copy of the code's own. */
      endsAt: { type: "string" },
    },
    indexes: {
      primary: {
        pk: {
          field: "pk",
          casing: "none",
          composite: ["connectionId", "promotionCodeId"],
          template: "PROMO#${connectionId}#${promotionCodeId}",
        },
        sk: { field: "sk", casing: "none", composite: [], template: "PROMO" },
      },
    },
  },
  { table: anyTable },
);
export type Promo = EntityItem<typeof PromoEntity>;

export const promoKey = (connectionId: string, id: string) => ({ pk: `PROMO#${connectionId}#${id}`, sk: "PROMO" });
