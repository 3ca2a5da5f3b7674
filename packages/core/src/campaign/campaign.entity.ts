import { campaignObjectives } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** A push with an offer for customers. Read with the whole program partition, never alone. */
export const CampaignEntity = new Entity(
  {
    model: { entity: "campaign", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      name: { type: "string", required: true },
      objective: { type: [...campaignObjectives] as const, required: true },
      /** The customer's discount in whole percent; it is also the number in the code's text. */
      percentOff: { type: "number", required: true },
      /** The coupon's id at every checkout; the same everywhere, so that making it twice is found out. */
      couponId: { type: "string", required: true },
      landingUrl: { type: "string", required: true },
      isDefault: { type: "boolean", required: true },
      /** YYYY-MM-DD in the program's time zone, its first day and its last; absent for always. */
      startsOn: { type: "string" },
      endsOn: { type: "string" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "PROGRAM" },
        sk: { field: "sk", casing: "none", composite: ["id"], template: "CAMPAIGN#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type Campaign = EntityItem<typeof CampaignEntity>;

/** What the customer gets, in words. */
export const offerOf = (campaign: Campaign): string => `${campaign.percentOff}% off`;
