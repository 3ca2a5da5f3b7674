import type { Commission } from "@laurel/contract";
import { dayIn } from "../../format/time.ts";

export interface Release {
  /** The release time of the first of them. */
  at: string;
  currency: string;
  amountMinor: number;
  orders: number;
}

/** What is released on which day of the program's calendar, per currency, the soonest first. Commissions reversed to nothing release nothing. */
export function releasesOf(pending: readonly Commission[], timeZone: string | undefined): Release[] {
  const days = new Map<string, Release>();
  for (const { releaseAt, currency, earnedMinor, reversedMinor } of pending) {
    const amountMinor = earnedMinor - reversedMinor;
    if (amountMinor === 0) continue;
    const key = `${dayIn(releaseAt, timeZone)} ${currency}`;
    const day = days.get(key) ?? { at: releaseAt, currency, amountMinor: 0, orders: 0 };
    day.amountMinor += amountMinor;
    day.orders += 1;
    if (releaseAt < day.at) day.at = releaseAt;
    days.set(key, day);
  }
  return [...days.values()].sort((a, b) => a.at.localeCompare(b.at));
}
