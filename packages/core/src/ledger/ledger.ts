import { assert } from "../kernel/errors.ts";

/** Where an ambassador's money stands. Materialised on the account item. */
export const places = ["pending", "held", "available", "inPayout", "paid"] as const;
export type Place = (typeof places)[number];

/** Where it comes from and goes to on the program's side: lifetime sums, never balances that two sales would share. */
export const sources = ["earned", "bonus", "reversed", "clawedBack", "forfeited", "withheld", "converted"] as const;
export type Source = (typeof sources)[number];

export type AccountName = `ambassador.${Place}` | `program.${Source}`;

/** A movement of a positive amount, in minor units of the entry's currency. Corrections are new postings, never edits. */
export interface Posting {
  from: AccountName;
  to: AccountName;
  amountMinor: number;
}

export const entryKinds = ["earn", "release", "reverse", "restore", "hold", "unhold", "payout", "payout_paid"] as const;
export type EntryKind = (typeof entryKinds)[number];

/** What an account item counts: the places, and the lifetime sums with their sign as seen by the ambassador. */
export type Balances = Record<`${Place}Minor` | `${Source}Minor`, number>;

const counters = [...places, ...sources].map((name) => `${name}Minor`) as (keyof Balances)[];
export const noBalances = (): Balances => Object.fromEntries(counters.map((name) => [name, 0])) as Balances;

/** `earned`, `bonus` and `converted` give to the ambassador; the other sums take, and count what they took. */
const gives = new Set<Source>(["earned", "bonus", "converted"]);

export function checkPosting({ from, to, amountMinor }: Posting): void {
  assert(Number.isSafeInteger(amountMinor) && amountMinor > 0, "a posting moves a positive whole amount");
  assert(from !== to, "a posting moves between two accounts");
  assert(
    from.startsWith("ambassador.") || to.startsWith("ambassador."),
    "a posting has the ambassador on one side at least",
  );
}

/** What postings change on the account of their ambassador and currency. Zero changes are left out. */
export function changesOf(postings: readonly Posting[]): Partial<Balances> {
  const sums = noBalances();
  for (const posting of postings) {
    checkPosting(posting);
    for (const [account, sign] of [
      [posting.from, -1],
      [posting.to, 1],
    ] as const) {
      const [side, name] = account.split(".") as ["ambassador" | "program", Place | Source];
      // A source is debited when it gives, so its lifetime sum rises as its side of the posting falls.
      const direction = side === "ambassador" || !gives.has(name as Source) ? sign : -sign;
      sums[`${name}Minor`] += direction * posting.amountMinor;
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

export function add(balances: Balances, changes: Partial<Balances>): Balances {
  const sum = { ...balances };
  for (const name of counters) sum[name] += changes[name] ?? 0;
  return sum;
}

/** What came in, less what went out, is what stands somewhere. Holds for every account at every time. */
export function isBalanced(balances: Balances): boolean {
  const b = balances;
  const came =
    b.earnedMinor +
    b.bonusMinor +
    b.convertedMinor -
    b.reversedMinor -
    b.clawedBackMinor -
    b.forfeitedMinor -
    b.withheldMinor;
  const stands = b.pendingMinor + b.heldMinor + b.availableMinor + b.inPayoutMinor + b.paidMinor;
  return came === stands;
}
