import type { Job, JobDetail } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import {
  doneRows,
  findJob,
  finished,
  type JobItem,
  JobRowEntity,
  newJob,
  replaceJob,
  serializeRow,
  shown,
  undoForMs,
} from "../job/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { parse } from "../table/entity.ts";
import { listPage } from "../table/read.ts";
import { kinds } from "./kinds.ts";

const pageSize = 100;
const tries = 3;

/** A job with the results there are so far, in the order in which they were asked for. @throws AppError not_found */
export async function get(
  ctx: Context,
  id: string,
  { cursor }: { cursor?: string | undefined } = {},
): Promise<JobDetail> {
  authorize(ctx.actor, "job.read");
  const page = await listPage(ctx.table, [{ pk: `JOB#${id}`, skPrefix: "ROW#" }], {
    cursor,
    newestFirst: false,
    limit: pageSize,
    hydrate: async (items) => items.map((item) => parse(JobRowEntity, item)),
  });
  const job = await existing(ctx, id);
  const names = await kinds[job.kind].names(
    ctx,
    page.items.map((row) => row.subject),
  );
  const rows = { items: page.items.map((row) => serializeRow(row, names)), cursor: page.cursor };
  return { ...(await shown(ctx, job)), rows };
}

/**
 * Begins a job that takes back what a finished one did, row by row, each as far as it still can be. Once.
 * @throws AppError not_found; conflict while it is not finished, where there is nothing to undo, where it was undone
 * before, or too late
 */
export async function undo(ctx: Context, id: string): Promise<{ job: Job }> {
  authorize(ctx.actor, "application.decide");
  const before = await remembered<{ jobId: string }>(ctx);
  if (before) return { job: await shown(ctx, await existing(ctx, before.result.jobId)) };
  for (let attempt = 0; attempt < tries; attempt++) {
    const read = await existing(ctx, id);
    const kind = kinds[read.kind];
    authorize(ctx.actor, kind.permission);
    const refused = refusal(read, ctx.now());
    if (refused || !kind.undo) throw refused ?? notUndoable();
    const rows = await doneRows(ctx, read);
    const what = kind.undo(
      read,
      rows.map((row) => row.subject),
    );
    const { job, writes } = newJob(ctx, { ...what, total: rows.length, undoes: id });
    const done = await commit(
      ctx,
      [
        ...writes,
        replaceJob(ctx, read, { undoneBy: job.id, fence: read.fence + 1 }).write,
        recordAudit(ctx, { action: "job.undo_started", subject: id, after: { jobId: job.id, rows: rows.length } }),
      ],
      { jobId: job.id },
    );
    if (done.ok) return { job: await shown(ctx, job) };
  }
  throw new AppError("unavailable", "job.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
}

function refusal(job: JobItem, now: Date): AppError | undefined {
  const conflict = (code: string, message: string) => new AppError("conflict", code, message);
  if (job.undoWithinMs === undefined) return notUndoable();
  if (job.undoneBy)
    return conflict("job.already_undone", "This was undone already. Open the newer job to see how far that is.");
  if (!finished(job))
    return conflict("job.not_finished", "This is still running. Wait until it is finished, then undo it.");
  if (job.done === 0) return conflict("job.nothing_to_undo", "Nothing was done here, so there is nothing to undo.");
  if (undoForMs(job, now) === null)
    return conflict("job.undo_too_late", "This could be undone for 10 minutes, and those are over.");
  return undefined;
}

const notUndoable = () => new AppError("conflict", "job.not_undoable", "This kind of work can't be undone as a whole.");

async function existing(ctx: Context, id: string): Promise<JobItem> {
  const job = await findJob(ctx, id);
  if (!job) throw notFound();
  return job;
}
