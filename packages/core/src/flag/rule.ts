import type { FlagSeverity, FlagRule as RuleName, SignalKind } from "@laurel/contract";

/** What a rule saw: counts, times and names of rules' own making. Never an address, and no hash of one. */
export type Evidence = Record<string, string | number>;

/** What can be told of an e-mail address without naming it. */
export interface Mailbox {
  /** Keyed hash of the address as it was written, and of the mailbox behind it: without `+…`, and without dots where those do not count. */
  key: string;
  foldedKey: string;
  /** Keyed hash of the registrable domain. */
  domainKey: string;
  /** `public`: anybody can have an address there. `disposable`: thrown away after use. `private`: somebody's own. */
  domain: "public" | "disposable" | "private";
}

/** Keyed hashes of what a payment tells beside the address, where it does. */
export interface Marks {
  cards: readonly string[];
  addresses: readonly string[];
}

/** One order of the same ambassador, as far as the rules count it. */
export interface Recent {
  at: string;
  code: string | undefined;
  /** Whether more than half of what it earned was taken back. */
  returned: boolean;
}

/** Everything that a rule may look at, about one order. What is not known is absent, and flags nothing. */
export interface Situation {
  /** When the order was placed. */
  at: string;
  attributedBy: SignalKind;
  code: string | undefined;
  buyer: { mailbox?: Mailbox | undefined; marks: Marks };
  ambassador: { mailbox?: Mailbox | undefined; marks: Marks };
  /** The visit that the order names: the advertisement's or coupon site's sign that it came with. */
  click: { ads?: string | undefined; couponSite?: string | undefined } | undefined;
  /** The ambassador's orders up to this one, which is among them; the newest first. Older ones may be cut off. */
  recent: readonly Recent[];
  /** Whether older ones were cut off. */
  cut: boolean;
  /** Visits by the ambassador's links on the day of the order and the day before, in the program's time zone. */
  clicks: number;
}

/** A signal: a pure rule with what it needs to be believed and explained. */
export interface FlagRule {
  name: Exclude<RuleName, "by_hand">;
  title: string;
  severity: FlagSeverity;
  /** Where it begins to flag, and what of; null where there is nothing to count. */
  threshold: { value: number; of: string } | null;
  /** What it looks back over. */
  window: string;
  looksAt: string;
  /** What it saw where it flags; undefined where it does not. */
  sees: (situation: Situation, threshold: number) => Evidence | undefined;
  /** The evidence in sentences. */
  tells: (evidence: Evidence) => string[];
}
