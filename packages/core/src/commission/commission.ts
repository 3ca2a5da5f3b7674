import { assert } from "../kernel/errors.ts";
import { shareOf } from "../kernel/money.ts";
import type { Posting } from "../ledger/ledger.ts";
import { type Commission, dueShards } from "./commission.entity.ts";

/**
 * How much of a commission is reversed once `baseGoneMinor` of its base went back to the buyer, both cumulative.
 * Always computed from the whole, so that no split or order of refunds drifts and a full one leaves exactly nothing.
 * What is left of the base earns as every base does; what was granted below the full share (a cap) reverses in proportion.
 */
export function reversedFor(input: {
  baseMinor: number;
  baseGoneMinor: number;
  rateBp: number;
  earnedMinor: number;
}): number {
  const { baseMinor, baseGoneMinor, rateBp, earnedMinor } = input;
  assert(baseGoneMinor >= 0 && baseGoneMinor <= baseMinor, "what went back lies between nothing and the base");
  if (baseGoneMinor === 0 || earnedMinor === 0) return 0;
  const full = shareOf(baseMinor, rateBp);
  const left = shareOf(baseMinor - baseGoneMinor, rateBp);
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
 * Brings a commission to a cumulative reversal, and to where what is left of it should stand. The reversal is taken from where
 * the money stands; money that was paid already leaves *available* negative, to be made up by the next payout.
 *
 * Held money is moved aside; once nothing holds it any more it goes back to *pending*, or on to *available* where its release
 * has come. What comes back after its release has no hold left to wait for either.
 * @param availableMinor what stands available on the account: a hold takes only what is there, for the rest was paid out
 */
export function settleCommission(
  commission: Commission,
  {
    reversedMinor,
    held,
    now,
    availableMinor,
  }: { reversedMinor: number; held: boolean; now: Date; availableMinor?: number | undefined },
): { commission: Commission; postings: Posting[] } {
  const { earnedMinor } = commission;
  assert(reversedMinor >= 0 && reversedMinor <= earnedMinor, "reversed lies between nothing and all that was earned");
  const from = commission.place;
  const change = reversedMinor - commission.reversedMinor;
  const stoodMinor = leftOf(commission);
  /** What stands before and after alike: what a change of place has to move. */
  const staysMinor = Math.min(stoodMinor, earnedMinor - reversedMinor);
  const place = placeOf(commission, { held, comesBack: change < 0, now, movesMinor: staysMinor, availableMinor });
  const state = earnedMinor > 0 && reversedMinor === earnedMinor ? "reversed" : place;
  if (change === 0 && place === from && state === commission.state) return { commission, postings: [] };
  const postings: Posting[] = [];
  if (change > 0) postings.push({ from: `ambassador.${from}`, to: "program.reversed", amountMinor: change });
  if (place !== from && staysMinor > 0)
    postings.push({ from: `ambassador.${from}`, to: `ambassador.${place}`, amountMinor: staysMinor });
  if (change < 0) postings.push({ from: "program.reversed", to: `ambassador.${place}`, amountMinor: -change });
  return { commission: { ...commission, reversedMinor, place, state }, postings };
}

/** Where what is left of a commission should stand. */
function placeOf(
  { place, state, releaseAt }: Commission,
  {
    held,
    comesBack,
    now,
    movesMinor,
    availableMinor,
  }: { held: boolean; comesBack: boolean; now: Date; movesMinor: number; availableMinor: number | undefined },
): Commission["place"] {
  const due = releaseAt <= now.toISOString();
  if (held) return place === "available" && movesMinor > (availableMinor ?? 0) ? place : "held";
  if (place === "held") return due ? "available" : "pending";
  return comesBack && place === "pending" && state === "reversed" && due ? "available" : place;
}

/** What is left to the ambassador. */
export const leftOf = (commission: Commission): number => commission.earnedMinor - commission.reversedMinor;

export function shardOf(ambassadorId: string): number {
  let sum = 0;
  for (const letter of ambassadorId) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return sum % dueShards;
}
