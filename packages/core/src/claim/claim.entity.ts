import { claimStates } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/** An ambassador's word that an order should be theirs. Replaced as a whole, on its version. What they wrote stands apart. */
export const OrderClaimEntity = new Entity(
  {
    model: { entity: "orderClaim", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      ambassadorId: { type: "string", required: true },
      personId: { type: "string", required: true },
      orderNumber: { type: "string", required: true },
      /** YYYY-MM-DD in the program's time zone. */
      orderedOn: { type: "string", required: true },
      state: { type: [...claimStates] as const, required: true },
      createdAt: { type: "string", required: true },
      /** YYYY-MM-DD. */
      dueOn: { type: "string", required: true },
      decidedAt: { type: "string" },
      decidedBy: { type: "string" },
      /** Why it was decided so; the ambassador reads it. */
      reason: { type: "string" },
      /** The order that it was approved with, or would be. */
      orderId: { type: "string" },
      /** The correction that waits for a second person. */
      correctionId: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "CLAIM#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "CLAIM" },
      },
      /** What has this ambassador claimed, the newest first? */
      byAmbassador: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["ambassadorId"], template: "AMBCLAIMS#${ambassadorId}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["createdAt", "id"], template: "${createdAt}#${id}" },
      },
      /** Which claims are open, the one that is due first at the top? */
      byState: {
        index: "gsi2",
        pk: { field: "gsi2pk", casing: "none", composite: ["state"], template: "CLAIMS#${state}" },
        sk: { field: "gsi2sk", casing: "none", composite: ["dueOn", "id"], template: "${dueOn}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type ClaimItem = EntityItem<typeof OrderClaimEntity>;

/** What an ambassador wrote for a claim: their own words, which may speak of anybody. Erased with the person. */
export const EvidenceEntity = new Entity(
  {
    model: { entity: "evidence", version: "1", service },
    attributes: {
      personId: { type: "string", required: true },
      claimId: { type: "string", required: true },
      text: { type: "string", required: true },
      link: { type: "string" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: ["claimId"], template: "CLAIM#${claimId}" },
      },
    },
  },
  { table: anyTable },
);

/** That an ambassador has an open claim about an order: one is enough. */
export const OpenClaimEntity = new Entity(
  {
    model: { entity: "openClaim", version: "1", service },
    attributes: {
      ambassadorId: { type: "string", required: true },
      orderedOn: { type: "string", required: true },
      numberKey: { type: "string", required: true },
      claimId: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["ambassadorId"], template: "AMB#${ambassadorId}" },
        sk: {
          field: "sk",
          casing: "none",
          composite: ["orderedOn", "numberKey"],
          template: "CLAIMED#${orderedOn}#${numberKey}",
        },
      },
    },
  },
  { table: anyTable },
);

export const claimKey = (id: string): Key => ({ pk: `CLAIM#${id}`, sk: "CLAIM" });
export const evidenceKey = (personId: string, claimId: string): Key => ({
  pk: `PERSON#${personId}`,
  sk: `CLAIM#${claimId}`,
});
export const openClaimKey = (ambassadorId: string, orderedOn: string, numberKey: string): Key => ({
  pk: `AMB#${ambassadorId}`,
  sk: `CLAIMED#${orderedOn}#${numberKey}`,
});
