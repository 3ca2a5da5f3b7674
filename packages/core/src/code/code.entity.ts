import { ambassadorStatuses, codeStates } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/**
 * A promo code of one ambassador in one campaign. The item is its own constraint: the text, in upper case, is the key,
 * so no two codes differ by case alone. Codes are disabled, never deleted. Replaced as a whole, on its version.
 */
export const CodeEntity = new Entity(
  {
    model: { entity: "code", version: "1", service },
    attributes: {
      /** A–Z and 0–9, 3 to 20 characters. */
      code: { type: "string", required: true },
      ambassadorId: { type: "string", required: true },
      campaignId: { type: "string", required: true },
      /** Copies of the ambassador's, rewritten in the transaction that changes them, so that a sale reads one item. */
      tierId: { type: "string", required: true },
      ambassadorStatus: { type: [...ambassadorStatuses] as const, required: true },
      /** Also a copy: when the ambassador came in, which may be later than the code. Absent on what was made before it was kept. */
      joinedAt: { type: "string" },
      state: { type: [...codeStates] as const, required: true },
      /** Why it failed, in words. */
      stateReason: { type: "string" },
      primary: { type: "boolean", required: true },
      /** connection id → the checkout's own id of the code. */
      promotionCodes: { type: "any", required: true },
      /** So often a checkout has definitely refused it; a new try needs a new idempotency key. */
      refusals: { type: "number", required: true },
      createdAt: { type: "string", required: true },
      /** Where another code took its place: from when on it works no more, and which one did. Its link goes on to lead to the shop. */
      endsAt: { type: "string" },
      replacedBy: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      /** Whose code is this, and what does it give? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["code"], template: "CODE#${code}" },
        sk: { field: "sk", casing: "none", composite: [], template: "CODE" },
      },
      /** Which codes has this ambassador, the oldest first? */
      ofAmbassador: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["ambassadorId"], template: "AMBCODES#${ambassadorId}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["createdAt", "code"], template: "${createdAt}#${code}" },
      },
      /** Which ambassadors have no code that works, because a checkout does not take it? */
      failed: {
        index: "gsi2",
        condition: (item: { state?: string; primary?: boolean; ambassadorStatus?: string; endsAt?: string }) =>
          item.state === "failed" && item.primary === true && item.ambassadorStatus === "active" && !item.endsAt,
        pk: { field: "gsi2pk", casing: "none", composite: [], template: "CODES#failed" },
        sk: { field: "gsi2sk", casing: "none", composite: ["createdAt", "code"], template: "${createdAt}#${code}" },
      },
    },
  },
  { table: anyTable },
);
export type CodeItem = EntityItem<typeof CodeEntity>;

export const promotionCodesOf = (code: CodeItem): Record<string, string> =>
  code.promotionCodes as Record<string, string>;
