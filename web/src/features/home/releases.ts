import type { Commission } from "@laurel/contract";

export interface Release {
  releaseAt: string;
  releaseDay: string;
  currency: string;
  amountMinor: number;
  orders: number;
}

/** What is released on which day, per currency, the soonest first. Commissions reversed to nothing release nothing. */
export function releasesOf(pending: readonly Commission[]): Release[] {
  const releases = new Map<string, Release>();
  for (const { releaseAt, releaseDay, currency, earnedMinor, reversedMinor } of pending) {
    const amountMinor = earnedMinor - reversedMinor;
    if (amountMinor === 0) continue;
    const key = `${releaseDay} ${currency}`;
    const release = releases.get(key) ?? { releaseAt, releaseDay, currency, amountMinor: 0, orders: 0 };
    release.amountMinor += amountMinor;
    release.orders += 1;
    releases.set(key, release);
  }
  return [...releases.values()].sort((a, b) => a.releaseDay.localeCompare(b.releaseDay));
}
