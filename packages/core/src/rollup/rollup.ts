import type { Click } from "../click/index.ts";
import { dayOf } from "../kernel/time.ts";
import { changesOf, type Entry, type Posting } from "../ledger/index.ts";

export type Figures = {
  sales?: number;
  earnedMinor?: number;
  reversedMinor?: number;
  releasedMinor?: number;
  clicks?: number;
};
export interface Fact {
  id: string;
  deltas: { scope: string; day: string; currency: string; figures: Figures }[];
}

/** What a ledger entry adds to its day: for the program and for its ambassador. */
export function factOfEntry(entry: Entry): Fact {
  const changes = changesOf(entry.postings as Posting[]);
  const figures: Figures = {
    sales: entry.sales ?? (entry.kind === "earn" ? 1 : 0),
    earnedMinor: changes.earnedMinor ?? 0,
    reversedMinor: changes.reversedMinor ?? 0,
    releasedMinor: entry.kind === "release" ? (changes.availableMinor ?? 0) : 0,
  };
  const { day, currency } = entry;
  return { id: entry.id, deltas: ["program", entry.ambassadorId].map((scope) => ({ scope, day, currency, figures })) };
}

export function factOfClick(click: Click, timeZone: string): Fact {
  const day = dayOf(timeZone, new Date(click.at));
  return {
    id: click.id,
    deltas: ["program", click.ambassadorId].map((scope) => ({ scope, day, currency: "-", figures: { clicks: 1 } })),
  };
}

/** Facts added up, one sum for each rollup item that they touch. */
export function sumOf(facts: readonly Fact[]): Fact["deltas"] {
  const sums = new Map<string, Fact["deltas"][number]>();
  for (const { scope, day, currency, figures } of facts.flatMap((fact) => fact.deltas)) {
    const key = `${scope} ${day} ${currency}`;
    const before = sums.get(key)?.figures ?? {};
    const added = Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, (before[name as keyof Figures] ?? 0) + value]),
    );
    sums.set(key, { scope, day, currency, figures: { ...before, ...added } });
  }
  return [...sums.values()];
}
