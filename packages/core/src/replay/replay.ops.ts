import { type EventCount, type Job, mostReplayed, type ReplayEvents } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { decideAgain, list } from "../event/index.ts";
import { begunBefore, inputOf, type JobItem, newJob, type Progress, shown, workRows } from "../job/index.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";

const permission = "event.replay" as const;
/** Longer than this no body is kept, so there is nothing to replay. */
const keptMs = 28 * 86_400_000;
const pageSize = 100;
/** So many pages are read to find them; a filter that meets hardly anything ends here. */
const mostPages = 40;

/** The ids of the events that are meant, at most so many, and whether these are all. */
async function matching(ctx: Context, filter: ReplayEvents): Promise<{ ids: string[]; all: boolean }> {
  const keptSince = new Date(ctx.now().getTime() - keptMs).toISOString();
  const from = filter.from && filter.from > keptSince ? filter.from : keptSince;
  const ids: string[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; page < mostPages && cursor !== null && ids.length <= mostReplayed; page++) {
    const found = await list(ctx, { ...filter, from, cursor: cursor ?? undefined, limit: pageSize });
    ids.push(...found.items.map(({ id }) => id));
    cursor = found.cursor;
  }
  return { ids: ids.slice(0, mostReplayed), all: cursor === null && ids.length <= mostReplayed };
}

/** How many events a replay would be about. Those older than 28 days can't be replayed and are left out. */
export async function count(ctx: Context, filter: ReplayEvents): Promise<EventCount> {
  authorize(ctx.actor, "event.read");
  const { ids, all } = await matching(ctx, filter);
  return { count: ids.length, all };
}

/**
 * Begins to decide events again, as they are now: what comes later is not among them.
 * @throws AppError rejected where there are none, or too many at once
 */
export async function replayMany(ctx: Context, filter: ReplayEvents): Promise<{ job: Job }> {
  authorize(ctx.actor, permission);
  const begun = await begunBefore(ctx);
  if (begun) return begun;
  const { ids, all } = await matching(ctx, filter);
  if (!all)
    throw new AppError(
      "rejected",
      "event.too_many",
      `These are more than ${mostReplayed} events. Replay them in parts, a shorter time each.`,
    );
  if (ids.length === 0)
    throw new AppError("rejected", "event.none_to_replay", "There is no such event whose body is still kept.");
  const { job, writes } = newJob(ctx, { kind: "events.replay", input: { ids }, total: ids.length });
  const done = await commit(
    ctx,
    [
      ...writes,
      recordAudit(ctx, {
        action: "job.started",
        subject: job.id,
        after: { kind: "events.replay", rows: ids.length, ...filter },
      }),
    ],
    { jobId: job.id },
  );
  assert(done.ok, "a new id is nobody else's");
  return { job: await shown(ctx, job) };
}

/** Long work: decides each of them again from its stored body. What was settled before counts nothing twice. */
export const eventsReplay = {
  permission,
  names: async () => new Map<string, string>(),
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { ids } = await inputOf<{ ids: string[] }>(ctx, job);
    return workRows(ctx, job, ids, async (id, result, tell) => {
      const { status } = await decideAgain(ctx, id, (before, outcome) => {
        if (outcome.status === "unprocessable")
          return [tell({ outcome: "refused", code: "event.unprocessable", message: outcome.sentence })];
        const settled = before.status === "processed" || before.status === "ignored";
        const code = "event.settled";
        return [
          settled ? tell({ outcome: "done", code, message: "It was settled before: nothing was changed." }) : result,
        ];
      });
      return status === "unprocessable" ? "refused" : "done";
    });
  },
};
