import type { CandidateRule } from "@laurel/contract";
import { attribute, type Candidate, type Inputs, type Signal, type Situation } from "../attribution/index.ts";
import type { CodeItem } from "../code/index.ts";
import { asSeen, type Binding, copiesOf, type FrozenReceipt, type KeptSignals } from "../order/index.ts";
import { completeRules } from "../program/index.ts";
import type { Proposal } from "./proposal.ts";

/** Codes by their text; undefined where there is none. What is not in it was not read. */
export type Codes = ReadonlyMap<string, CodeItem | undefined>;

/** Codes that must be read before something can be decided. */
export interface Needs {
  needs: string[];
}

/** A decision as it was made, with all that it rested on. */
export interface Made {
  candidates: readonly Candidate[];
  /** What the checkout told, in its order. */
  told: Pick<KeptSignals, "promotionCodeIds" | "codes">;
  rules: FrozenReceipt["rules"];
  inputs: Inputs;
  occurredAt: string;
  /** Whose it was made. */
  ambassadorId: string | undefined;
}

export type Winner = Signal & { ambassadorId: string };

export interface Whose {
  winner: Winner | undefined;
  candidates: readonly Candidate[];
  /** Its receipt does not lead to what was decided: nothing can be said of it, so it stays as it is. */
  kept: boolean;
}

/** The campaign of codes whose campaign did not run when it was asked. */
const ended = { id: "ended", startsOn: "9999-12-31" };

/**
 * Decides by the proposed rules what was decided before, from what its receipt kept and by the function that decided it.
 * The receipt must first lead to what was decided by the rules that it was decided by; else it is left as it is, so that
 * what the proposal does is not mixed with what can't be told any more.
 * @param binding whose the customer would be, where that differs from what the receipt saw
 * @param also how the inputs differ from those of the receipt
 */
export function whose(
  made: Made,
  proposal: Proposal,
  codes: Codes,
  { binding, also = {} }: { binding?: Binding | undefined; also?: Inputs } = {},
): Whose | Needs {
  const { inputs, occurredAt, ambassadorId } = made;
  const rules = completeRules(made.rules);
  const signals = signalsOf(made, rules.campaignDates);
  const situation: Situation = {
    ...inputs,
    occurredAt,
    timeZone: proposal.timeZone,
    campaigns: [...proposal.campaigns, ended],
  };
  const before = attribute(signals, rules, situation);
  if (before.winner?.ambassadorId !== ambassadorId)
    return { winner: undefined, candidates: made.candidates, kept: true };
  const now = binding ? [...signals.filter((each) => each.kind !== "customer"), ...signalOf(binding)] : signals;
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

const signalOf = ({ boundAmbassadorId, boundCode, boundAt }: Binding): Signal[] =>
  boundAmbassadorId
    ? [
        {
          kind: "customer",
          ref: null,
          seenAt: boundAt ?? null,
          found: "ours",
          code: boundCode,
          ambassadorId: boundAmbassadorId,
        },
      ]
    : [];

/** The signals of a receipt as they were when they were seen, in the order in which they came. */
function signalsOf({ candidates, told, ambassadorId }: Made, datesCounted: boolean): Signal[] {
  const refs = [...(told.promotionCodeIds ?? []), ...(told.codes ?? [])];
  const place = ({ kind, ref }: Candidate): number => (kind === "promotion_code" ? refs.indexOf(ref ?? "") : -1);
  return candidates
    .filter((each) => each.kind !== "manual")
    .toSorted((a, b) => place(a) - place(b))
    .map((candidate) => {
      const signal = asSeen(candidate);
      // A code that nobody had to look up then is taken for the shop's own; one that is being looked up is waited for.
      const waits = candidate.rule === "not_known_yet" && !ambassadorId;
      if (signal.found === "unknown" && signal.kind === "promotion_code" && !waits) signal.found = "foreign";
      if (candidate.rule === "ambassador_banned") signal.ambassadorStatus = "banned";
      // Whether a campaign ran was told then, and its dates may have been changed since.
      if (signal.campaignId && datesCounted && !beforeDates.has(candidate.rule))
        signal.campaignId = candidate.rule === "outside_campaign" ? ended.id : undefined;
      return signal;
    });
}

/** Flaws that are found before it is asked whether the campaign runs. */
const beforeDates = new Set<CandidateRule>([
  "not_known_yet",
  "not_ours",
  "code_replaced",
  "several_codes",
  "unknown_click",
  "outside_window",
  "not_bound",
  "awaits_checkout",
  "not_counted",
]);
