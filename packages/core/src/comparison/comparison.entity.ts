import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";

/** When what came from a checkout was last compared with the checkout's own list, and what was found. */
export const ComparisonEntity = new Entity(
  {
    model: { entity: "comparison", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      /** The job that was begun last. */
      jobId: { type: "string", required: true },
      begunAt: { type: "string", required: true },
      /** Of the last one that came to its end: until when all that happened is here, … */
      comparedUntil: { type: "string" },
      completedAt: { type: "string" },
      completedJobId: { type: "string" },
      /** … how much there was to see, and how much of it had not come here. */
      seen: { type: "number" },
      found: { type: "number" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["connectionId"], template: "COMPARISON#${connectionId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "COMPARISON" },
      },
    },
  },
  { table: anyTable },
);
export type Comparison = EntityItem<typeof ComparisonEntity>;

export const comparisonKey = (connectionId: string): Key => ({ pk: `COMPARISON#${connectionId}`, sk: "COMPARISON" });
