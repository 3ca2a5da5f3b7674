import { correctionKinds, correctionStates } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/** A person's word on whose an order is: applied at once, or waiting for a second person. Replaced as a whole, on its version. */
export const CorrectionEntity = new Entity(
  {
    model: { entity: "correction", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      orderId: { type: "string", required: true },
      orderNumber: { type: "string" },
      kind: { type: [...correctionKinds] as const, required: true },
      currency: { type: "string", required: true },
      /** Whose it was and whose it is to be; absent for nobody. */
      fromAmbassadorId: { type: "string" },
      toAmbassadorId: { type: "string" },
      reason: { type: "string", required: true },
      /** What the order earns before refunds, at the higher of both rates. */
      stakeMinor: { type: "number", required: true },
      state: { type: [...correctionStates] as const, required: true },
      proposedAt: { type: "string", required: true },
      proposedBy: { type: "string", required: true },
      decidedAt: { type: "string" },
      decidedBy: { type: "string" },
      /** Why it was rejected. */
      note: { type: "string" },
      /** The claim that asked for it. */
      claimId: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "CORRECTION#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "CORRECTION" },
      },
      /** Which corrections wait for a second person, or were made, the newest first? */
      byState: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["state"], template: "CORRECTIONS#${state}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["proposedAt", "id"], template: "${proposedAt}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type CorrectionItem = EntityItem<typeof CorrectionEntity>;

/** That a correction of an order waits: there is one at a time. */
export const WaitingCorrectionEntity = new Entity(
  {
    model: { entity: "waitingCorrection", version: "1", service },
    attributes: {
      orderId: { type: "string", required: true },
      correctionId: { type: "string", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["orderId"], template: "ORDER#${orderId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "CORRECTION" },
      },
    },
  },
  { table: anyTable },
);

export const correctionKey = (id: string): Key => ({ pk: `CORRECTION#${id}`, sk: "CORRECTION" });
export const waitingKey = (orderId: string): Key => ({ pk: `ORDER#${orderId}`, sk: "CORRECTION" });
