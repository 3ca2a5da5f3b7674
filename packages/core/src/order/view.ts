import { candidateRules, type Order, type Receipt } from "@laurel/contract";
import type { Candidate } from "../attribution/index.ts";
import type { Commission } from "../commission/index.ts";
import type { OrderItem } from "./order.entity.ts";

export type Audience =
  | { kind: "staff"; names: ReadonlyMap<string, string> }
  | { kind: "ambassador"; ambassadorId: string };

/** An order in a list. Ambassadors are not shown the checkout's ids. */
export const viewOrder = (order: OrderItem, commission: Commission | undefined, audience: Audience["kind"]): Order => ({
  id: order.id,
  connectionId: order.connectionId,
  externalIds: audience === "staff" ? order.aliases : [],
  occurredAt: order.occurredAt,
  status: order.status,
  currency: order.currency,
  grossMinor: order.grossMinor,
  baseMinor: order.baseMinor,
  refundedMinor: order.refundedMinor,
  attribution: order.attribution
    ? {
        ambassadorId: order.attribution.ambassadorId,
        code: order.attribution.code ?? null,
        reason: order.attribution.kind,
      }
    : null,
  commission: commission
    ? {
        earnedMinor: commission.earnedMinor,
        reversedMinor: commission.reversedMinor,
        state: commission.state,
        releaseAt: commission.releaseAt,
        releaseDay: commission.releaseDay,
      }
    : null,
});

/**
 * The receipt, for whom it is. Staff see every candidate by name; an ambassador sees their own signals, and of every other
 * candidate only that there was one and the rule that decided. Nothing about the buyer is in it for anyone.
 */
export function viewReceipt(order: OrderItem, commission: Commission | undefined, audience: Audience): Receipt {
  const staff = audience.kind === "staff";
  const { receipt } = order;
  const own = (candidate: Candidate): boolean => staff || candidate.ambassadorId === audience.ambassadorId;
  const seen = receipt.candidates.filter(own);
  return {
    orderId: order.id,
    audience: audience.kind,
    revision: receipt.revision,
    decidedAt: receipt.decidedAt,
    summary: summaryOf(order, audience),
    order: {
      connectionId: staff ? order.connectionId : null,
      externalIds: staff ? order.aliases : [],
      occurredAt: order.occurredAt,
      status: order.status,
      currency: order.currency,
      grossMinor: order.grossMinor,
      refundedMinor: order.refundedMinor,
    },
    signals: seen.map(({ kind, ref, code, seenAt }) => ({
      kind,
      value: kind === "promotion_code" ? (code ?? ref ?? null) : kind === "click" ? (ref ?? null) : null,
      seenAt: seenAt ?? null,
    })),
    candidates: receipt.candidates.map((candidate) => {
      const shown = own(candidate);
      return {
        who: whoIs(candidate, audience),
        ambassadorId: shown ? (candidate.ambassadorId ?? null) : null,
        kind: shown ? candidate.kind : null,
        code: shown ? (candidate.code ?? null) : null,
        outcome: candidate.outcome,
        rule: candidate.rule,
        explanation: candidateRules[candidate.rule],
      };
    }),
    rules: receipt.rules,
    base: {
      lines: order.baseLines.map(([label, amountMinor]) => ({ label, amountMinor })),
      baseMinor: order.baseMinor,
    },
    rate: receipt.tier ? { tierId: receipt.tier.id, tierName: receipt.tier.name, rateBp: receipt.tier.rateBp } : null,
    commission: commission
      ? {
          earnedMinor: commission.earnedMinor,
          reversedMinor: commission.reversedMinor,
          state: commission.state,
          releaseAt: commission.releaseAt,
          releaseDay: commission.releaseDay,
        }
      : null,
    reversals: receipt.reversals ?? [],
    revisions: [
      ...(receipt.earlier ?? []),
      { revision: receipt.revision, decidedAt: receipt.decidedAt, cause: causeOf(receipt) },
    ],
  };
}

function whoIs(candidate: Candidate, audience: Audience): string {
  if (audience.kind === "ambassador")
    return candidate.ambassadorId === audience.ambassadorId ? "you" : "another ambassador";
  if (!candidate.ambassadorId) return "nobody";
  return audience.names.get(candidate.ambassadorId) ?? "an ambassador whose name was erased";
}

/** Why a decision was made. */
export const causeOf = (receipt: OrderItem["receipt"]): string => receipt.cause ?? "First decision";

const signalWords = { promotion_code: "promo code", click: "click on the link", customer: "earlier purchase" } as const;

function summaryOf(order: OrderItem, audience: Audience): string {
  const { attribution } = order;
  if (!attribution)
    return order.receipt.candidates.some((each) => each.rule === "not_known_yet")
      ? "Nobody yet: the order's promotion code is being looked up at the checkout."
      : "Nobody: no signal on this order named an ambassador.";
  const whose =
    audience.kind === "ambassador"
      ? "It is yours"
      : `It belongs to ${audience.names.get(attribution.ambassadorId) ?? "an ambassador whose name was erased"}`;
  const code = attribution.code && attribution.kind !== "customer" ? ` ${attribution.code}` : "";
  return `${whose}, because of the ${signalWords[attribution.kind]}${code}.`;
}
