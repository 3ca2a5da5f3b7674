import { flagRules, flagSeverities, flagStates } from "@laurel/contract";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Evidence } from "./rule.ts";

/**
 * A fraud signal on one order: it holds what the order earns while it is open. One of a rule for each order and ambassador,
 * by an id that follows from them. Its evidence is counts and times; no address and no hash of one is in it.
 */
export const FlagEntity = new Entity(
  {
    model: { entity: "flag", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      orderId: { type: "string", required: true },
      /** Whose the order was when it was raised. */
      ambassadorId: { type: "string", required: true },
      code: { type: "string" },
      rule: { type: [...flagRules] as const, required: true },
      severity: { type: [...flagSeverities] as const, required: true },
      evidence: { type: CustomAttributeType<Evidence>("any"), required: true },
      state: { type: [...flagStates] as const, required: true },
      raisedAt: { type: "string", required: true },
      /** The person who raised it by hand. */
      raisedBy: { type: "string" },
      expiresAt: { type: "string", required: true },
      /** What its state's list is sorted by: when an open one expires, when an ended one ended. */
      listedAt: { type: "string", required: true },
      resolvedAt: { type: "string" },
      /** A person; absent where it expired. */
      resolvedBy: { type: "string" },
      reason: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "FLAG#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "FLAG" },
      },
      /** Which flags are open, the one that expires first first (the inbox, and the sweep)? Which have ended so? */
      byState: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["state"], template: "FLAGS#${state}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["listedAt", "id"], template: "${listedAt}#${id}" },
      },
      /** Which flags of this state are about this ambassador's orders? */
      byAmbassador: {
        index: "gsi2",
        pk: { field: "gsi2pk", casing: "none", composite: ["ambassadorId"], template: "AMBFLAGS#${ambassadorId}" },
        sk: {
          field: "gsi2sk",
          casing: "none",
          composite: ["state", "listedAt", "id"],
          template: "${state}#${listedAt}#${id}",
        },
      },
    },
  },
  { table: anyTable },
);
export type FlagItem = EntityItem<typeof FlagEntity>;

export const flagKey = (id: string) => ({ pk: `FLAG#${id}`, sk: "FLAG" });
