import { assert } from "../kernel/errors.ts";
import { scaleUp, shareOf } from "../kernel/money.ts";
import type { Posting } from "../ledger/ledger.ts";
import { type Commission, dueShards } from "./commission.entity.ts";

/**
 * How much of a commission is reversed once `refundedMinor` of `grossMinor` went back to the buyer, both cumulative.
 * Always computed from the whole, so that no split or order of refunds drifts and a full one leaves exactly nothing.
 * What is left of the base is rounded down, the share of it as every share; what was granted below the full share (a cap)
 * reverses in proportion.
 */
export function reversedSoFar(input: {
  grossMinor: number;
  baseMinor: number;
  refundedMinor: number;
  rateBp: number;
  earnedMinor: number;
}): number {
  const { grossMinor, baseMinor, rateBp, earnedMinor } = input;
  const refundedMinor = Math.min(input.refundedMinor, grossMinor);
  assert(refundedMinor >= 0 && baseMinor >= 0 && grossMinor >= 0, "refunds, base and gross are not negative");
  if (refundedMinor === 0 || earnedMinor === 0) return 0;
  const baseLeftMinor = baseMinor - scaleUp(baseMinor, refundedMinor, grossMinor);
  const full = shareOf(baseMinor, rateBp);
  const left = shareOf(baseLeftMinor, rateBp);
  const keptMinor = full === earnedMinor ? left : Number((BigInt(earnedMinor) * BigInt(left)) / BigInt(full));
  const reversedMinor = earnedMinor - keptMinor;
  assert(reversedMinor >= 0 && reversedMinor <= earnedMinor, "reversed lies between nothing and all that was earned");
  return reversedMinor;
}

/** Makes a commission from a purchase, with nothing reversed yet. */
export function earn(
  input: Pick<
    Commission,
    | "ambassadorId"
    | "orderId"
    | "occurredAt"
    | "code"
    | "currency"
    | "baseMinor"
    | "rateBp"
    | "tierId"
    | "rulesVersion"
    | "releaseAt"
    | "releaseDay"
  >,
): Commission {
  return {
    ...input,
    earnedMinor: shareOf(input.baseMinor, input.rateBp),
    reversedMinor: 0,
    place: "pending",
    state: "pending",
    shard: shardOf(input.ambassadorId),
    version: 0,
  };
}

/**
 * Brings the reversal of a commission to a new cumulative amount. The difference is taken from where the money stands;
 * money that was paid already leaves *available* negative, to be made up by the next payout.
 */
export function reverseTo(
  commission: Commission,
  reversedMinor: number,
  now: Date,
): { commission: Commission; postings: Posting[] } {
  const { earnedMinor } = commission;
  assert(reversedMinor >= 0 && reversedMinor <= earnedMinor, "reversed lies between nothing and all that was earned");
  const change = reversedMinor - commission.reversedMinor;
  if (change === 0) return { commission, postings: [] };
  // What comes back after its release date has no hold left to wait for.
  const place =
    change < 0 &&
    commission.place === "pending" &&
    commission.state === "reversed" &&
    commission.releaseAt <= now.toISOString()
      ? "available"
      : commission.place;
  return {
    commission: { ...commission, reversedMinor, place, state: reversedMinor === earnedMinor ? "reversed" : place },
    postings:
      change > 0
        ? [{ from: `ambassador.${place}`, to: "program.reversed", amountMinor: change }]
        : [{ from: "program.reversed", to: `ambassador.${place}`, amountMinor: -change }],
  };
}

/** What is left to the ambassador. */
export const leftOf = (commission: Commission): number => commission.earnedMinor - commission.reversedMinor;

export function shardOf(ambassadorId: string): number {
  let sum = 0;
  for (const letter of ambassadorId) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % dueShards;
}
