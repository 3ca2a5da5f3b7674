import { PatchProgram, type Rules } from "@laurel/contract";

/** A set of rules apart from the number that it gets when it is saved. */
export type RuleSet = Omit<Rules, "version">;

/** A span of months as it is chosen: none, some, or without end. */
export interface SpanDraft {
  kind: "none" | "months" | "ever";
  /** As it was typed; kept while another kind is chosen. */
  months: string;
}

/** The rules as they are edited: numbers are text until they are read. */
export type RulesDraft = Omit<RuleSet, "clickWindowDays" | "bindingMonths" | "renewalMonths"> & {
  clickWindowDays: string;
  binding: SpanDraft;
  renewal: SpanDraft;
};

/** What is wrong with a draft, by the rule, in half a sentence that follows its name. */
export type RulesErrors = Partial<Record<keyof RuleSet, string>>;

const usualMonths = "12";
const spanOf = (months: number | null): SpanDraft => ({
  kind: months === null ? "ever" : months === 0 ? "none" : "months",
  months: months ? String(months) : usualMonths,
});

export const draftOf = ({ bindingMonths, renewalMonths, clickWindowDays, ...rest }: RuleSet): RulesDraft => ({
  precedence: rest.precedence,
  clickWindowDays: String(clickWindowDays),
  clickTouch: rest.clickTouch,
  severalCodes: rest.severalCodes,
  newCustomersOnly: rest.newCustomersOnly,
  countOwnOrders: rest.countOwnOrders,
  binding: spanOf(bindingMonths),
  renewal: spanOf(renewalMonths),
  campaignDates: rest.campaignDates,
  countOutOfBand: rest.countOutOfBand,
});

/** A whole number, or NaN for a text that is none. */
export const wholeOf = (text: string): number => (/^\s*\d{1,6}\s*$/.test(text) ? Number(text) : Number.NaN);

const monthsOf = ({ kind, months }: SpanDraft): number | null =>
  kind === "ever" ? null : kind === "none" ? 0 : wholeOf(months);

/** The rules that a draft stands for. A number that is none, or that the API would refuse, is an error, and NaN among the rules. */
export function readDraft(draft: RulesDraft): { rules: RuleSet; errors: RulesErrors } {
  const { binding, renewal, clickWindowDays, ...rest } = draft;
  const rules: RuleSet = {
    ...rest,
    clickWindowDays: wholeOf(clickWindowDays),
    bindingMonths: monthsOf(binding),
    renewalMonths: monthsOf(renewal),
  };
  const errors: RulesErrors = {};
  const checked = PatchProgram.shape.rules.safeParse(rules);
  for (const { path } of checked.error?.issues ?? []) {
    const name = path[0] as keyof RuleSet;
    errors[name] = name === "clickWindowDays" ? "is a whole number from 1 to 365" : "is not right";
  }
  // None at all is a choice of its own.
  for (const [name, span] of [
    ["bindingMonths", binding],
    ["renewalMonths", renewal],
  ] as const)
    if (span.kind === "months" && !(rules[name]! >= 1 && rules[name]! <= 120))
      errors[name] = "is a whole number from 1 to 120";
  // What is wrong is no number to tell an example by.
  if (errors.clickWindowDays) rules.clickWindowDays = Number.NaN;
  if (errors.bindingMonths) rules.bindingMonths = Number.NaN;
  if (errors.renewalMonths) rules.renewalMonths = Number.NaN;
  if (rest.precedence.length === 0) errors.precedence = "names at least one of them";
  return { rules, errors };
}

/** NaN is like itself and like nothing else, not like null as in JSON. */
const alike = (a: unknown, b: unknown): boolean => Object.is(a, b) || (Array.isArray(a) && String(a) === String(b));

/** What two sets of rules differ in, for a PATCH. */
export const changedRules = (before: RuleSet, after: RuleSet): Partial<RuleSet> =>
  Object.fromEntries(
    (Object.keys(after) as (keyof RuleSet)[])
      .filter((name) => name in before && !alike(before[name], after[name]))
      .map((name) => [name, after[name]]),
  );
