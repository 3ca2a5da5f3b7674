import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** One mail with a link and a code. Neither is kept, only their hashes. */
export const SignInEntity = new Entity(
  {
    model: { entity: "signIn", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      personId: { type: "string", required: true },
      /** SHA-256 of the link's secret, hex. */
      tokenHash: { type: "string", required: true },
      /** A keyed hash: six digits alone could be found by trying. */
      codeHash: { type: "string", required: true },
      createdAt: { type: "string", required: true },
      /** Epoch ms, for conditions. */
      endsAtMs: { type: "number", required: true },
      /** Each is counted before anything is compared. */
      tries: { type: "number", required: true },
      usedAt: { type: "string" },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      /** Which sign-ins of this person are open? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: ["id"], template: "SIGNIN#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type SignIn = EntityItem<typeof SignInEntity>;
