import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import type { Candidate, Inputs } from "../attribution/attribution.ts";
import { anyTable, service } from "../table/entity.ts";
import type { Attribution } from "./order.entity.ts";

/** Who began a subscription, and by what. Its payments are orders of their own and follow it. */
export const SubscriptionEntity = new Entity(
  {
    model: { entity: "subscription", version: "1", service },
    attributes: {
      namespace: { type: "string", required: true },
      /** The checkout's own id. */
      id: { type: "string", required: true },
      connectionId: { type: "string", required: true },
      /** The earliest time at which it is known to have begun. */
      beganAt: { type: "string", required: true },
      promotionCodeIds: { type: "list", items: { type: "string" } },
      codes: { type: "list", items: { type: "string" } },
      clickId: { type: "string" },
      earlierClickIds: { type: "list", items: { type: "string" } },
      customerKey: { type: "string" },
      /** Whether the checkout that began it was told of, or was looked for: nothing more will come. */
      complete: { type: "boolean", required: true },
      /** The decision, once everything is known that it rests on. */
      decidedAt: { type: "string" },
      attribution: { type: CustomAttributeType<Attribution>("any") },
      candidates: { type: CustomAttributeType<Candidate[]>("any") },
      inputs: { type: CustomAttributeType<Inputs>("any") },
      /** Since when a person's word on its first payment decides, and why: nothing that becomes known changes that. */
      corrected: { type: CustomAttributeType<{ at: string; reason: string }>("any") },
      /** The payment that counts as its first: the earliest of more than nothing. `place` is its time and id. */
      first: { type: CustomAttributeType<{ orderId: string; place: string }>("any") },
      /** Orders that wait for the decision. */
      waiting: { type: "list", items: { type: "string" } },
      endedAt: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      /** Whose payments are these? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["namespace", "id"], template: "SUB#${namespace}#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "SUB" },
      },
    },
  },
  { table: anyTable },
);
export type Subscription = EntityItem<typeof SubscriptionEntity>;
