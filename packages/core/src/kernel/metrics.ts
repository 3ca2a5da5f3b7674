/**
 * What is measured of a running program, beyond what AWS measures by itself. Ten and no more: that many cost nothing, and
 * each further one costs money in every hour in which it is written. They have no dimension but the service, which is the
 * same for all functions.
 *
 * Each is counted where the thing happens, after it was written and at most once: who dies in between leaves one out, and
 * whoever does the same thing again does not count it again. Money is told by the ledger, never by these.
 */
export const metrics = {
  /** Attributed sales that were added to the day's figures. */
  Sales: "Count",
  /** What these sales earned, in minor units of the program's own currency; other currencies are left out. */
  CommissionsMinor: "None",
  /** Ledger entries that took back what was earned, whole or in part. */
  Reversals: "Count",
  /** What was given up and waits for a person: an effect, an event of a checkout, long work. */
  DeadLetters: "Count",
  /** Tries of an effect, or to decide a stored event, that failed; the last one too. */
  FailedTries: "Count",
  /** Events that a checkout never delivered: they were found by comparing with its own list. */
  FoundEvents: "Count",
  /** Webhooks whose signature did not hold, with freshly read secrets either. */
  RefusedSignatures: "Count",
  /** From when an event happened at the checkout until it was stored here, for those told for the first time. */
  WebhookLagMs: "Milliseconds",
  /** Calls to the table that were tried again, because it was throttled, busy or silent. */
  ThrottledRetries: "Count",
  /** Visits that were sent on without their click. */
  LostClicks: "Count",
} as const;

export type MetricName = keyof typeof metrics;

export interface Metrics {
  /** Records that something happened (1 unless told), how much it was, or how long it took. */
  record(name: MetricName, value?: number): void;
}

/** Where nobody looks: a test, a measurement. */
export const noMetrics: Metrics = { record: () => {} };
