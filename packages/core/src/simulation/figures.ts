import type { CandidateRule, OrderChange, SignalKind, SimulationResult } from "@laurel/contract";
import type { Decided, Share } from "./decide.ts";
import type { Memory } from "./memory.ts";

const mostPeople = 50;
const mostExamples = 20;

/** What an ambassador has in one currency: orders, earned, reversed; as it stands, and then as it would. */
export type Figures = [number, number, number, number, number, number];

export type Totals = SimulationResult["orders"];

/** An order that changes hands, in ids. */
export interface Example {
  orderId: string;
  number?: string | undefined;
  occurredAt: string;
  change: OrderChange;
  currency: string;
  differenceMinor: number;
  from?: string | undefined;
  to?: string | undefined;
  by?: SignalKind | undefined;
  code?: string | undefined;
  rule?: CandidateRule | undefined;
}

type Currency = SimulationResult["currencies"][number];
type Person = Omit<Currency["gains"][number], "name" | "ambassadorId"> & { ambassadorId: string };

/** What came of a simulation, in ids. */
export interface StoredResult {
  orders: Totals;
  currencies: (Omit<Currency, "gains" | "losses"> & { gains: Person[]; losses: Person[] })[];
  examples: Example[];
}

const noTotals: Totals = { paid: 0, moved: 0, gained: 0, lost: 0, byHand: 0, kept: 0 };

/** Adds one order's outcome to what is known. */
export function addUp(memory: Memory, decided: Decided): void {
  for (const share of decided.stands) add(memory, share, 0);
  for (const share of decided.proposed) add(memory, share, 3);
  if (!decided.counted) return;
  const totals = memory.totals ?? noTotals;
  const { change } = decided;
  memory.totals = {
    ...totals,
    paid: totals.paid + 1,
    byHand: totals.byHand + Number(decided.byHand),
    kept: totals.kept + Number(decided.kept),
    ...(change ? { [change.change]: totals[change.change] + 1 } : {}),
  };
  if (change) keepExample(memory, change);
}

function add(memory: Memory, { ambassadorId, currency, orders, earnedMinor, reversedMinor }: Share, at: 0 | 3): void {
  const figures: Figures = [...(memory.figures(ambassadorId, currency) ?? ([0, 0, 0, 0, 0, 0] as const))];
  figures[at] += orders;
  figures[(at + 1) as 1 | 4] += earnedMinor;
  figures[(at + 2) as 2 | 5] += reversedMinor;
  memory.count(ambassadorId, currency, figures);
}

const weight = (example: Example): number => Math.abs(example.differenceMinor);

function keepExample(memory: Memory, example: Example): void {
  const { examples } = memory;
  if (examples.length >= mostExamples && weight(example) <= weight(examples.at(-1)!)) return;
  // Of two with the same money the older one stays before the other.
  memory.examples = [...examples, example].sort((a, b) => weight(b) - weight(a)).slice(0, mostExamples);
}

/** What came of it all. */
export function resultOf(memory: Memory, ownCurrency: string): StoredResult {
  const byCurrency = Map.groupBy(memory.allFigures(), (each) => each.currency);
  const currencies = [...byCurrency].map(([currency, all]) => {
    const sums = all.reduce((sum, { figures }) => sum.map((each, at) => each + figures[at]!) as Figures, [
      0, 0, 0, 0, 0, 0,
    ] as Figures);
    const people = all.map(({ ambassadorId, figures }): Person => {
      const [ordersNow, earnedNow, reversedNow, ordersProposed, earnedProposed, reversedProposed] = figures;
      const [nowMinor, proposedMinor] = [earnedNow - reversedNow, earnedProposed - reversedProposed];
      return {
        ambassadorId,
        ordersNow,
        ordersProposed,
        nowMinor,
        proposedMinor,
        differenceMinor: proposedMinor - nowMinor,
      };
    });
    people.sort((a, b) => b.differenceMinor - a.differenceMinor || (a.ambassadorId < b.ambassadorId ? -1 : 1));
    const gains = people.filter((each) => each.differenceMinor > 0);
    const losses = people.filter((each) => each.differenceMinor < 0).reverse();
    const now = sumsOf(sums[0], sums[1], sums[2]);
    const proposed = sumsOf(sums[3], sums[4], sums[5]);
    return {
      currency,
      now,
      proposed,
      differenceMinor: proposed.netMinor - now.netMinor,
      earnMore: gains.length,
      earnLess: losses.length,
      gains: gains.slice(0, mostPeople),
      losses: losses.slice(0, mostPeople),
    };
  });
  const rank = (currency: string) => (currency === ownCurrency ? "" : currency);
  currencies.sort((a, b) => (rank(a.currency) < rank(b.currency) ? -1 : 1));
  return { orders: memory.totals ?? noTotals, currencies, examples: [...memory.examples] };
}

const sumsOf = (orders: number, earnedMinor: number, reversedMinor: number) => ({
  orders,
  earnedMinor,
  reversedMinor,
  netMinor: earnedMinor - reversedMinor,
});
