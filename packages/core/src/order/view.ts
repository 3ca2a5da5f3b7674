import { candidateRules, type Order, type Receipt } from "@laurel/contract";
import type { Candidate } from "../attribution/index.ts";
import type { Commission } from "../commission/index.ts";
import { completeRules } from "../program/index.ts";
import { holdsOf } from "./money.ts";
import type { OrderItem } from "./order.entity.ts";
import { byHand } from "./order.ts";
import { causeOf, correctedByHand } from "./receipt.ts";

export type Audience =
  | { kind: "staff"; names: ReadonlyMap<string, string> }
  | { kind: "ambassador"; ambassadorId: string };

/** The checkout's ids as it writes them. */
const idsOf = (order: OrderItem): string[] => order.aliases.map((text) => text.slice(text.indexOf("#") + 1));

/** An order in a list. Ambassadors are not shown the checkout's ids. */
export const viewOrder = (order: OrderItem, commission: Commission | undefined, audience: Audience["kind"]): Order => ({
  id: order.id,
  connectionId: order.connectionId,
  externalIds: audience === "staff" ? idsOf(order) : [],
  number: order.number ?? null,
  subscriptionId: audience === "staff" ? (order.subscription?.id ?? null) : null,
  mergedInto: order.mergedInto ?? null,
  newCustomer: order.receipt.inputs?.newCustomer ?? null,
  occurredAt: order.occurredAt,
  status: order.status,
  currency: order.currency,
  grossMinor: order.grossMinor,
  baseMinor: order.baseMinor,
  refundedMinor: order.refundedMinor,
  disputedMinor: order.disputedMinor ?? 0,
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
      version: order.version,
      number: order.number ?? null,
      connectionId: staff ? order.connectionId : null,
      externalIds: staff ? idsOf(order) : [],
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
    rules: { ...completeRules(receipt.rules), holdDays: receipt.rules.holdDays },
    inputs: {
      newCustomer: receipt.inputs?.newCustomer ?? null,
      subscription: receipt.inputs?.subscription ?? null,
    },
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
    holds: holdsOf(order).map(({ reason, since }) => ({
      // Which flag it is, and so by which rule, is the team's to know.
      reason: staff ? reason : reason.slice(0, reason.indexOf(":")),
      since,
      until: order.holds?.[reason]?.until ?? null,
      sentence: holdSentence(reason, staff),
    })),
    reversals: (receipt.reversals ?? []).map((each) => ({ ...each, disputedMinor: each.disputedMinor ?? 0 })),
    revisions: [
      // Why a person decided something is told to whom it concerns: who has the order now need not be who had it then.
      ...(receipt.earlier ?? []).map((each) =>
        !staff && each.cause.startsWith(correctedByHand) ? { ...each, cause: correctedByHand } : each,
      ),
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

const holdSentences: Record<string, string> = {
  dispute: "The buyer's bank asks about the payment",
  early_fraud_warning: "The card's issuer suspects fraud",
};
const holdSentence = (reason: string, staff: boolean): string => {
  const kind = reason.slice(0, reason.indexOf(":"));
  if (kind === "flag") return staff ? "A fraud signal has flagged it" : "It is being checked";
  return holdSentences[kind] ?? "Somebody has to look at it first";
};

const signalWords = {
  promotion_code: "promo code",
  click: "click on the link",
  customer: "earlier purchase",
  subscription: "subscription that it is a payment of",
  manual: "decision of a person",
} as const;

function summaryOf(order: OrderItem, audience: Audience): string {
  const { attribution } = order;
  if (!attribution && order.awaits) return "Nobody yet: the checkout that this payment came from is being looked for.";
  if (!attribution && byHand(order)) return "Nobody: a person decided so.";
  if (!attribution)
    return order.receipt.candidates.some((each) => each.rule === "not_known_yet")
      ? "Nobody yet: the order's promotion code is being looked up at the checkout."
      : "Nobody: no signal on this order named an ambassador.";
  const whose =
    audience.kind === "ambassador"
      ? "It is yours"
      : `It belongs to ${audience.names.get(attribution.ambassadorId) ?? "an ambassador whose name was erased"}`;
  const named = attribution.kind === "promotion_code" || attribution.kind === "click";
  const code = attribution.code && named ? ` ${attribution.code}` : "";
  return `${whose}, because of the ${signalWords[attribution.kind]}${code}.`;
}
