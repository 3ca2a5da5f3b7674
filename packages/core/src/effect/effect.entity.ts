import { effectStates } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** So many index partitions hold the effects that wait, so that no one of them grows hot. */
export const effectShards = 4;

/**
 * Something to be done outside, written in the transaction that decided it. It holds ids, never personal data:
 * what a mail says is read when it is sent.
 */
export const EffectEntity = new Entity(
  {
    model: { entity: "effect", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      kind: { type: "string", required: true },
      /** The id or code of what it is about. */
      subject: { type: "string", required: true },
      data: { type: "any" },
      state: { type: [...effectStates] as const, required: true },
      attempts: { type: "number", required: true },
      createdAt: { type: "string", required: true },
      /** Set from birth, so that a lost stream record is found by the sweep. */
      nextAttemptAt: { type: "string", required: true },
      /** Nobody begins before: until then it can be cancelled. */
      notBefore: { type: "string" },
      /** Whoever holds the lease runs it; the fence rises with each claim, and only its holder may record the end. */
      leaseUntilMs: { type: "number" },
      fence: { type: "number", required: true },
      /** Why the last try failed, or why it was skipped. */
      lastError: { type: "string" },
      /** Of a skipped mail: whose mailbox it was for. */
      personId: { type: "string" },
      shard: { type: "number", required: true },
      expiresAtEpochS: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "EFFECT#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "EFFECT" },
      },
      /** Which effects are due? The sweep. */
      due: {
        index: "gsi1",
        condition: (item: { state?: string }) => item.state === "waiting",
        pk: { field: "gsi1pk", casing: "none", composite: ["shard"], template: "EFFECTS#waiting#${shard}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["nextAttemptAt", "id"], template: "${nextAttemptAt}#${id}" },
      },
      /** Which effects are dead, and which were skipped? The marketer. */
      ended: {
        index: "gsi2",
        condition: (item: { state?: string }) => item.state === "dead" || item.state === "skipped",
        pk: { field: "gsi2pk", casing: "none", composite: ["state"], template: "EFFECTS#${state}" },
        sk: { field: "gsi2sk", casing: "none", composite: ["nextAttemptAt", "id"], template: "${nextAttemptAt}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type EffectItem = EntityItem<typeof EffectEntity>;
