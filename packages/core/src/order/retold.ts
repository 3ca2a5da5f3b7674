import type { CandidateRule } from "@laurel/contract";
import type { Candidate, Inputs, Signal } from "../attribution/index.ts";
import { completeRules } from "../program/index.ts";
import type { FrozenReceipt } from "./order.entity.ts";
import type { KeptSignals } from "./order.ts";
import { asSeen } from "./signals.ts";

/** A decision as it was made, with all that it rested on. */
export interface Retold {
  candidates: readonly Candidate[];
  /** What the checkout told, in its order. */
  told: Pick<KeptSignals, "promotionCodeIds" | "codes">;
  rules: FrozenReceipt["rules"];
  inputs: Inputs;
  occurredAt: string;
  /** Whose it was made. */
  ambassadorId: string | undefined;
}

/** The campaign of codes whose campaign did not run when it was asked: belongs among the campaigns of the situation. */
export const notRunning = { id: "ended", startsOn: "9999-12-31" };

/** The signals of a receipt as they were when they were seen, in the order in which they came. */
export function signalsOf({ candidates, told, rules }: Retold): Signal[] {
  const datesCounted = completeRules(rules).campaignDates;
  const refs = [...(told.promotionCodeIds ?? []), ...(told.codes ?? [])];
  const place = ({ kind, ref }: Candidate): number => (kind === "promotion_code" ? refs.indexOf(ref ?? "") : -1);
  return candidates
    .filter((each) => each.kind !== "manual")
    .toSorted((a, b) => place(a) - place(b))
    .map((candidate) => {
      const signal = asSeen(candidate);
      if (candidate.rule === "ambassador_banned") signal.ambassadorStatus = "banned";
      // Whether a campaign ran was told then, and its dates may have been changed since.
      if (signal.campaignId && datesCounted && !beforeDates.has(candidate.rule))
        signal.campaignId = candidate.rule === "outside_campaign" ? notRunning.id : undefined;
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
