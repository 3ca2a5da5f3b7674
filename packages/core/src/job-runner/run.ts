import { findJob, finished, type JobItem, replaceJob } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { authorize } from "../kernel/permission.ts";
import { findPerson } from "../person/index.ts";
import { actorOf } from "../session/index.ts";
import { queryPage } from "../table/read.ts";
import { transact } from "../table/transact.ts";
import { kinds } from "./kinds.ts";

/** Long against a slice, and short against somebody's patience: after a crash the job goes on once it is over. */
const leaseMs = 30_000;
const maxAttempts = 20;

/**
 * Works on a job until it is finished or the deadline has passed, if nobody else does. Every slice is saved on the
 * fence, so whoever lost the lease saves nothing any more. Its failure is its own: it is recorded, tried again with the
 * next minute, and never thrown.
 * @param deadline epoch ms of the real clock; at least one slice is done
 * @returns whether there was anything to do
 */
export async function runJob(ctx: Context, id: string, deadline: number): Promise<boolean> {
  let job: JobItem | undefined;
  try {
    job = await claim(ctx, id);
    if (!job) return false;
    const as = await inNameOf(ctx, job);
    const kind = kinds[job.kind];
    authorize(as.actor, kind.permission);
    for (;;) {
      const { cursor, after, done, counts } = await kind.slice(as, job);
      const leave = !done && Date.now() >= deadline;
      const saved = await save(ctx, job, {
        cursor,
        after,
        done: job.done + counts.done,
        refused: job.refused + counts.refused,
        attempts: 0,
        error: undefined,
        ...(done
          ? { state: "done", finishedAt: ctx.now().toISOString(), leaseUntilMs: undefined }
          : { state: leave ? "waiting" : "running", leaseUntilMs: leave ? undefined : Date.now() + leaseMs }),
      });
      if (!saved) return true;
      job = saved;
      if (done || leave) return true;
    }
  } catch (error) {
    await giveUp(ctx, id, job, error);
    return true;
  }
}

/** Takes the lease by the real clock, and counts the try. Undefined where there is nothing to do, or somebody does it. */
async function claim(ctx: Context, id: string): Promise<JobItem | undefined> {
  const before = await findJob(ctx, id);
  if (!before || finished(before) || (before.leaseUntilMs ?? 0) > Date.now()) return undefined;
  if (before.attempts >= maxAttempts) {
    // Whoever held it never came so far as to say why.
    const error = before.error ?? "It was begun many times and did not get any further.";
    const end = { state: "failed", finishedAt: ctx.now().toISOString(), error, fence: before.fence + 1 } as const;
    if (await save(ctx, before, end)) ctx.metrics.record("DeadLetters");
    return undefined;
  }
  return save(ctx, before, {
    state: "running",
    attempts: before.attempts + 1,
    fence: before.fence + 1,
    leaseUntilMs: Date.now() + leaseMs,
  });
}

async function save(ctx: Context, read: JobItem, changes: Partial<JobItem>): Promise<JobItem | undefined> {
  const { next, write } = replaceJob(ctx, read, changes);
  return (await transact(ctx.table, [write])).ok ? next : undefined;
}

/** The job acts with the rights that whoever began it has now. */
async function inNameOf(ctx: Context, job: JobItem): Promise<Context> {
  const base: Context = { ...ctx, requestId: job.requestId, idempotency: undefined };
  if (!job.createdBy.startsWith("per_")) return { ...base, actor: { kind: "system", name: job.createdBy } };
  const person = await findPerson(ctx.table, job.createdBy);
  if (!person) throw new AppError("forbidden", "job.nobody", "The person who began this is no longer here.");
  return { ...base, actor: actorOf(base, person.access) };
}

async function giveUp(ctx: Context, id: string, job: JobItem | undefined, error: unknown): Promise<void> {
  const known = error instanceof AppError;
  ctx.log.warn("job.interrupted", { jobId: id, kind: job?.kind, cursor: job?.cursor, ...errorOf(error) });
  if (!job) return;
  const passing = !known || ["unavailable", "rate_limited", "conflict"].includes(error.kind);
  const failed = !passing || job.attempts >= maxAttempts;
  try {
    const saved = await save(ctx, job, {
      state: failed ? "failed" : "waiting",
      error: known ? error.message : "Something went wrong on our side. It is tried again by itself.",
      leaseUntilMs: undefined,
      ...(failed ? { finishedAt: ctx.now().toISOString() } : {}),
    });
    if (saved && failed) ctx.metrics.record("DeadLetters");
  } catch (cause) {
    // The lease runs out by itself, and then somebody else goes on.
    ctx.log.error("job.not_released", { jobId: id, ...errorOf(cause) });
  }
}

/**
 * Goes on with every job that is not finished and that nobody works on, the oldest first.
 * @param deadline epoch ms of the real clock
 * @returns how many were worked on
 */
export async function sweepJobs(ctx: Context, deadline = Date.now() + 60_000): Promise<number> {
  const { items } = await queryPage(ctx.table, { index: "gsi1", pk: "JOBS#open" }, { limit: 100, newestFirst: false });
  let worked = 0;
  for (const item of items) {
    if (Date.now() >= deadline) break;
    if (await runJob(ctx, (item.pk as string).slice("JOB#".length), deadline)) worked++;
  }
  return worked;
}
