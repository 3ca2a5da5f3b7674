import { Entity } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/** That the first steps were all taken once. Written once, and never taken back. */
export const SetupEntity = new Entity(
  {
    model: { entity: "setup", version: "1", service },
    attributes: { finishedAt: { type: "string", required: true } },
    indexes: {
      /** Are the first steps behind us? */
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "PROGRAM" },
        sk: { field: "sk", casing: "none", composite: [], template: "SETUP" },
      },
    },
  },
  { table: anyTable },
);

export const setupKey: Key = { pk: "PROGRAM", sk: "SETUP" };
