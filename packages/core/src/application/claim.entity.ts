import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/**
 * An address's claim to apply: at most one application is open for it, and after a decision it says from when on the
 * next one is welcome. Every step of an application that matters for this passes through the item's version.
 */
export const ClaimEntity = new Entity(
  {
    model: { entity: "claim", version: "1", service },
    attributes: {
      emailKey: { type: "string", required: true },
      /** The latest application of the address. */
      applicationId: { type: "string", required: true },
      state: { type: ["open", "closed"] as const, required: true },
      /** While the address is unconfirmed: from then on the application is open no more. */
      confirmBy: { type: "string" },
      /** When closed: the first day on which the address may apply again; absent where that is never. */
      reapplyOn: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      /** May this address apply? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["emailKey"], template: "EMAIL#${emailKey}" },
        sk: { field: "sk", casing: "none", composite: [], template: "APPLICATION" },
      },
    },
  },
  { table: anyTable },
);
export type Claim = EntityItem<typeof ClaimEntity>;

export const claimKey = (emailKey: string) => ({ pk: `EMAIL#${emailKey}`, sk: "APPLICATION" });
