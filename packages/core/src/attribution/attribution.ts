import {
  type AmbassadorStatus,
  type CandidateRule,
  type Rules,
  rankedSignals,
  type SignalKind,
} from "@laurel/contract";
import { addMonths, dayOf } from "../kernel/time.ts";

/** A signal as it was seen on a purchase, with what the table knows about it. */
export interface Signal {
  kind: SignalKind;
  /** The promotion code's id or text, the click's id, the subscription's; a customer is never named. */
  ref: string | null;
  /** When a click was made, or since when a customer is bound. */
  seenAt: string | null;
  /** `unknown`: the table does not know it yet. `foreign`: known, and nobody's of this program. */
  found: "ours" | "unknown" | "foreign";
  code?: string | undefined;
  ambassadorId?: string | undefined;
  campaignId?: string | undefined;
  tierId?: string | undefined;
  ambassadorStatus?: AmbassadorStatus | undefined;
  /** When the ambassador came in, as far as their code tells. */
  joinedAt?: string | undefined;
  /** From when on the code counts no more, where another one took its place. */
  endsAt?: string | undefined;
}

/** What became of a signal, and by which rule. Kept on the receipt, with all that deciding it again needs. */
export interface Candidate {
  kind: SignalKind;
  ref?: string | undefined;
  seenAt?: string | undefined;
  code?: string | undefined;
  ambassadorId?: string | undefined;
  campaignId?: string | undefined;
  tierId?: string | undefined;
  endsAt?: string | undefined;
  outcome: "won" | "lost";
  rule: CandidateRule;
}

/** What else a decision hangs on. Kept on the receipt. */
export interface Inputs {
  /** Whether the buyer had not bought before; undefined where nobody knows. */
  newCustomer?: boolean | undefined;
  /** The ambassador who bought it, where the buyer is one. */
  buyerAmbassadorId?: string | undefined;
  /** Where it is a payment of a subscription; `first` is its first one of more than nothing. */
  subscription?: { part: "start" | "renewal"; beganAt: string; first: boolean } | undefined;
}

export interface Situation extends Inputs {
  occurredAt: string;
  timeZone: string;
  campaigns: readonly { id: string; startsOn?: string | undefined; endsOn?: string | undefined }[];
}

export interface Decision {
  candidates: Candidate[];
  winner: (Signal & { ambassadorId: string }) | undefined;
  /** The promotion code that must be looked up before anyone else may win. */
  waitingFor: string | undefined;
}

const dayMs = 86_400_000;

/** Whether an instant lies within so many calendar months of another; 0 is never, null for ever. */
export function within(months: number | null, from: string | null, at: string, timeZone: string): boolean {
  if (months === null) return true;
  if (months === 0 || !from) return false;
  return dayOf(timeZone, new Date(at)) < addMonths(dayOf(timeZone, new Date(from)), months);
}

/** Whether the campaign of a code or a link ran on the day that counts. One without dates always runs. */
function ran(signal: Signal, { campaigns, timeZone }: Situation, at: string): boolean {
  const campaign = campaigns.find((each) => each.id === signal.campaignId);
  const day = dayOf(timeZone, new Date(at));
  return (campaign?.startsOn ?? day) <= day && day <= (campaign?.endsOn ?? day);
}

/** Why a signal names nobody who could win, or undefined where it does. */
function flaw(signal: Signal, rules: Rules, situation: Situation, several: boolean): CandidateRule | undefined {
  const { occurredAt, timeZone } = situation;
  if (uncounted(rules).includes(signal.kind)) return signal.found === "foreign" ? "not_ours" : "not_counted";
  switch (signal.kind) {
    case "promotion_code":
      if (signal.found === "unknown") return "not_known_yet";
      if (signal.found === "foreign") return "not_ours";
      if (signal.endsAt !== undefined && signal.endsAt <= occurredAt) return "code_replaced";
      if (several) return "several_codes";
      if (rules.campaignDates && !ran(signal, situation, occurredAt)) return "outside_campaign";
      break;
    case "click": {
      if (signal.found !== "ours") return "unknown_click";
      const age = Date.parse(occurredAt) - Date.parse(signal.seenAt ?? "");
      if (!(age <= rules.clickWindowDays * dayMs)) return "outside_window";
      if (rules.campaignDates && !ran(signal, situation, signal.seenAt!)) return "outside_campaign";
      break;
    }
    case "customer":
      if (signal.found !== "ours") return "not_bound";
      if (!within(rules.bindingMonths, signal.seenAt, occurredAt, timeZone)) return "binding_over";
      break;
    case "subscription": {
      if (signal.found !== "ours") return "not_bound";
      const { subscription } = situation;
      const first = rules.renewalMonths === 0 && subscription?.first === true;
      if (!first && !within(rules.renewalMonths, subscription?.beganAt ?? null, occurredAt, timeZone))
        return "subscription_over";
    }
  }
  if (signal.ambassadorStatus === "banned") return "ambassador_banned";
  if (!rules.countOwnOrders && situation.buyerAmbassadorId === signal.ambassadorId) return "own_order";
  if (rules.newCustomersOnly && situation.newCustomer === false && wins(signal.kind)) return "returning_customer";
  return undefined;
}

/** Whether a signal wins a customer, and does not merely keep one. */
const wins = (kind: SignalKind): boolean => kind === "promotion_code" || kind === "click";

/** The signals in the order in which the rules believe them. */
function ranked(signals: readonly Signal[], rules: Rules): Signal[] {
  const of = (kind: SignalKind): Signal[] => {
    const those = signals.filter((signal) => signal.kind === kind);
    if (kind === "click") {
      // A click whose time is not known is believed last, whichever touch counts.
      const sign = rules.clickTouch === "first" ? 1 : -1;
      const time = (signal: Signal): number => (signal.seenAt ? sign * Date.parse(signal.seenAt) : Number.MAX_VALUE);
      return those.toSorted((a, b) => time(a) - time(b));
    }
    if (kind === "promotion_code") {
      if (rules.severalCodes === "last") return those.toReversed();
      // Nobody can say that two codes name different people before both are known.
      if (rules.severalCodes === "nobody")
        return those.toSorted((a, b) => Number(b.found === "unknown") - Number(a.found === "unknown"));
    }
    return those;
  };
  return [...of("subscription"), ...rules.precedence.flatMap(of), ...uncounted(rules).flatMap(of)];
}

/** Kinds of signals that the rules leave out. They win nothing, and stay on the receipt: other rules may count them. */
const uncounted = (rules: Rules): SignalKind[] => rankedSignals.filter((kind) => !rules.precedence.includes(kind));

/** What stays of a signal on the receipt. */
export const seen = (signal: Signal): Omit<Candidate, "outcome" | "rule"> => ({
  kind: signal.kind,
  ref: signal.ref ?? undefined,
  seenAt: signal.seenAt ?? undefined,
  code: signal.code,
  ambassadorId: signal.ambassadorId,
  campaignId: signal.campaignId,
  tierId: signal.tierId,
  endsAt: signal.endsAt,
});

/**
 * Who an order belongs to: the first signal, in the order of the rules, that names an ambassador who can win.
 * A code that nobody knows yet stops the search where it stands, so that an order never moves from one person to another
 * because a look-up came late. A code that is not of this program suppresses nobody. A disabled code and an ambassador who
 * left still win: the sale was theirs.
 */
export function attribute(signals: readonly Signal[], rules: Rules, situation: Situation): Decision {
  let winner: Decision["winner"];
  let waitingFor: string | undefined;
  const codesOf = new Set(
    signals.flatMap((signal) => (signal.kind === "promotion_code" ? (signal.ambassadorId ?? []) : [])),
  );
  const several = rules.severalCodes === "nobody" && codesOf.size > 1;
  const candidates = ranked(signals, rules).map((signal): Candidate => {
    const rule = flaw(signal, rules, situation, several);
    if (rule) {
      if (rule === "not_known_yet" && !winner) waitingFor ??= signal.ref ?? undefined;
      return { ...seen(signal), outcome: "lost", rule };
    }
    if (winner)
      return {
        ...seen(signal),
        outcome: "lost",
        rule: winner.ambassadorId === signal.ambassadorId ? "same_ambassador" : "weaker_signal",
      };
    if (waitingFor) return { ...seen(signal), outcome: "lost", rule: "weaker_signal" };
    winner = signal as Signal & { ambassadorId: string };
    return { ...seen(signal), outcome: "won", rule: "strongest_signal" };
  });
  return { candidates, winner, waitingFor };
}
