import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** One sign-in of one person on one device. The secret itself is only in the cookie. */
export const SessionEntity = new Entity(
  {
    model: { entity: "session", version: "1", service },
    attributes: {
      personId: { type: "string", required: true },
      /** SHA-256 of the secret, hex. */
      hash: { type: "string", required: true },
      /** The person's access version at sign-in; a rise of it ends the session. */
      accessVersion: { type: "number", required: true },
      createdAt: { type: "string", required: true },
      /** Kept up to 10 minutes late. */
      lastSeenAt: { type: "string", required: true },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      /** Is this session good? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["personId"], template: "PERSON#${personId}" },
        sk: { field: "sk", casing: "none", composite: ["hash"], template: "SESSION#${hash}" },
      },
    },
  },
  { table: anyTable },
);
export type Session = EntityItem<typeof SessionEntity>;
