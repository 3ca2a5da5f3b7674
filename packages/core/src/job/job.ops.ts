import type { Job } from "@laurel/contract";
import { remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { assert, notFound } from "../kernel/errors.ts";
import { epochS } from "../kernel/time.ts";
import { namesOf } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, queryAll } from "../table/read.ts";
import {
  JobEntity,
  JobInputEntity,
  type JobItem,
  JobRowEntity,
  type JobRowItem,
  jobInputKey,
  jobKey,
} from "./job.entity.ts";
import { serialize } from "./job.ts";

/** The stored item, for other operations. */
export async function findJob(ctx: Context, id: string): Promise<JobItem | undefined> {
  const job = parse(JobEntity, await getItem(ctx.table, jobKey(id)));
  return job && job.expiresAtEpochS > epochS(ctx.now()) ? job : undefined;
}

/** What a job was asked for. */
export async function inputOf<T>(ctx: Context, job: JobItem): Promise<T> {
  const item = parse(JobInputEntity, await getItem(ctx.table, jobInputKey(job.id)));
  assert(item, "a job has its input");
  return item.input as T;
}

/** What a job has done, in the order of its rows. */
export async function doneRows(ctx: Context, job: JobItem): Promise<JobRowItem[]> {
  const items = await queryAll(ctx.table, { pk: `JOB#${job.id}`, skPrefix: "ROW#" }, { atMost: job.total });
  return items.map((item) => parse(JobRowEntity, item)!).filter((row) => row.outcome === "done");
}

/** A job as it is shown. */
export const shown = async (ctx: Context, job: JobItem): Promise<Job> =>
  serialize(job, await namesOf(ctx.table, [job.createdBy]), ctx.now());

/** The job that this very request has begun before. @throws AppError not_found where it is too long ago to be kept */
export async function begunBefore(ctx: Context): Promise<{ job: Job } | undefined> {
  const before = await remembered<{ jobId: string }>(ctx);
  if (!before) return undefined;
  const job = await findJob(ctx, before.result.jobId);
  if (!job) throw notFound();
  return { job: await shown(ctx, job) };
}
