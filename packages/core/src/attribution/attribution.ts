import type { AmbassadorStatus, CandidateRule, SignalKind } from "@laurel/contract";
import type { RuleSet } from "../program/program.entity.ts";

/** A signal as it was seen on a purchase, with what the table knows about it. */
export interface Signal {
  kind: SignalKind;
  /** The promotion code's id or the click's; a customer is never named. */
  ref: string | null;
  seenAt: string | null;
  /** `unknown`: the table does not know it yet. `foreign`: known, and nobody's of this program. */
  found: "ours" | "unknown" | "foreign";
  code?: string | undefined;
  ambassadorId?: string | undefined;
  tierId?: string | undefined;
  ambassadorStatus?: AmbassadorStatus | undefined;
  /** When the ambassador came in, as far as their code tells. */
  joinedAt?: string | undefined;
}

/** What became of a signal, and by which rule. Kept on the receipt. */
export interface Candidate {
  kind: SignalKind;
  ref?: string | undefined;
  seenAt?: string | undefined;
  code?: string | undefined;
  ambassadorId?: string | undefined;
  outcome: "won" | "lost";
  rule: CandidateRule;
}

export interface Decision {
  candidates: Candidate[];
  winner: (Signal & { ambassadorId: string }) | undefined;
  /** The promotion code that must be looked up before anyone else may win. */
  waitingFor: string | undefined;
}

const dayMs = 86_400_000;

/** Why a signal names nobody who could win, or undefined where it does. */
function flaw(signal: Signal, rules: RuleSet, occurredAt: string): CandidateRule | undefined {
  if (signal.kind === "promotion_code") {
    if (signal.found === "unknown") return "not_known_yet";
    if (signal.found === "foreign") return "not_ours";
  }
  if (signal.kind === "click") {
    if (signal.found !== "ours") return "unknown_click";
    const age = Date.parse(occurredAt) - Date.parse(signal.seenAt ?? "");
    if (!(age <= rules.clickWindowDays * dayMs)) return "outside_window";
  }
  if (signal.kind === "customer" && signal.found !== "ours") return "not_bound";
  if (signal.ambassadorStatus === "banned") return "ambassador_banned";
  return undefined;
}

/**
 * Who an order belongs to: the first signal, in the order of the rules, that names an ambassador who can win.
 * A code that nobody knows yet stops the search where it stands, so that an order never moves from one person to another
 * because a look-up came late. A disabled code and an ambassador who left still win: the sale was theirs.
 */
export function attribute(signals: readonly Signal[], rules: RuleSet, occurredAt: string): Decision {
  const ranked = rules.precedence.flatMap((kind) => signals.filter((signal) => signal.kind === kind));
  let winner: Decision["winner"];
  let waitingFor: string | undefined;
  const candidates = ranked.map((signal): Candidate => {
    const seen = {
      kind: signal.kind,
      ref: signal.ref ?? undefined,
      seenAt: signal.seenAt ?? undefined,
      code: signal.code,
      ambassadorId: signal.ambassadorId,
    };
    const rule = flaw(signal, rules, occurredAt);
    if (rule) {
      if (rule === "not_known_yet" && !winner) waitingFor ??= signal.ref ?? undefined;
      return { ...seen, outcome: "lost", rule };
    }
    if (winner)
      return {
        ...seen,
        outcome: "lost",
        rule: winner.ambassadorId === signal.ambassadorId ? "same_ambassador" : "weaker_signal",
      };
    if (waitingFor) return { ...seen, outcome: "lost", rule: "weaker_signal" };
    winner = signal as Signal & { ambassadorId: string };
    return { ...seen, outcome: "won", rule: "strongest_signal" };
  });
  return { candidates, winner, waitingFor };
}
