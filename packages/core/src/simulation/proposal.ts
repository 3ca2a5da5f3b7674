import type { Rules } from "@laurel/contract";

/** What is tried, with everything of the program that it is tried against, as it stood when it was begun. */
export interface Proposal {
  days: number;
  /** The first instant of the orders that are looked at, and the last. */
  from: string;
  until: string;
  programVersion: number;
  currency: string;
  timeZone: string;
  campaigns: { id: string; startsOn?: string | undefined; endsOn?: string | undefined }[];
  rules: Rules;
  /** Names of the rules that are not as they were in force. */
  changedRules: string[];
  tiers: { id: string; name: string; rateBp: number }[];
  /** What tiers would earn, by tier; absent for one that stays as it is. */
  rates: Record<string, number>;
  sizes: Sizes;
}

/** How many orders are read at once, and how many are behind a slice at most. */
export interface Sizes {
  page: number;
  slice: number;
}

export const usualSizes: Sizes = { page: 100, slice: 2000 };
