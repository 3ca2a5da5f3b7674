import type { Correction, CorrectionPreview, PreviewCorrection, ProposeCorrection } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { changeOrder, loadOrder, type OrderItem, unchanged } from "../order/index.ts";
import { getItem } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { CorrectionEntity, type CorrectionItem, WaitingCorrectionEntity, waitingKey } from "./correction.entity.ts";
import { correctionWaits, orderChanged, type Person } from "./correction.ts";
import { getCorrection, view } from "./read.ops.ts";
import { weighCorrection } from "./weigh.ts";

/** Who corrects. Nothing that runs by itself corrects anything by hand. */
export function personOf(ctx: Context): Person {
  assert(ctx.actor.kind === "person", "a person corrects by hand");
  return ctx.actor;
}

/** What a correction would do to whom. Writes nothing. @throws AppError as `propose` */
export async function preview(
  ctx: Context,
  orderId: string,
  { ambassadorId }: PreviewCorrection,
): Promise<CorrectionPreview> {
  authorize(ctx.actor, "order.correct");
  const loaded = await loadOrder(ctx, orderId);
  const asked = { orderId, ambassadorId, reason: "", by: personOf(ctx) };
  return (await weighCorrection(ctx, await ctx.program(), loaded, asked)).preview;
}

/**
 * Says whose an order is. Applied at once, or, where it moves more than the program's limit, kept for a second person.
 * @throws AppError not_found; conflict where the order changed or another correction waits; rejected where it changes nothing;
 *   forbidden about oneself
 */
export async function propose(ctx: Context, orderId: string, input: ProposeCorrection): Promise<Correction> {
  authorize(ctx.actor, "order.correct");
  const told = await remembered<{ correctionId: string }>(ctx);
  if (told) return getCorrection(ctx, told.result.correctionId);
  return view(ctx, await correct(ctx, { orderId, ...input }));
}

export interface AskedCorrection extends ProposeCorrection {
  orderId: string;
  /** The claim that asks for it, and what is written with it for that claim. */
  claim?: { id: string; besideOf: (correction: CorrectionItem) => Promise<Write[]> };
}

/** The one way to correct an order, or to propose it. */
export async function correct(ctx: Context, asked: AskedCorrection): Promise<CorrectionItem> {
  const { preview } = await weighed(ctx, asked);
  return preview.needsApproval ? keepForApproval(ctx, asked) : apply(ctx, asked);
}

/** Reads the order and weighs the correction, where the order is as the person saw it. */
async function weighed(ctx: Context, asked: AskedCorrection) {
  const loaded = await loadOrder(ctx, asked.orderId);
  const of = await weighCorrection(ctx, await ctx.program(), loaded, { ...asked, by: personOf(ctx) });
  return { ...of, order: loaded.order };
}

const made = (
  ctx: Context,
  asked: AskedCorrection,
  order: OrderItem,
  preview: CorrectionPreview,
): Omit<CorrectionItem, "state"> => ({
  id: ctx.newId("correction"),
  orderId: order.id,
  orderNumber: order.number,
  kind: preview.kind,
  currency: preview.currency,
  fromAmbassadorId: preview.from?.ambassadorId,
  toAmbassadorId: preview.to?.ambassadorId,
  reason: asked.reason,
  stakeMinor: preview.stakeMinor,
  proposedAt: ctx.now().toISOString(),
  proposedBy: personOf(ctx).personId,
  claimId: asked.claim?.id,
  version: 1,
});

async function apply(ctx: Context, asked: AskedCorrection): Promise<CorrectionItem> {
  let correction: CorrectionItem | undefined;
  // A claim's mail tells of the earning; thanks for the sale beside it would be one mail too many.
  const within = asked.claim ? { ...ctx, silent: true } : ctx;
  await changeOrder(within, asked.orderId, async (loaded, snapshot) => {
    const { changed, preview } = await weighCorrection(ctx, snapshot, loaded, { ...asked, by: personOf(ctx) });
    // A limit that was lowered a moment ago is an order that must be looked at again, too.
    if (preview.needsApproval) throw orderChanged();
    if (await getItem(ctx.table, waitingKey(asked.orderId))) throw correctionWaits();
    const decided = { state: "applied" as const, decidedAt: ctx.now().toISOString() };
    correction = { ...made(ctx, asked, loaded.order, preview), ...decided };
    return {
      ...changed,
      beside: [
        putNew(ctx, correction),
        noneWaits(ctx, asked.orderId),
        auditOf(ctx, correction, loaded.order, changed.order),
        ...((await asked.claim?.besideOf(correction)) ?? []),
      ],
      result: { correctionId: correction.id },
    };
  });
  assert(correction, "a correction that was applied was made");
  return correction;
}

async function keepForApproval(ctx: Context, asked: AskedCorrection): Promise<CorrectionItem> {
  const { preview, order } = await weighed(ctx, asked);
  const correction: CorrectionItem = { ...made(ctx, asked, order, preview), state: "proposed" };
  const { fromAmbassadorId: from, toAmbassadorId: to, id, orderId, stakeMinor, currency } = correction;
  const done = await commit(
    ctx,
    [
      putNew(ctx, correction),
      write.put("waiting", WaitingCorrectionEntity.create({ orderId, correctionId: id }).params(at(ctx))),
      unchanged(ctx, orderId, asked.version),
      recordAudit(ctx, {
        action: "correction.proposed",
        subject: orderId,
        before: { ambassadorId: from ?? null },
        after: { ambassadorId: to ?? null, correctionId: id, stakeMinor, currency },
        note: correction.reason,
      }),
      ...((await asked.claim?.besideOf(correction)) ?? []),
    ],
    { correctionId: id },
  );
  if (done.ok) return correction;
  throw done.refusals.some((refusal) => refusal.name === "waiting") ? correctionWaits() : orderChanged();
}

const at = (ctx: Context) => ({ table: ctx.table.name });

const putNew = (ctx: Context, correction: CorrectionItem): Write =>
  write.put(correction.id, CorrectionEntity.create(correction).params(at(ctx)));

const noneWaits = (ctx: Context, orderId: string): Write =>
  write.check("waiting", {
    TableName: ctx.table.name,
    Key: waitingKey(orderId),
    ConditionExpression: "attribute_not_exists(pk)",
  });

/** The line of a correction that became true. */
export const auditOf = (ctx: Context, correction: CorrectionItem, before: OrderItem, after: OrderItem): Write => {
  const whose = ({ attribution, receipt }: OrderItem) => ({
    ambassadorId: attribution?.ambassadorId ?? null,
    code: attribution?.code ?? null,
    reason: attribution?.kind ?? null,
    rateBp: receipt.tier?.rateBp ?? null,
  });
  return recordAudit(ctx, {
    action: "order.corrected",
    subject: correction.orderId,
    before: whose(before),
    after: { ...whose(after), correctionId: correction.id, proposedBy: correction.proposedBy },
    note: correction.reason,
  });
};
