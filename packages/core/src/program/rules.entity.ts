import { CustomAttributeType, Entity } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { StoredRules } from "./rules.ts";

/** One version of the rules, as it was in force from `savedAt` on; never changed. Apart from the program, which is read all the time. */
export const RulesEntity = new Entity(
  {
    model: { entity: "rules", version: "1", service },
    attributes: {
      /** The version, six digits. */
      place: { type: "string", required: true },
      rules: { type: CustomAttributeType<StoredRules>("any"), required: true },
      savedAt: { type: "string", required: true },
      /** The person's id; absent where the program itself did it, and in older versions. */
      savedBy: { type: "string" },
    },
    indexes: {
      /** Which rules were in force? All of them by version, or one. */
      primary: {
        pk: { field: "pk", casing: "none", composite: [], template: "RULES" },
        sk: { field: "sk", casing: "none", composite: ["place"], template: "${place}" },
      },
    },
  },
  { table: anyTable },
);
