import type { Simulation, SimulationResult } from "@laurel/contract";
import { formatMoney } from "../../format/money.ts";
import { plural } from "../../format/words.ts";
import type { RuleSet } from "../program/rules-draft.ts";
import { joined } from "../program/rules-words.ts";

/** How many orders change hands. */
export const changedOf = ({ orders }: SimulationResult): number => orders.moved + orders.gained + orders.lost;

/** What was tried, as a sentence begins. */
function triedOf({ changedRules, rates }: Pick<Simulation, "changedRules" | "rates">): string {
  if (changedRules.length === 0) return rates.length > 0 ? "At these rates" : "Under the rules in force";
  return rates.length > 0 ? "Under these rules and rates" : "Under these rules";
}

/** What came of it, in one sentence. */
export function answerOf(
  simulation: Pick<Simulation, "days" | "changedRules" | "rates">,
  result: SimulationResult,
  locale?: string,
): string {
  const { days } = simulation;
  const amounts = result.currencies
    .filter((each) => each.differenceMinor !== 0)
    .map(
      ({ differenceMinor, currency }) =>
        `${formatMoney(Math.abs(differenceMinor), currency, locale)} ${differenceMinor > 0 ? "more" : "less"}`,
    );
  const last = days === 1 ? "the last day" : `the last ${days} days`;
  const cost = `${triedOf(simulation)} ${last} would have cost ${amounts.length > 0 ? joined(amounts) : "the same"}`;
  const changed = changedOf(result);
  const hands = changed === 0 ? "no order changes hands" : `${plural(changed, "order changes", "orders change")} hands`;
  const earn = (count: number, how: string) =>
    count > 0 ? [`${plural(count, "ambassador earns", "ambassadors earn")} ${how}`] : [];
  const more = Math.max(0, ...result.currencies.map((each) => each.earnMore));
  const less = Math.max(0, ...result.currencies.map((each) => each.earnLess));
  return `${[cost, hands, ...earn(less, "less"), ...earn(more, "more")].join("; ")}.`;
}

/** The rules that were changed for the trial, as a PATCH says them. */
export const triedRules = ({ rules, changedRules }: Pick<Simulation, "rules" | "changedRules">): Partial<RuleSet> =>
  Object.fromEntries(Object.entries(rules).filter(([name]) => changedRules.includes(name)));

/** An amount with its sign, for a difference. */
export const signed = (minor: number, currency: string): string =>
  `${minor > 0 ? "+" : ""}${formatMoney(minor, currency)}`;
