import type { ApproveClaim, Claim, DeclineClaim } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { type CorrectionItem, correct, type ForClaim, orderChanged } from "../correction/index.ts";
import { intend } from "../effect/effect.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { loadOrder, unchanged } from "../order/index.ts";
import type { Write } from "../table/transact.ts";
import { changed, ended } from "./ask.ops.ts";
import type { ClaimItem } from "./claim.entity.ts";
import { claimDecided, claimWaits, isOwn, ownClaim } from "./claim.ts";
import { findClaim, view } from "./read.ops.ts";

/**
 * Approves a claim: the order becomes the ambassador's in the same transaction, or, where that moves more than the program's
 * limit, once a second person has approved the correction; until then the claim stays open.
 * @throws AppError not_found; forbidden about one's own; conflict where it was decided or the order changed; and as a correction
 */
export async function approve(ctx: Context, id: string, input: ApproveClaim): Promise<Claim> {
  authorize(ctx.actor, "claim.decide");
  if (await remembered(ctx)) return viewById(ctx, id);
  const claim = await decidable(ctx, id);
  const { orderId, version, reason } = input;
  const { order } = await loadOrder(ctx, orderId);
  if (order.attribution?.ambassadorId === claim.ambassadorId && order.id === orderId) {
    // It became theirs in the meantime: there is nothing left to correct.
    const next = decidedOf(ctx, claim, { state: "approved", reason, orderId });
    const done = await commit(ctx, [...endedWith(ctx, claim, next), unchanged(ctx, orderId, order.version)]);
    if (!done.ok) throw done.refusals.every(({ name }) => name === "order") ? orderChanged() : claimDecided();
    return view(ctx, next);
  }
  let next: ClaimItem | undefined;
  try {
    await correct(ctx, {
      orderId,
      version,
      ambassadorId: claim.ambassadorId,
      reason,
      claim: {
        id,
        besideOf: async (correction) => {
          const claim = await decidable(ctx, id);
          if (correction.state === "proposed") {
            next = { ...claim, orderId, reason, correctionId: correction.id, version: claim.version + 1 };
            return [changed(ctx, claim, next)];
          }
          next = decidedOf(ctx, claim, { state: "approved", reason, orderId });
          return endedWith(ctx, claim, next);
        },
      },
    });
  } catch (error) {
    throw await whatEnded(ctx, claim, error);
  }
  assert(next, "a claim that was decided has changed");
  return view(ctx, next);
}

/** Declines a claim, with a reason that the ambassador reads. */
export async function decline(ctx: Context, id: string, { reason }: DeclineClaim): Promise<Claim> {
  authorize(ctx.actor, "claim.decide");
  if (await remembered(ctx)) return viewById(ctx, id);
  const claim = await decidable(ctx, id);
  const next = decidedOf(ctx, claim, { state: "declined", reason });
  const done = await commit(ctx, endedWith(ctx, claim, next));
  if (!done.ok) throw claimDecided();
  return view(ctx, next);
}

/** What becomes of a claim with the correction that it waited for: approved with it, or open again for another decision. */
export const withCorrection: ForClaim = async (ctx: Context, correction: CorrectionItem): Promise<Write[]> => {
  const claim = correction.claimId && (await findClaim(ctx, correction.claimId));
  assert(claim && claim.correctionId === correction.id, "a claim waits for its correction");
  if (correction.state === "applied")
    return endedWith(ctx, claim, decidedOf(ctx, claim, { state: "approved", correctionId: undefined }));
  return [
    changed(ctx, claim, {
      ...claim,
      correctionId: undefined,
      orderId: undefined,
      reason: undefined,
      version: claim.version + 1,
    }),
  ];
};

async function decidable(ctx: Context, id: string): Promise<ClaimItem> {
  const claim = await findClaim(ctx, id);
  if (!claim) throw notFound();
  if (isOwn(ctx.actor, claim)) throw ownClaim();
  if (claim.state !== "open") throw claimDecided();
  if (claim.correctionId) throw claimWaits();
  return claim;
}

async function viewById(ctx: Context, id: string): Promise<Claim> {
  const claim = await findClaim(ctx, id);
  if (!claim) throw notFound();
  return view(ctx, claim);
}

const decidedOf = (
  ctx: Context,
  claim: ClaimItem,
  decision: Partial<ClaimItem> & Pick<ClaimItem, "state">,
): ClaimItem => ({
  ...claim,
  ...decision,
  decidedAt: ctx.now().toISOString(),
  decidedBy: ctx.actor.kind === "person" ? ctx.actor.personId : undefined,
  version: claim.version + 1,
});

/** The end of a claim, its line in the audit and the mail about it. */
const endedWith = (ctx: Context, before: ClaimItem, after: ClaimItem): Write[] => [
  ...ended(ctx, before, after),
  recordAudit(ctx, {
    action: `claim.${after.state}`,
    subject: after.id,
    before: { state: before.state },
    after: { state: after.state, orderId: after.orderId ?? null },
    note: after.reason,
  }),
  ...intend(ctx, "mail.claim_decided", after.id, {}),
];

/** Where the claim itself was decided meanwhile, that is what is told, and not what the order had to say to it. */
async function whatEnded(ctx: Context, claim: ClaimItem, error: unknown): Promise<unknown> {
  if (!(error instanceof AppError) || error.kind === "unavailable") return error;
  const now = await findClaim(ctx, claim.id);
  return now?.version === claim.version ? error : claimDecided();
}
