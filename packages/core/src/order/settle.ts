import { type Commission, earn, reversedSoFar, reverseTo } from "../commission/index.ts";
import { releaseOf } from "../kernel/time.ts";
import type { EntryKind, Posting } from "../ledger/ledger.ts";
import type { OrderItem, Reversal } from "./order.entity.ts";
import { refundedOf, statusOf } from "./order.ts";

const maxReversals = 20;

export interface Settled {
  order: OrderItem;
  commission: Commission | undefined;
  entry: { kind: EntryKind; postings: Posting[] } | undefined;
}

/**
 * Brings an order's status, its commission and the ledger in line with what is known of its money.
 * Pure: the same knowledge gives the same end, whichever events told it and in whatever order; only the difference to what
 * stands already is posted.
 */
export function settle(
  order: OrderItem,
  before: Commission | undefined,
  { timeZone, now, cause = "refund" }: { timeZone: string; now: Date; cause?: Reversal["cause"] },
): Settled {
  const refundedMinor = refundedOf(order);
  const next: OrderItem = { ...order, refundedMinor, status: statusOf(order.payment, order.grossMinor, refundedMinor) };
  const { attribution, receipt } = next;
  if (order.payment !== "paid" || !attribution || !receipt.tier)
    return { order: next, commission: before, entry: undefined };

  const postings: Posting[] = [];
  let commission = before;
  if (!commission) {
    const release = releaseOf(timeZone, new Date(order.occurredAt), receipt.rules.holdDays);
    commission = earn({
      ambassadorId: attribution.ambassadorId,
      orderId: order.id,
      occurredAt: order.occurredAt,
      code: attribution.code,
      currency: order.currency,
      baseMinor: order.baseMinor,
      rateBp: receipt.tier.rateBp,
      tierId: receipt.tier.id,
      rulesVersion: receipt.rules.version,
      releaseAt: release.releaseAt.toISOString(),
      releaseDay: release.releaseDay,
    });
    if (commission.earnedMinor > 0)
      postings.push({ from: "program.earned", to: "ambassador.pending", amountMinor: commission.earnedMinor });
  }
  const target = reversedSoFar({
    grossMinor: order.grossMinor,
    baseMinor: commission.baseMinor,
    refundedMinor,
    rateBp: commission.rateBp,
    earnedMinor: commission.earnedMinor,
  });
  const rising = target > commission.reversedMinor;
  const reversed = reverseTo(commission, target, now);
  postings.push(...reversed.postings);
  const kind: EntryKind = !before ? "earn" : rising ? "reverse" : "restore";

  const reversals = receipt.reversals ?? [];
  const last = reversals.at(-1);
  if ((last?.refundedMinor ?? 0) !== refundedMinor || (last?.reversedMinor ?? 0) !== target)
    next.receipt = {
      ...receipt,
      reversals: [
        ...reversals,
        {
          at: now.toISOString(),
          cause: (last?.refundedMinor ?? 0) > refundedMinor ? ("refund_failed" as const) : cause,
          refundedMinor,
          reversedMinor: target,
        },
      ].slice(-maxReversals),
    };
  return { order: next, commission: reversed.commission, entry: postings.length > 0 ? { kind, postings } : undefined };
}
