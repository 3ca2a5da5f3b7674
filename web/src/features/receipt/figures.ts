import type { Receipt } from "@laurel/contract";

type Reversal = Receipt["reversals"][number];

/** The API tells reversals cumulatively; a reader wants each step too. In the order in which they happened. */
export function reversalSteps(reversals: readonly Reversal[]): (Reversal & { stepMinor: number })[] {
  let before = 0;
  return reversals.map((reversal) => {
    const stepMinor = reversal.reversedMinor - before;
    before = reversal.reversedMinor;
    return { ...reversal, stepMinor };
  });
}

/** What is left of the commission after all reversals. */
export const leftMinor = (commission: NonNullable<Receipt["commission"]>): number =>
  commission.earnedMinor - commission.reversedMinor;

/** The commission before any cap; where it differs from what was earned, a cap cut it. */
export const uncappedMinor = (baseMinor: number, rateBp: number): number =>
  Number((BigInt(Math.max(0, baseMinor)) * BigInt(rateBp) + 5000n) / 10000n);
