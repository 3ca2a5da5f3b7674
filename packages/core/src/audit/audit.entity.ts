import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** One thing that somebody did. Before and after hold status, money and rules; of personal fields only the names. */
export const AuditEntity = new Entity(
  {
    model: { entity: "audit", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      subject: { type: "string", required: true },
      at: { type: "string", required: true },
      /** YYYY-MM of `at`. */
      month: { type: "string", required: true },
      actorKind: { type: ["person", "system", "public"] as const, required: true },
      actorId: { type: "string" },
      action: { type: "string", required: true },
      before: { type: "any" },
      after: { type: "any" },
      note: { type: "string" },
      requestId: { type: "string" },
    },
    indexes: {
      /** What happened to this thing? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["subject"], template: "AUDIT#${subject}" },
        sk: { field: "sk", casing: "none", composite: ["at", "id"], template: "${at}#${id}" },
      },
      /** What happened lately? By month, newest first. */
      byMonth: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["month"], template: "AUDITS#${month}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["at", "id"], template: "${at}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type AuditItem = EntityItem<typeof AuditEntity>;
