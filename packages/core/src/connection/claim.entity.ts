import { Entity } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/**
 * An account or shop is connected once: the item is the constraint, and tells which connection it was and will be again.
 * It stays when the connection ends.
 */
export const ConnectionClaimEntity = new Entity(
  {
    model: { entity: "connectionClaim", version: "1", service },
    attributes: {
      namespace: { type: "string", required: true },
      connectionId: { type: "string", required: true },
    },
    indexes: {
      /** Which connection is this account's? */
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "PROGRAM" },
        sk: { field: "sk", casing: "none", composite: ["namespace"], template: "ACCOUNT#${namespace}" },
      },
    },
  },
  { table: anyTable },
);

export const claimKey = (namespace: string): Key => ({ pk: "PROGRAM", sk: `ACCOUNT#${namespace}` });
