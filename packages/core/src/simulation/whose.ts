import { attribute, type Candidate, type Inputs, type Signal, type Situation } from "../attribution/index.ts";
import type { CodeItem } from "../code/index.ts";
import { type Binding, copiesOf, customerSignal, notRunning, type Retold, signalsOf } from "../order/index.ts";
import { completeRules } from "../program/index.ts";
import type { Proposal } from "./proposal.ts";

/** Codes by their text; undefined where there is none. What is not in it was not read. */
export type Codes = ReadonlyMap<string, CodeItem | undefined>;

/** Codes that must be read before something can be decided. */
export interface Needs {
  needs: string[];
}

export type Winner = Signal & { ambassadorId: string };

export interface Whose {
  winner: Winner | undefined;
  candidates: readonly Candidate[];
  /** Its receipt does not lead to what was decided: nothing can be said of it, so it stays as it is. */
  kept: boolean;
}

/**
 * Decides by the proposed rules what was decided before, from what its receipt kept and by the function that decided it.
 * The receipt must first lead to what was decided by the rules that it was decided by; else it is left as it is, so that
 * what the proposal does is not mixed with what can't be told any more.
 * @param binding whose the customer would be, where that differs from what the receipt saw
 * @param also how the inputs differ from those of the receipt
 */
export function whose(
  made: Retold,
  proposal: Proposal,
  codes: Codes,
  { binding, also = {} }: { binding?: Binding | undefined; also?: Inputs } = {},
): Whose | Needs {
  const { inputs, occurredAt, ambassadorId } = made;
  const rules = completeRules(made.rules);
  const signals = signalsOf(made).map((signal) => {
    // A code that nobody had to look up then is taken for the shop's own; one that is being looked up is waited for.
    if (signal.kind === "promotion_code" && signal.found === "unknown" && ambassadorId)
      return { ...signal, found: "foreign" as const };
    return signal;
  });
  const situation: Situation = {
    ...inputs,
    occurredAt,
    timeZone: proposal.timeZone,
    campaigns: [...proposal.campaigns, notRunning],
  };
  const before = attribute(signals, rules, situation);
  if (before.winner?.ambassadorId !== ambassadorId)
    return { winner: undefined, candidates: made.candidates, kept: true };
  const now = binding ? [...signals.filter((each) => each.kind !== "customer"), ...customerSignal(binding)] : signals;
  return decided(now, proposal, { ...situation, ...also }, codes);
}

/** As an order is attributed: what names a code, and not what the code gives, is looked up where it would win. */
export function decided(
  signals: readonly Signal[],
  { rules }: Proposal,
  situation: Situation,
  codes: Codes,
): Whose | Needs {
  const first = attribute(signals, rules, situation);
  if (!first.winner || first.winner.tierId) return { ...first, kept: false };
  const texts = signals.flatMap((signal) => (signal.code && !signal.tierId ? [signal.code] : []));
  const needs = texts.filter((text) => !codes.has(text));
  if (needs.length > 0) return { needs };
  const told = signals.map((signal) => {
    const code = signal.tierId ? undefined : codes.get(signal.code ?? "");
    return code ? { ...signal, ...copiesOf(code) } : signal;
  });
  return { ...attribute(told, rules, situation), kept: false };
}
