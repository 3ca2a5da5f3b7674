import { ambassadorStatuses } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** An approved person. Name, address and country are the person's own (`PERSON#` items). Replaced as a whole, on its version. */
export const AmbassadorEntity = new Entity(
  {
    model: { entity: "ambassador", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      personId: { type: "string", required: true },
      /** By which they came in. */
      applicationId: { type: "string", required: true },
      status: { type: [...ambassadorStatuses] as const, required: true },
      /** Why the status is so: `approval_undone`. */
      statusReason: { type: "string" },
      tierId: { type: "string", required: true },
      niche: { type: "string", required: true },
      /** The code that is shown first. */
      primaryCode: { type: "string", required: true },
      /** When they chose a code of their own, which they may do once; absent again where a checkout refused it. */
      ownCodeAt: { type: "string" },
      ownCode: { type: "string" },
      /** The primary code before; kept until every checkout has the own one, since until then it may have to step back in. */
      codeBefore: { type: "string" },
      joinedAt: { type: "string", required: true },
      version: { type: "number", required: true },
    },
    indexes: {
      /** Who is this ambassador? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "AMB#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "AMBASSADOR" },
      },
      /** Which ambassadors are in this state, the newest first? */
      byStatus: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["status"], template: "AMBS#${status}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["joinedAt", "id"], template: "${joinedAt}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type AmbassadorItem = EntityItem<typeof AmbassadorEntity>;

export const ambassadorKey = (id: string) => ({ pk: `AMB#${id}`, sk: "AMBASSADOR" });
