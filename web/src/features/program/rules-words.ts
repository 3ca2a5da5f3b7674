import type { RankedSignal } from "@laurel/contract";
import type { RuleSet } from "./rules-draft.ts";

/** A rule's name, as its field, a change and an error call it. */
export const ruleNames: Record<keyof RuleSet, string> = {
  precedence: "What is believed first",
  clickWindowDays: "How long a click counts",
  clickTouch: "Which of several clicks counts",
  severalCodes: "Which of several codes counts",
  newCustomersOnly: "New customers only",
  countOwnOrders: "Ambassadors' own orders",
  bindingMonths: "How long a customer stays with an ambassador",
  renewalMonths: "How long a subscription earns",
  campaignDates: "Campaign dates",
  countOutOfBand: "Invoices paid outside of the checkout",
};

const many: Record<RankedSignal, string> = {
  promotion_code: "promo codes",
  click: "clicks on links",
  customer: "known customers",
};
const one: Record<RankedSignal, string> = {
  promotion_code: "a promo code",
  click: "a click on a link",
  customer: "a known customer",
};

/** A number that may not be there yet, with its unit. */
const counted = (value: number, unit: string): string =>
  Number.isNaN(value) ? `… ${unit}s` : `${value} ${unit}${value === 1 ? "" : "s"}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const joined = (parts: readonly string[], word = "and"): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} ${word} ${parts.at(-1)}`;

function span(months: number | null, ever: string, none: string): string {
  if (months === null) return ever;
  return months === 0 ? none : `for ${counted(months, "month")}`;
}

/** One rule's setting in a few words, as a list of changes shows it. */
export function settingOf<K extends keyof RuleSet>(name: K, rules: Pick<RuleSet, K>): string {
  const value: unknown = rules[name];
  switch (name as keyof RuleSet) {
    case "precedence":
      return (value as RankedSignal[]).map((kind) => many[kind]).join(", then ");
    case "clickWindowDays":
      return counted(value as number, "day");
    case "clickTouch":
      return value === "first" ? "the first" : "the latest";
    case "severalCodes":
      return value === "nobody" ? "none of them" : value === "first" ? "the first entered" : "the last entered";
    case "bindingMonths":
      return span(value as number | null, "for ever", "not at all");
    case "renewalMonths":
      return span(value as number | null, "every payment", "the first payment only");
    case "newCustomersOnly":
      return value ? "yes" : "no, every customer";
    case "campaignDates":
      return value ? "looked at" : "not looked at";
    default:
      return value ? "count" : "do not count";
  }
}

/** What a set of rules says, in sentences, the most important first. */
export function sentencesOf(rules: RuleSet): string[] {
  const { precedence } = rules;
  const has = (kind: RankedSignal) => precedence.includes(kind);
  const unused = (["promotion_code", "click", "customer"] as const).filter((kind) => !has(kind));
  const sentences: string[] = [];
  const [first, ...later] = precedence;
  if (first === undefined) return ["Nothing names an ambassador, so nobody earns."];
  sentences.push(
    later.length === 0
      ? `Only ${many[first]} name an ambassador.`
      : `${capital(one[first])} is believed before ${later.map((kind) => one[kind]).join(", and that before ")}.`,
  );
  if (later.length > 0 && unused.length > 0)
    sentences.push(`${capital(joined(unused.map((kind) => many[kind])))} are not looked at.`);
  if (has("promotion_code"))
    sentences.push(
      rules.severalCodes === "nobody"
        ? "If one order has codes of several ambassadors, none of the codes counts."
        : `If one order has codes of several ambassadors, the one entered ${rules.severalCodes} counts.`,
    );
  if (has("click"))
    sentences.push(
      `A click counts for ${counted(rules.clickWindowDays, "day")}; of several, the ${rules.clickTouch === "first" ? "first" : "latest"} one.`,
    );
  if (has("customer"))
    sentences.push(
      rules.bindingMonths === 0
        ? "A customer stays with nobody: each order needs a code or a click of its own."
        : `A customer stays with the ambassador who brought them ${span(rules.bindingMonths, "for ever", "")}.`,
    );
  sentences.push(
    rules.renewalMonths === null
      ? "Every payment of a subscription earns for whoever brought it."
      : rules.renewalMonths === 0
        ? "Of a subscription only the first payment earns."
        : `The payments of a subscription earn for ${counted(rules.renewalMonths, "month")} from its start.`,
  );
  if (has("promotion_code") || has("click")) {
    const both = joined([...(has("promotion_code") ? ["codes"] : []), ...(has("click") ? ["clicks"] : [])]);
    sentences.push(
      rules.newCustomersOnly
        ? `${capital(both)} count only for customers who had not bought before.`
        : `${capital(both)} count for new and returning customers alike.`,
      rules.campaignDates
        ? `${capital(both)} count only while their campaign runs.`
        : `${capital(both)} count whether or not their campaign runs.`,
    );
  }
  sentences.push(
    rules.countOwnOrders
      ? "Ambassadors earn by what they buy themselves, too."
      : "Ambassadors earn nothing by what they buy themselves.",
    rules.countOutOfBand
      ? "Invoices that were paid outside of the checkout earn, too."
      : "Invoices that were paid outside of the checkout earn nothing.",
  );
  return sentences;
}

export interface RuleChange {
  name: keyof RuleSet;
  what: string;
  from: string;
  to: string;
}

/** What changed from one version of the rules to the next, rule by rule. */
export const ruleChanges = (before: RuleSet, after: RuleSet): RuleChange[] =>
  (Object.keys(ruleNames) as (keyof RuleSet)[])
    .map((name) => ({ name, what: ruleNames[name], from: settingOf(name, before), to: settingOf(name, after) }))
    .filter(({ from, to }) => from !== to);
