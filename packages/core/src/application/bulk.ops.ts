import type { ApproveApplication, BulkDecision, DeclineApplication, Job } from "@laurel/contract";
import type * as z from "zod";
import { recordAudit } from "../audit/index.ts";
import { begunBefore, inputOf, type JobItem, newJob, type Progress, shown, workRows } from "../job/index.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { AnswersEntity, personKeys } from "../person/index.ts";
import { campaignOf, tierOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { ApplicationEntity } from "./application.entity.ts";
import { undoWithinMs } from "./application.ts";
import { approve } from "./approve.ops.ts";
import { applicationKey } from "./load.ts";
import { decline } from "./review.ops.ts";
import { undo } from "./undo.ops.ts";

type Approving = { ids: string[]; with: z.output<typeof ApproveApplication> };
type Declining = { ids: string[]; with: z.output<typeof DeclineApplication> };
type Undoing = { ids: string[]; ofJobId: string };

/**
 * Begins to decide many applications in one way: one transaction and one result for each, in the name of whoever asks.
 * @throws AppError invalid for an unknown tier or campaign
 */
export async function bulk(ctx: Context, { ids, ...decision }: BulkDecision): Promise<{ job: Job }> {
  authorize(ctx.actor, "application.decide");
  const begun = await begunBefore(ctx);
  if (begun) return begun;
  if (decision.action === "approve") {
    const snapshot = await ctx.program();
    campaignOf(snapshot, decision.campaignId);
    if (decision.tierId) tierOf(snapshot, decision.tierId);
  }
  const { action, ...input } = decision;
  const kind = action === "approve" ? "applications.approve" : "applications.decline";
  const { job, writes } = newJob(ctx, { kind, input: { ids, with: input }, total: ids.length, undoWithinMs });
  const done = await commit(
    ctx,
    [...writes, recordAudit(ctx, { action: "job.started", subject: job.id, after: { kind, rows: ids.length } })],
    { jobId: job.id },
  );
  assert(done.ok, "a new id is nobody else's");
  return { job: await shown(ctx, job) };
}

const permission = "application.decide" as const;
/** Declines and approvals can be undone as one; only what the job itself decided is. */
const undoOf = (job: JobItem, ids: readonly string[]) => ({
  kind: "applications.undo" as const,
  input: { ids: [...ids], ofJobId: job.id } satisfies Undoing,
});

export const approveMany = {
  permission,
  names: applicantNames,
  undo: undoOf,
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { ids, with: input } = await inputOf<Approving>(ctx, job);
    return workRows(ctx, job, ids, (id, row) => approve(ctx, id, input, { jobId: job.id, writes: [row] }));
  },
};

export const declineMany = {
  permission,
  names: applicantNames,
  undo: undoOf,
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { ids, with: input } = await inputOf<Declining>(ctx, job);
    return workRows(ctx, job, ids, (id, row) => decline(ctx, id, input, { jobId: job.id, writes: [row] }));
  },
};

export const undoMany = {
  permission,
  names: applicantNames,
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { ids, ofJobId } = await inputOf<Undoing>(ctx, job);
    return workRows(ctx, job, ids, (id, row) => undo(ctx, id, {}, { jobId: job.id, ofJobId, writes: [row] }));
  },
};

/** The applicants' names as they wrote them; whoever was erased is left out. */
async function applicantNames(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const applications = (await getItems(ctx.table, ids.map(applicationKey))).map((item) =>
    parse(ApplicationEntity, item),
  );
  const there = applications.filter((each) => each !== undefined);
  const answers = await getItems(
    ctx.table,
    there.map((each) => personKeys.answers(each.personId, each.id)),
  );
  return new Map(
    there.flatMap((each, at) => {
      const name = parse(AnswersEntity, answers[at])?.name;
      return name === undefined ? [] : [[each.id, name] as const];
    }),
  );
}
