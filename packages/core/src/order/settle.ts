import type { ReversalCause } from "@laurel/contract";
import { type Commission, earn, reversedFor, settleCommission } from "../commission/index.ts";
import { releaseOf } from "../kernel/time.ts";
import type { EntryKind, Posting } from "../ledger/ledger.ts";
import { baseGoneOf, disputedOf, holdsOf, isCancelled, refundedOf, statusOf } from "./money.ts";
import type { OrderItem, Reversal } from "./order.entity.ts";

const maxReversals = 20;
/** So many times a person may have moved it, one after the other to others. */
const maxFormerly = 50;

export interface SettledCommission {
  /** What stood before; undefined where it is made now. */
  before: Commission | undefined;
  after: Commission;
  entry: { kind: EntryKind; postings: Posting[]; sales?: number } | undefined;
}

export interface Settled {
  order: OrderItem;
  /** What changed: the commission of whoever has the order, and of whoever had it before. */
  commissions: SettledCommission[];
}

export interface Standing {
  /** The commission of the ambassador who has the order now; undefined where there is none yet. */
  commission: Commission | undefined;
  /** Whether somebody else had it until now, or nobody; and the commission of whoever had. */
  moved?: boolean | undefined;
  former?: Commission | undefined;
  /** Whether another order begins to stand for this purchase with this very change. */
  mergedNow?: boolean | undefined;
  timeZone: string;
  now: Date;
  /** What stands available on the ambassador's account: no more than that can be held. Nothing of it is asked where nobody earned yet. */
  availableMinor?: number | undefined;
}

/**
 * Brings an order's status, its commission and the ledger in line with what is known of its money.
 * Pure: the same knowledge gives the same end, whichever events told it and in whatever order; only the difference to what
 * stands already is posted.
 */
export function settle(order: OrderItem, standing: Standing): Settled {
  const refundedMinor = refundedOf(order);
  const disputedMinor = disputedOf(order);
  const next: OrderItem = {
    ...order,
    refundedMinor,
    disputedMinor: disputedMinor > 0 ? disputedMinor : undefined,
    status: statusOf(order, refundedMinor),
  };
  const { former, now, mergedNow = false } = standing;
  if (former) next.formerly = [...new Set([...(order.formerly ?? []), former.ambassadorId])].slice(-maxFormerly);
  // All of it goes back, and it is a sale of theirs no more: the order is somebody else's now.
  const takenBack = former && settleCommission(former, { reversedMinor: former.earnedMinor, held: false, now });
  const commissions = takenBack ? change(former, takenBack, -1) : [];
  if (!next.attribution || !next.receipt.tier || next.payment !== "paid") return { order: next, commissions };

  const before = standing.commission;
  const made = before ?? commissionOf(next, standing.timeZone);
  const off = isCancelled(next) || next.mergedInto !== undefined;
  const reversedMinor = off
    ? made.earnedMinor
    : reversedFor({
        baseMinor: made.baseMinor,
        baseGoneMinor: Math.min(baseGoneOf(next), made.baseMinor),
        rateBp: made.rateBp,
        earnedMinor: made.earnedMinor,
      });
  const held = !off && holdsOf(next).length > 0;
  const settled = settleCommission(made, { reversedMinor, held, now, availableMinor: standing.availableMinor });
  if (before) commissions.push(...change(before, settled, mergedNow ? -1 : standing.moved ? 1 : 0));
  else {
    const postings: Posting[] = [...settled.postings];
    if (made.earnedMinor > 0)
      postings.unshift({ from: "program.earned", to: "ambassador.pending", amountMinor: made.earnedMinor });
    const entry = postings.length > 0 ? { kind: "earn" as const, postings } : undefined;
    commissions.push({ before, after: settled.commission, entry });
  }
  next.receipt = withReversal(next, { reversedMinor, refundedMinor, disputedMinor, now, moved: standing.moved });
  return { order: next, commissions };
}

/** The commission of a paid order, before anything went back. */
function commissionOf(order: OrderItem, timeZone: string): Commission {
  const { attribution, receipt } = order;
  const release = releaseOf(timeZone, new Date(order.occurredAt), receipt.rules.holdDays);
  return earn({
    ambassadorId: attribution!.ambassadorId,
    orderId: order.id,
    occurredAt: order.occurredAt,
    code: attribution!.code,
    currency: order.currency,
    baseMinor: order.baseMinor,
    rateBp: receipt.tier!.rateBp,
    tierId: receipt.tier!.id,
    rulesVersion: receipt.rules.version,
    releaseAt: release.releaseAt.toISOString(),
    releaseDay: release.releaseDay,
  });
}

function change(
  before: Commission,
  { commission, postings }: { commission: Commission; postings: Posting[] },
  sales: number,
): SettledCommission[] {
  if (commission === before) return [];
  const kind: EntryKind =
    commission.reversedMinor > before.reversedMinor
      ? "reverse"
      : commission.reversedMinor < before.reversedMinor
        ? "restore"
        : commission.place === "held"
          ? "hold"
          : "unhold";
  const entry = postings.length > 0 ? { kind, postings, ...(sales === 0 ? {} : { sales }) } : undefined;
  return [{ before, after: commission, entry }];
}

/** Adds a line to the receipt where what went back has changed. */
function withReversal(
  { receipt, ...order }: OrderItem,
  next: {
    reversedMinor: number;
    refundedMinor: number;
    disputedMinor: number;
    now: Date;
    moved?: boolean | undefined;
  },
): OrderItem["receipt"] {
  const { reversedMinor, refundedMinor, disputedMinor, now, moved } = next;
  const reversals = receipt.reversals ?? [];
  const last: Omit<Reversal, "at" | "cause"> & { cause?: ReversalCause } = reversals.at(-1) ?? {
    refundedMinor: 0,
    reversedMinor: 0,
  };
  const disputedBefore = last.disputedMinor ?? 0;
  if (last.refundedMinor === refundedMinor && last.reversedMinor === reversedMinor && disputedBefore === disputedMinor)
    return receipt;
  const causeOf = (): ReversalCause => {
    if (moved) return "correction";
    if (order.mergedInto) return "merged";
    if (isCancelled({ cancellation: order.cancellation })) return "void";
    if (last.cause === "void") return "restored";
    if (disputedMinor !== disputedBefore && refundedMinor === last.refundedMinor)
      return disputedMinor > disputedBefore ? "dispute" : "dispute_won";
    return refundedMinor < last.refundedMinor ? "refund_failed" : "refund";
  };
  const reversal: Reversal = {
    at: now.toISOString(),
    cause: causeOf(),
    refundedMinor,
    ...(disputedMinor > 0 ? { disputedMinor } : {}),
    reversedMinor,
  };
  return { ...receipt, reversals: [...reversals, reversal].slice(-maxReversals) };
}
