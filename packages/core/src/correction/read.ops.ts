import type { Correction, CorrectionDetail, CorrectionPreview, CorrectionState } from "@laurel/contract";
import * as Ambassadors from "../ambassador/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { loadOrder } from "../order/index.ts";
import * as People from "../person/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, listPage, type Page } from "../table/read.ts";
import { CorrectionEntity, type CorrectionItem, correctionKey } from "./correction.entity.ts";
import { correctionOvertaken, mayApprove, type Person } from "./correction.ts";
import { weighCorrection } from "./weigh.ts";

export const findCorrection = async (ctx: Context, id: string): Promise<CorrectionItem | undefined> =>
  parse(CorrectionEntity, await getItem(ctx.table, correctionKey(id)));

/** @throws AppError not_found */
export async function getCorrection(ctx: Context, id: string): Promise<Correction> {
  authorize(ctx.actor, "correction.read");
  const correction = await findCorrection(ctx, id);
  if (!correction) throw notFound();
  return view(ctx, correction);
}

/** Corrections in one state, the newest first. */
export async function list(
  ctx: Context,
  { state, cursor }: { state: CorrectionState; cursor?: string | undefined },
): Promise<Page<Correction>> {
  authorize(ctx.actor, "correction.read");
  return listPage(ctx.table, [{ index: "gsi1", pk: `CORRECTIONS#${state}` }], {
    cursor,
    hydrate: async (found) => {
      const items = await getItems(ctx.table, found as unknown as Key[]);
      const corrections = items.map((item) => parse(CorrectionEntity, item));
      const views = await viewAll(
        ctx,
        corrections.filter((each) => each !== undefined),
      );
      // The index may lag behind.
      return corrections.map((each) => (each?.state === state ? views.get(each.id) : undefined));
    },
  });
}

/** One correction; while it waits, with what approving it would do now. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<CorrectionDetail> {
  authorize(ctx.actor, "correction.read");
  const correction = await findCorrection(ctx, id);
  if (!correction) throw notFound();
  const shown = await view(ctx, correction);
  if (correction.state !== "proposed") return { ...shown, preview: null, overtaken: null };
  try {
    return { ...shown, preview: await previewOf(ctx, correction), overtaken: null };
  } catch (error) {
    if (error instanceof AppError && error.kind === "rejected")
      return { ...shown, preview: null, overtaken: error.message };
    throw error;
  }
}

async function previewOf(ctx: Context, correction: CorrectionItem): Promise<CorrectionPreview> {
  const { orderId, toAmbassadorId, fromAmbassadorId, reason } = correction;
  const loaded = await loadOrder(ctx, orderId);
  if (loaded.order.attribution?.ambassadorId !== fromAmbassadorId) throw correctionOvertaken();
  const weighed = await weighCorrection(ctx, await ctx.program(), loaded, {
    orderId,
    ambassadorId: toAmbassadorId ?? null,
    reason,
    // Looking decides nothing: also whom it concerns may look.
    by: nobody,
  });
  return weighed.preview;
}

const nobody: Person = { kind: "person", personId: "", roles: [], ambassadorId: null, network: "" };

export const view = async (ctx: Context, correction: CorrectionItem): Promise<Correction> =>
  (await viewAll(ctx, [correction])).get(correction.id)!;

async function viewAll(ctx: Context, corrections: readonly CorrectionItem[]): Promise<ReadonlyMap<string, Correction>> {
  const ambassadors = await Ambassadors.namesOf(
    ctx,
    corrections.flatMap(({ fromAmbassadorId: from, toAmbassadorId: to }) =>
      [from, to].filter((id) => id !== undefined),
    ),
  );
  const people = await People.namesOf(
    ctx.table,
    corrections.flatMap(({ proposedBy, decidedBy }) => [proposedBy, decidedBy]),
  );
  const named = (id: string | undefined, names: ReadonlyMap<string, string>) =>
    id === undefined ? null : { id, name: names.get(id) ?? null };
  return new Map(
    corrections.map((each) => [
      each.id,
      {
        id: each.id,
        orderId: each.orderId,
        orderNumber: each.orderNumber ?? null,
        kind: each.kind,
        currency: each.currency,
        from: named(each.fromAmbassadorId, ambassadors),
        to: named(each.toAmbassadorId, ambassadors),
        reason: each.reason,
        stakeMinor: each.stakeMinor,
        state: each.state,
        proposedAt: each.proposedAt,
        proposedBy: named(each.proposedBy, people)!,
        decidedAt: each.decidedAt ?? null,
        decidedBy: named(each.decidedBy, people),
        note: each.note ?? null,
        claimId: each.claimId ?? null,
        mayApprove: ctx.actor.kind === "person" && mayApprove(ctx.actor, each),
      },
    ]),
  );
}
