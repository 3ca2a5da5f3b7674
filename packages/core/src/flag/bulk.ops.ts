import type { BulkResolveFlags, Job, ResolveFlag } from "@laurel/contract";
import { namesOf } from "../ambassador/index.ts";
import { recordAudit } from "../audit/index.ts";
import { begunBefore, inputOf, type JobItem, newJob, type Progress, shown, workRows } from "../job/index.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { FlagEntity, flagKey } from "./flag.entity.ts";
import { resolve } from "./resolve.ops.ts";
import { titleOf } from "./rules.ts";

const kind = "flags.resolve" as const;
const permission = "flag.resolve" as const;

/**
 * Begins to end many flags in one way: one transaction and one result for each, in the name of whoever asks. A flag that
 * somebody has ended meanwhile, or that concerns whoever asks, is refused in its row.
 */
export async function resolveMany(ctx: Context, { ids, ...how }: BulkResolveFlags): Promise<{ job: Job }> {
  authorize(ctx.actor, permission);
  const begun = await begunBefore(ctx);
  if (begun) return begun;
  const { job, writes } = newJob(ctx, { kind, input: { ids, how }, total: ids.length });
  const { outcome } = how;
  const done = await commit(
    ctx,
    [
      ...writes,
      recordAudit(ctx, { action: "job.started", subject: job.id, after: { kind, outcome, rows: ids.length } }),
    ],
    { jobId: job.id },
  );
  assert(done.ok, "a new id is nobody else's");
  return { job: await shown(ctx, job) };
}

/** Long work: ends each of them as a single resolving would. */
export const flagsResolve = {
  permission,
  names: flagNames,
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { ids, how } = await inputOf<{ ids: string[]; how: ResolveFlag }>(ctx, job);
    return workRows(ctx, job, ids, (id, row) => resolve(ctx, id, how, [row]).catch(refusedForItself));
  },
};

/** What concerns whoever asks is not theirs to end: a result of that row, and no reason to leave the others. */
function refusedForItself(error: unknown): never {
  if (error instanceof AppError && error.kind === "forbidden" && error.code.startsWith("flag."))
    throw new AppError("rejected", error.code, error.message);
  throw error;
}

/** What each was about, and whose order it was. */
async function flagNames(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const flags = (await getItems(ctx.table, ids.map(flagKey))).flatMap((item) => parse(FlagEntity, item) ?? []);
  const names = await namesOf(
    ctx,
    flags.map(({ ambassadorId }) => ambassadorId),
  );
  return new Map(
    flags.map(({ id, rule, ambassadorId }) => [id, `${titleOf(rule)}, ${names.get(ambassadorId) ?? "Erased"}`]),
  );
}
