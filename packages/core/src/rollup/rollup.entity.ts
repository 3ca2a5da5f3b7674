import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** No default: an upsert would write it over the sum. What is absent is 0. */
const sum = { type: "number" } as const;

/** A day's figures of the program or of one ambassador, in one currency, added up from facts. Screens read these and scan nothing. */
export const RollupEntity = new Entity(
  {
    model: { entity: "rollup", version: "1", service },
    attributes: {
      /** `program` or an ambassador's id. */
      scope: { type: "string", required: true },
      day: { type: "string", required: true },
      /** ISO 4217, or `-` for what has none, such as clicks. */
      currency: { type: "string", required: true },
      sales: sum,
      earnedMinor: sum,
      reversedMinor: sum,
      releasedMinor: sum,
      clicks: sum,
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["scope"], template: "ROLL#${scope}" },
        sk: { field: "sk", casing: "none", composite: ["day", "currency"], template: "${day}#${currency}" },
      },
    },
  },
  { table: anyTable },
);
export type Rollup = EntityItem<typeof RollupEntity>;

/** That a fact was counted. Kept longer than a stream keeps its records. */
export const RolledEntity = new Entity(
  {
    model: { entity: "rolled", version: "1", service },
    attributes: { factId: { type: "string", required: true }, expiresAtEpochS: { type: "number", required: true } },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["factId"], template: "ROLLED#${factId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "ROLLED" },
      },
    },
  },
  { table: anyTable },
);
