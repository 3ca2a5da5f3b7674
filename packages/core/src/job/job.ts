import type { Job, JobKindName, JobRow } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { epochS } from "../kernel/time.ts";
import { type Write, write } from "../table/transact.ts";
import { JobEntity, JobInputEntity, type JobItem, type JobRowItem } from "./job.entity.ts";

const keptS = 90 * 86_400;

/** What one slice did. */
export interface Progress {
  /** Where the next slice begins. */
  cursor: number;
  after?: string | undefined;
  /** Whether there is no next one. */
  done: boolean;
  counts: { done: number; refused: number };
}

/**
 * The writes of a new job, for the transaction that decides it. The stream's consumer begins with it at once, and the
 * minute's work goes on with it.
 * @param input whatever the kind's slices need, ids above all; at most 300 KB
 * @param undoWithinMs so long after its end it can be undone; never without
 */
export function newJob(
  ctx: Context,
  {
    kind,
    input,
    total,
    undoWithinMs,
    undoes,
  }: { kind: JobKindName; input: unknown; total: number; undoWithinMs?: number; undoes?: string },
): { job: JobItem; writes: Write[] } {
  const { actor } = ctx;
  const at = { table: ctx.table.name };
  const id = ctx.newId("job");
  const expiresAtEpochS = epochS(ctx.now()) + keptS;
  const job: JobItem = {
    id,
    kind,
    state: "waiting",
    cursor: 0,
    total,
    done: 0,
    refused: 0,
    fence: 0,
    attempts: 0,
    createdAt: ctx.now().toISOString(),
    createdBy: actor.kind === "person" ? actor.personId : actor.kind === "system" ? actor.name : "public",
    requestId: ctx.requestId,
    undoWithinMs,
    undoes,
    expiresAtEpochS,
  };
  return {
    job,
    writes: [
      write.put(id, JobEntity.create(job).params(at)),
      write.put("job.input", JobInputEntity.create({ id, input, expiresAtEpochS }).params(at)),
    ],
  };
}

/** Replaces a job, unless a later claim has taken it over. */
export const replaceJob = (ctx: Context, read: JobItem, changes: Partial<JobItem>): { next: JobItem; write: Write } => {
  const next: JobItem = { ...read, ...changes };
  return {
    next,
    write: write.put(
      "job",
      JobEntity.put(next)
        .where((attributes, operation) => operation.eq(attributes.fence, read.fence))
        .params({ table: ctx.table.name }),
    ),
  };
};

export const finished = (job: JobItem): boolean => job.state === "done" || job.state === "failed";

/** How long a job can still be undone; null where it can't. What was done first may be settled a little earlier. */
export function undoForMs(job: JobItem, now: Date): number | null {
  if (!job.finishedAt || job.undoWithinMs === undefined || job.undoneBy || job.done === 0) return null;
  const left = Date.parse(job.finishedAt) + job.undoWithinMs - now.getTime();
  return left > 0 ? left : null;
}

export const serialize = (job: JobItem, names: ReadonlyMap<string, string>, now: Date): Job => ({
  id: job.id,
  kind: job.kind,
  state: job.state,
  counts: { total: job.total, done: job.done, refused: job.refused },
  error: job.error ?? null,
  createdAt: job.createdAt,
  createdBy: job.createdBy,
  createdByName: names.get(job.createdBy) ?? null,
  finishedAt: job.finishedAt ?? null,
  undoes: job.undoes ?? null,
  undoneBy: job.undoneBy ?? null,
  undoForMs: undoForMs(job, now),
});

export const serializeRow = (row: JobRowItem, names: ReadonlyMap<string, string>): JobRow => ({
  row: Number(row.place) + 1,
  subject: row.subject,
  name: names.get(row.subject) ?? null,
  outcome: row.outcome,
  code: row.code ?? null,
  message: row.message ?? null,
});
