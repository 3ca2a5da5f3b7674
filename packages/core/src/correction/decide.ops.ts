import type { ApproveCorrection, Correction, RejectCorrection } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { changeOrder } from "../order/index.ts";
import { type Write, write } from "../table/transact.ts";
import { auditOf, personOf } from "./correct.ops.ts";
import { CorrectionEntity, type CorrectionItem, waitingKey } from "./correction.entity.ts";
import { concerns, correctionDecided, correctionOvertaken, ownCorrection, secondPerson } from "./correction.ts";
import { findCorrection, getCorrection, view } from "./read.ops.ts";
import { weighCorrection } from "./weigh.ts";

/** What is written with a decision for the claim that asked for the correction. */
export type ForClaim = (ctx: Context, correction: CorrectionItem) => Promise<Write[]>;

/**
 * Lets a waiting correction become true, by a second person.
 * @throws AppError not_found; forbidden for whoever proposed it or whom it concerns; conflict where it was decided or the order
 *   changed; rejected where the order went to somebody else meanwhile
 */
export async function approve(
  ctx: Context,
  id: string,
  { version }: ApproveCorrection,
  forClaim: ForClaim,
): Promise<Correction> {
  authorize(ctx.actor, "order.correct");
  if (await remembered(ctx)) return getCorrection(ctx, id);
  const by = personOf(ctx);
  const first = await waiting(ctx, id);
  if (first.proposedBy === by.personId) throw secondPerson();
  let decided: CorrectionItem | undefined;
  const within = first.claimId ? { ...ctx, silent: true } : ctx;
  await changeOrder(within, first.orderId, async (loaded, snapshot) => {
    const correction = await waiting(ctx, id);
    const { order } = loaded;
    if (concerns(by, [correction.fromAmbassadorId, correction.toAmbassadorId])) throw ownCorrection();
    if (order.id !== correction.orderId || order.attribution?.ambassadorId !== correction.fromAmbassadorId)
      throw correctionOvertaken();
    const { changed } = await weighCorrection(ctx, snapshot, loaded, {
      orderId: correction.orderId,
      ambassadorId: correction.toAmbassadorId ?? null,
      version,
      reason: correction.reason,
      by,
    });
    decided = decidedBy(ctx, correction, "applied");
    return {
      ...changed,
      beside: [
        ...ends(ctx, correction, decided),
        auditOf(ctx, decided, order, changed.order),
        ...(correction.claimId ? await forClaim(ctx, decided) : []),
      ],
      result: { correctionId: id },
    };
  });
  return decided ? view(ctx, decided) : getCorrection(ctx, id);
}

/**
 * Ends a waiting correction without it becoming true; whoever proposed it may take it back so.
 * @throws AppError not_found; forbidden for whom it concerns; conflict where it was decided
 */
export async function reject(
  ctx: Context,
  id: string,
  { note }: RejectCorrection,
  forClaim: ForClaim,
): Promise<Correction> {
  authorize(ctx.actor, "order.correct");
  if (await remembered(ctx)) return getCorrection(ctx, id);
  const correction = await waiting(ctx, id);
  const { fromAmbassadorId: from, toAmbassadorId: to, orderId, claimId } = correction;
  if (concerns(personOf(ctx), [from, to])) throw ownCorrection();
  const decided: CorrectionItem = { ...decidedBy(ctx, correction, "rejected"), note };
  const done = await commit(
    ctx,
    [
      ...ends(ctx, correction, decided),
      recordAudit(ctx, {
        action: "correction.rejected",
        subject: orderId,
        before: { state: "proposed", ambassadorId: to ?? null },
        after: { state: "rejected", correctionId: id },
        note,
      }),
      ...(claimId ? await forClaim(ctx, decided) : []),
    ],
    { correctionId: id },
  );
  if (!done.ok) throw correctionDecided();
  return view(ctx, decided);
}

/** @throws AppError not_found; conflict once it is decided */
async function waiting(ctx: Context, id: string): Promise<CorrectionItem> {
  const correction = await findCorrection(ctx, id);
  if (!correction) throw notFound();
  if (correction.state !== "proposed") throw correctionDecided();
  return correction;
}

const decidedBy = (ctx: Context, correction: CorrectionItem, state: "applied" | "rejected"): CorrectionItem => ({
  ...correction,
  state,
  decidedAt: ctx.now().toISOString(),
  decidedBy: personOf(ctx).personId,
  version: correction.version + 1,
});

/** One decides it; the order may be corrected anew then. */
const ends = (ctx: Context, before: CorrectionItem, after: CorrectionItem): Write[] => [
  write.put(
    after.id,
    CorrectionEntity.put(after)
      .where((a, o) => o.eq(a.version, before.version))
      .params({ table: ctx.table.name }),
  ),
  write.delete("waiting", { TableName: ctx.table.name, Key: waitingKey(after.orderId) }),
];
