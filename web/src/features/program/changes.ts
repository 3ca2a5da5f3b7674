import type { PatchProgram, Program } from "@laurel/contract";
import { formatMoney } from "../../format/money.ts";
import { plural, questionWords } from "../../format/words.ts";
import { ruleChanges } from "./rules-words.ts";

/** One thing that somebody changed, in words. */
export interface Change {
  /** As a PATCH names it: `holdDays`, `rules.clickTouch`, `fraud.off`. */
  field: string;
  what: string;
  from: string;
  to: string;
}

/** What a form wants changed: a PATCH without the version that it saw. */
export type Wanted = Omit<PatchProgram, "version">;

const list = (items: readonly string[]): string => items.join(", ") || "none";
const days = (count: number): string => plural(count, "day", "days");
const document = ({ version, url }: { version: string; url: string }): string => `version ${version}, ${url}`;

const tell: { [K in keyof Program]?: [what: string, say: (program: Program) => string] } = {
  name: ["Name", ({ name }) => name],
  voice: ["Voice", ({ voice }) => voice],
  timeZone: ["Time zone", ({ timeZone }) => timeZone],
  shopUrl: ["Shop", ({ shopUrl }) => shopUrl],
  senderName: ["Mails come from", ({ senderName }) => senderName],
  replyTo: ["Answers go to", ({ replyTo }) => replyTo ?? "nobody"],
  niches: ["Niches", ({ niches }) => list(niches)],
  questions: [
    "Questions",
    ({ questions }) =>
      questions
        .map(
          ({ label, kind, required }) =>
            `${label} (${questionWords[kind].toLowerCase()}${required ? ", required" : ""})`,
        )
        .join("; ") || "none",
  ],
  guidelines: ["Guidelines", ({ guidelines }) => document(guidelines)],
  terms: ["Terms", ({ terms }) => document(terms)],
  privacy: ["Privacy notice", ({ privacy }) => document(privacy)],
  holdDays: ["Commission waits", ({ holdDays }) => days(holdDays)],
  claimDays: ["A claim is answered within", ({ claimDays }) => days(claimDays)],
  approveAbove: [
    "A second person from",
    ({ approveAbove }) =>
      approveAbove.map(({ currency, amountMinor }) => formatMoney(amountMinor, currency)).join(", ") || "any amount",
  ],
};

const tellFraud: { [K in keyof Program["fraud"]]: [what: string, say: (fraud: Program["fraud"]) => string] } = {
  expiryDays: ["A flag expires after", ({ expiryDays }) => days(expiryDays)],
  graceDays: ["A replaced code works for", ({ graceDays }) => days(graceDays)],
  off: ["Signals that are off", ({ off }) => list(off.map((rule) => rule.replaceAll("_", " ")).toSorted())],
  thresholds: [
    "Thresholds",
    ({ thresholds }) =>
      list(
        Object.entries(thresholds)
          .map(([rule, value]) => `${rule.replaceAll("_", " ")} ${value}`)
          .toSorted(),
      ),
  ],
};

/** What is different between two readings of the program, in words, its rules and fraud settings one by one. */
export function changesBetween(before: Program, after: Program): Change[] {
  const plain = Object.entries(tell).map(([field, [what, say]]) => ({
    field,
    what,
    from: say(before),
    to: say(after),
  }));
  const fraud = Object.entries(tellFraud).map(([field, [what, say]]) => ({
    field: `fraud.${field}`,
    what,
    from: say(before.fraud),
    to: say(after.fraud),
  }));
  const rules = ruleChanges(before.rules, after.rules).map(({ name, what, from, to }) => ({
    field: `rules.${name}`,
    what,
    from,
    to,
  }));
  return [...plain, ...rules, ...fraud].filter(({ from, to }) => from !== to);
}

/** The fields that a form wants changed, named as changes name them. */
export const fieldsOf = ({ rules, fraud, ...rest }: Wanted): string[] => [
  ...Object.keys(rest),
  ...Object.keys(rules ?? {}).map((name) => `rules.${name}`),
  ...Object.keys(fraud ?? {}).map((name) => `fraud.${name}`),
];
