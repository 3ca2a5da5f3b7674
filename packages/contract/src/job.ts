import * as z from "zod";
import { cursor, instant, pageOf } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { jobKinds, jobStates, rowOutcomes } from "./sets.ts";

/** Long work that goes on by itself: it survives a restart, and every row has exactly one result. */
export const Job = z
  .object({
    id: idSchema("job"),
    kind: z.enum(jobKinds),
    state: z.enum(jobStates),
    counts: z.object({
      total: z.int(),
      done: z.int(),
      refused: z.int().meta({
        description:
          "Rows that were not done, for a reason that each of them tells; of an import of customers, those who were known already",
      }),
    }),
    error: z.string().nullable().meta({ description: "Why it gave up, or why it waits for another try" }),
    createdAt: instant,
    createdBy: z.string().meta({ description: "The id of the person who began it" }),
    createdByName: z.string().nullable(),
    finishedAt: instant.nullable(),
    undoes: idSchema("job").nullable().meta({ description: "The job whose work this one takes back" }),
    undoneBy: idSchema("job").nullable(),
    undoForMs: z
      .int()
      .nullable()
      .meta({ description: "So many milliseconds from now it can still be undone; null where it can't" }),
  })
  .meta({ id: "Job" });
export type Job = z.infer<typeof Job>;

export const JobRow = z
  .object({
    row: z.int().meta({ description: "Its place in what was asked for, from 1" }),
    subject: z.string().meta({ description: "The id of what it is about" }),
    name: z.string().nullable().meta({ description: "Whom it is about, as a person reads it" }),
    outcome: z.enum(rowOutcomes),
    code: z.string().nullable().meta({ description: "Why it was refused, as a stable dotted code" }),
    message: z.string().nullable().meta({ description: "Why it was refused, in words" }),
  })
  .meta({ id: "JobRow" });
export type JobRow = z.infer<typeof JobRow>;

/** A job with the results there are so far, 100 a page. */
export const JobDetail = Job.extend({ rows: pageOf(JobRow) }).meta({ id: "JobDetail" });
export type JobDetail = z.infer<typeof JobDetail>;

export const JobAnswer = z.object({ job: Job }).meta({ id: "JobAnswer" });
export const GetJob = z.strictObject({ cursor: cursor.optional() });
