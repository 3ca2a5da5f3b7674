import { commissionStates } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** So many index partitions hold the commissions that wait for release; an ambassador's are all in one. */
export const dueShards = 4;

/** What one order earns its ambassador. Rate, base, rule version and release are frozen when it is made. */
export const CommissionEntity = new Entity(
  {
    model: { entity: "commission", version: "1", service },
    attributes: {
      ambassadorId: { type: "string", required: true },
      orderId: { type: "string", required: true },
      occurredAt: { type: "string", required: true },
      code: { type: "string" },
      currency: { type: "string", required: true },
      baseMinor: { type: "number", required: true },
      rateBp: { type: "number", required: true },
      tierId: { type: "string", required: true },
      rulesVersion: { type: "number", required: true },
      earnedMinor: { type: "number", required: true },
      reversedMinor: { type: "number", required: true },
      /** Where the money that is left stands: what a reversal takes it from. */
      place: { type: ["pending", "held", "available"] as const, required: true },
      /** `place`, or `reversed` once nothing is left. */
      state: { type: [...commissionStates] as const, required: true },
      releaseAt: { type: "string", required: true },
      releaseDay: { type: "string", required: true },
      shard: { type: "number", required: true },
      version: { type: "number", required: true },
    },
    indexes: {
      /** The commissions of an ambassador, by time of purchase. */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["ambassadorId"], template: "AMB#${ambassadorId}" },
        sk: {
          field: "sk",
          casing: "none",
          composite: ["occurredAt", "orderId"],
          template: "COM#${occurredAt}#${orderId}",
        },
      },
      /** Which commissions are due for release? The release job. */
      due: {
        index: "gsi1",
        condition: (item: { state?: string }) => item.state === "pending",
        pk: { field: "gsi1pk", casing: "none", composite: ["shard"], template: "DUE#${shard}" },
        sk: {
          field: "gsi1sk",
          casing: "none",
          composite: ["releaseAt", "ambassadorId", "orderId"],
          template: "${releaseAt}#${ambassadorId}#${orderId}",
        },
      },
    },
  },
  { table: anyTable },
);
export type Commission = EntityItem<typeof CommissionEntity>;
