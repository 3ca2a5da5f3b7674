import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { type JobItem, JobRowEntity, type JobRowItem, jobRowKey, placeOf } from "./job.entity.ts";
import type { Progress } from "./job.ts";

/** So many rows are behind the cursor at once: a slice is short against the lease. */
const sliceSize = 20;
const atOnce = 4;

/** Refusals that are a row's result. Anything else concerns the job, or passes. */
const results = new Set(["conflict", "rejected", "not_found", "invalid"]);

type Outcome = JobRowItem["outcome"];

/** The write of a row's result that says more. */
export type Tell = (what: Pick<JobRowItem, "outcome" | "code" | "message">) => Write;

/**
 * One slice of a job that does the same to many things. Rows that have a result already are left alone, so a slice may
 * be repeated, and two runners at once still give each row one result.
 * @param work does one row in one transaction that holds the given write as well: the row's result, put if absent. Where there
 * is more to tell than that it was done, `tell` gives the write instead, and the outcome is what it returns
 */
export async function workRows(
  ctx: Context,
  job: JobItem,
  subjects: readonly string[],
  work: (subject: string, result: Write, tell: Tell) => Promise<unknown>,
): Promise<Progress> {
  const rows = subjects
    .slice(job.cursor, job.cursor + sliceSize)
    .map((subject, at) => ({ row: job.cursor + at, subject }));
  const there = await getItems(
    ctx.table,
    rows.map(({ row }) => jobRowKey(job.id, row)),
  );
  const outcomes: Outcome[] = [];
  for (let at = 0; at < rows.length; at += atOnce) {
    // All of them end before one that failed is told, so that nothing goes on behind the job's back.
    const settled = await Promise.allSettled(
      rows.slice(at, at + atOnce).map(({ row, subject }, index) => {
        const before = parse(JobRowEntity, there[at + index]);
        return before ? before.outcome : workRow(ctx, job, row, subject, work);
      }),
    );
    for (const each of settled) {
      if (each.status === "rejected") throw each.reason;
      outcomes.push(each.value);
    }
  }
  const done = outcomes.filter((outcome) => outcome === "done").length;
  const cursor = job.cursor + rows.length;
  return { cursor, done: cursor >= subjects.length, counts: { done, refused: outcomes.length - done } };
}

async function workRow(
  ctx: Context,
  job: JobItem,
  row: number,
  subject: string,
  work: (subject: string, result: Write, tell: Tell) => Promise<unknown>,
): Promise<Outcome> {
  try {
    const came = await work(subject, result(ctx, job, row, { subject, outcome: "done" }), (what) =>
      result(ctx, job, row, { subject, ...what }),
    );
    return came === "refused" ? "refused" : "done";
  } catch (error) {
    if (!(error instanceof AppError) || !results.has(error.kind)) throw error;
    const { code, message } = error;
    const written = await transact(ctx.table, [result(ctx, job, row, { subject, outcome: "refused", code, message })]);
    if (written.ok) return "refused";
    // Another runner was first, and what it refuses now may be what that one did.
    return parse(JobRowEntity, written.refusals[0]?.item)!.outcome;
  }
}

const result = (
  ctx: Context,
  job: JobItem,
  row: number,
  what: Pick<JobRowItem, "subject" | "outcome" | "code" | "message">,
): Write =>
  write.put(
    "job.row",
    JobRowEntity.create({
      jobId: job.id,
      place: placeOf(row),
      expiresAtEpochS: job.expiresAtEpochS,
      ...what,
    }).params({ table: ctx.table.name }),
  );
