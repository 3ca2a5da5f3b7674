import type { CorrectionPreview } from "@laurel/contract";
import { type AmbassadorItem, findAmbassador, namesOf } from "../ambassador/index.ts";
import { type Commission, leftOf } from "../commission/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, invalidField } from "../kernel/errors.ts";
import { type AttributedOrder, commissionAt, handedOver, type Loaded, weigh as weighOrder } from "../order/index.ts";
import { approveAboveOf, type ProgramSnapshot } from "../program/index.ts";
import { concerns, kindOf, orderChanged, ownCorrection, type Person, stakeOf } from "./correction.ts";

export interface Weighed {
  changed: AttributedOrder;
  preview: CorrectionPreview;
}

interface Asked {
  orderId: string;
  /** The order's, as the person saw it; any where that does not matter. */
  version?: number;
  /** Whose the order is to be; null for nobody. */
  ambassadorId: string | null;
  reason: string;
  by: Person;
}

/**
 * What a correction would do, by the rules that do it. Reads, and writes nothing.
 * @throws AppError where this order can't be corrected so, or not by this person
 */
export async function weighCorrection(
  ctx: Context,
  snapshot: ProgramSnapshot,
  loaded: Loaded,
  { orderId, version, ambassadorId, reason, by }: Asked,
): Promise<Weighed> {
  const { order } = loaded;
  if (order.id !== orderId)
    throw new AppError(
      "rejected",
      "correction.merged",
      "This order is one purchase with another one, which stands for both. Correct that one.",
    );
  if (version !== undefined && order.version !== version) throw orderChanged();
  const from = order.attribution?.ambassadorId;
  const to = ambassadorId === null ? undefined : await receiverOf(ctx, ambassadorId);
  if (concerns(by, [from, to?.id, order.receipt.inputs?.buyerAmbassadorId])) throw ownCorrection();
  if (from === to?.id)
    throw new AppError(
      "rejected",
      "correction.no_change",
      to ? "The order is this ambassador's already." : "The order is nobody's already.",
    );
  const changed = await handedOver(ctx, snapshot, order, { to, reason });
  const settled = await weighOrder(ctx, snapshot, { before: loaded, order: changed.order, winner: changed.winner });
  const after = (id: string | undefined): Commission | undefined =>
    settled.commissions.find((each) => each.after.ambassadorId === id)?.after;
  const names = await namesOf(
    ctx,
    [from, to?.id].filter((id) => id !== undefined),
  );
  const stakeMinor = stakeOf(order.baseMinor, [order.receipt.tier?.rateBp, changed.order.receipt.tier?.rateBp]);
  const limit = approveAboveOf(snapshot.program).find((each) => each.currency === order.currency);
  const side = (
    id: string | undefined,
    rate: { tier: { name: string; rateBp: number } | undefined; code: string | undefined },
    stood: Commission | undefined,
  ): CorrectionPreview["from"] => {
    if (id === undefined) return null;
    const then = after(id) ?? stood;
    return {
      ambassadorId: id,
      name: names.get(id) ?? "Erased",
      code: rate.code ?? null,
      tierName: rate.tier?.name ?? "",
      rateBp: rate.tier?.rateBp ?? 0,
      beforeMinor: stood ? leftOf(stood) : 0,
      afterMinor: then ? leftOf(then) : 0,
      state: then?.state ?? null,
      releaseDay: then?.releaseDay ?? null,
    };
  };
  return {
    changed,
    preview: {
      orderId: order.id,
      version: order.version,
      kind: kindOf(from, to?.id),
      currency: order.currency,
      from: side(from, { tier: order.receipt.tier, code: order.attribution?.code }, loaded.commission),
      to: side(
        to?.id,
        { tier: changed.order.receipt.tier, code: changed.winner?.code },
        to && (await commissionAt(ctx, to.id, order)),
      ),
      stakeMinor,
      limitMinor: limit?.amountMinor ?? null,
      needsApproval: limit === undefined || stakeMinor > limit.amountMinor,
    },
  };
}

/** Who may be given an order: whoever is of the program, in good standing or on pause. */
async function receiverOf(ctx: Context, ambassadorId: string): Promise<AmbassadorItem> {
  const to = await findAmbassador(ctx, ambassadorId);
  if (!to) throw invalidField("ambassadorId", "is not an ambassador of this program");
  if (to.status === "banned")
    throw new AppError("rejected", "correction.banned", "This ambassador is banned and can't be given an order.");
  return to;
}
