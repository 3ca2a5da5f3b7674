import type { FlagRule, FraudSettings, FraudSignal } from "@laurel/contract";
import { wholeOf } from "./rules-draft.ts";

/** Fraud settings as they are edited: numbers are text until they are read. */
export interface FraudDraft {
  expiryDays: string;
  graceDays: string;
  off: readonly FlagRule[];
  /** By signal, where one has a threshold; the default's text where the program has none of its own. */
  thresholds: Partial<Record<FlagRule, string>>;
}

/** What is wrong, by the field: `expiryDays`, `graceDays` or a signal's name. */
export type FraudErrors = Partial<Record<string, string>>;

export const fraudDraftOf = (settings: FraudSettings, signals: readonly FraudSignal[]): FraudDraft => ({
  expiryDays: String(settings.expiryDays),
  graceDays: String(settings.graceDays),
  off: settings.off,
  thresholds: Object.fromEntries(
    signals.flatMap(({ rule, threshold }) =>
      threshold ? [[rule, String(settings.thresholds[rule] ?? threshold.value)]] : [],
    ),
  ),
});

const within = (text: string, least: number, most: number): boolean => {
  const number = wholeOf(text);
  return number >= least && number <= most;
};

/** The highest threshold that the API takes. */
const mostThreshold = 10_000;

export function fraudErrorsOf(draft: FraudDraft): FraudErrors {
  const errors: FraudErrors = {};
  if (!within(draft.expiryDays, 1, 90)) errors.expiryDays = "is a whole number from 1 to 90";
  if (!within(draft.graceDays, 0, 60)) errors.graceDays = "is a whole number from 0 to 60";
  // Of a signal that is off it is not shown, and not changed.
  for (const [rule, text] of Object.entries(draft.thresholds))
    if (!draft.off.includes(rule as FlagRule) && !within(text, 1, mostThreshold))
      errors[rule] = `is a whole number from 1 to ${mostThreshold.toLocaleString("en")}`;
  return errors;
}

/** What a draft changes about the settings. A threshold at its default is not kept as one of the program's own. */
export function changedFraud(
  before: FraudSettings,
  draft: FraudDraft,
  signals: readonly FraudSignal[],
): Partial<FraudSettings> {
  const thresholds: FraudSettings["thresholds"] = {};
  for (const { rule, threshold } of signals) {
    if (!threshold) continue;
    const typed = wholeOf(draft.thresholds[rule] ?? "");
    const value =
      draft.off.includes(rule) && Number.isNaN(typed) ? (before.thresholds[rule] ?? threshold.value) : typed;
    if (value !== threshold.value) thresholds[rule] = value;
  }
  const after: FraudSettings = {
    expiryDays: wholeOf(draft.expiryDays),
    graceDays: wholeOf(draft.graceDays),
    off: draft.off.toSorted(),
    thresholds,
  };
  const shape = ({ off, thresholds, ...rest }: FraudSettings) => ({
    ...rest,
    off: off.toSorted(),
    thresholds: Object.entries(thresholds).toSorted(([a], [b]) => a.localeCompare(b)),
  });
  const [was, is] = [shape(before), shape(after)];
  return Object.fromEntries(
    (Object.keys(was) as (keyof FraudSettings)[])
      .filter((name) => JSON.stringify(was[name]) !== JSON.stringify(is[name]))
      .map((name) => [name, after[name]]),
  );
}
