import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import type { StoredResult } from "./figures.ts";

/**
 * What a simulation has to remember from one slice to the next: the entries that one slice made or changed, gzipped, in as
 * many chunks as they take. All slices together, in their order, are the whole memory.
 */
export const SimulationMemoryEntity = new Entity(
  {
    model: { entity: "simulationMemory", version: "1", service },
    attributes: {
      jobId: { type: "string", required: true },
      /** The slice and the chunk, six digits each. */
      place: { type: "string", required: true },
      /** How many chunks the slice has. */
      chunks: { type: "number", required: true },
      entries: { type: "any", required: true },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      /** What does this simulation remember? All of it, slice by slice. */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["jobId"], template: "JOB#${jobId}" },
        sk: { field: "sk", casing: "none", composite: ["place"], template: "MEMORY#${place}" },
      },
    },
  },
  { table: anyTable },
);

/** What came of a simulation. Ids alone: names are put in when it is shown. */
export const SimulationResultEntity = new Entity(
  {
    model: { entity: "simulationResult", version: "1", service },
    attributes: {
      jobId: { type: "string", required: true },
      result: { type: CustomAttributeType<StoredResult>("any"), required: true },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      /** What would other rules have done? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["jobId"], template: "JOB#${jobId}" },
        sk: { field: "sk", casing: "none", composite: [], template: "RESULT" },
      },
    },
  },
  { table: anyTable },
);
export type SimulationResultItem = EntityItem<typeof SimulationResultEntity>;

export const resultKey = (jobId: string) => ({ pk: `JOB#${jobId}`, sk: "RESULT" });
