import { jobKinds, jobStates, rowOutcomes } from "@laurel/contract";
import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

/** Long work, done in slices: where it stands, who holds it, what came of it so far. Replaced as a whole, on its fence. */
export const JobEntity = new Entity(
  {
    model: { entity: "job", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      kind: { type: [...jobKinds] as const, required: true },
      state: { type: [...jobStates] as const, required: true },
      /** So many rows are behind it. */
      cursor: { type: "number", required: true },
      /** Where the next slice begins in a list that is read as it goes, where the number does not tell. */
      after: { type: "string" },
      total: { type: "number", required: true },
      done: { type: "number", required: true },
      refused: { type: "number", required: true },
      /** Whoever holds the lease works; the fence rises with each claim, and only its holder may save. */
      leaseUntilMs: { type: "number" },
      fence: { type: "number", required: true },
      /** Claims since the last slice that was saved. */
      attempts: { type: "number", required: true },
      error: { type: "string" },
      createdAt: { type: "string", required: true },
      /** The person in whose name it works, or the program's own job. */
      createdBy: { type: "string", required: true },
      requestId: { type: "string", required: true },
      finishedAt: { type: "string" },
      /** So long after its end it can be undone; absent where it can't. */
      undoWithinMs: { type: "number" },
      undoes: { type: "string" },
      undoneBy: { type: "string" },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      /** How far is this job? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "JOB#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "JOB" },
      },
      /** Which jobs are not finished, the oldest first? The minute's work. */
      open: {
        index: "gsi1",
        condition: (item: { state?: string }) => item.state === "waiting" || item.state === "running",
        pk: { field: "gsi1pk", casing: "none", composite: [], template: "JOBS#open" },
        sk: { field: "gsi1sk", casing: "none", composite: ["createdAt", "id"], template: "${createdAt}#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type JobItem = EntityItem<typeof JobEntity>;

/** What a job was asked for. Written once; kept apart so that saving the cursor stays small. */
export const JobInputEntity = new Entity(
  {
    model: { entity: "jobInput", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      input: { type: "any", required: true },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "JOB#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "INPUT" },
      },
    },
  },
  { table: anyTable },
);

/** The result of one row, put if absent in the transaction that did it: each row has one, whoever ran and whatever crashed. */
export const JobRowEntity = new Entity(
  {
    model: { entity: "jobRow", version: "1", service },
    attributes: {
      jobId: { type: "string", required: true },
      /** From 000000. */
      place: { type: "string", required: true },
      subject: { type: "string", required: true },
      outcome: { type: [...rowOutcomes] as const, required: true },
      code: { type: "string" },
      message: { type: "string" },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      /** What came of this job's rows, in their order? */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["jobId"], template: "JOB#${jobId}" },
        sk: { field: "sk", casing: "none", composite: ["place"], template: "ROW#${place}" },
      },
    },
  },
  { table: anyTable },
);
export type JobRowItem = EntityItem<typeof JobRowEntity>;

export const jobKey = (id: string) => ({ pk: `JOB#${id}`, sk: "JOB" });
export const jobInputKey = (id: string) => ({ pk: `JOB#${id}`, sk: "INPUT" });
export const placeOf = (row: number): string => String(row).padStart(6, "0");
export const jobRowKey = (id: string, row: number) => ({ pk: `JOB#${id}`, sk: `ROW#${placeOf(row)}` });
