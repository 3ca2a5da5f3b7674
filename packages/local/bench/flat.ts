import type { Bare } from "./bare.ts";
import { openChild } from "./child.ts";
import { ambassadors, type Counter, checkBooks, idsOf, openCounter, recordOne, sell, warmUp } from "./counter.ts";
import { openEngine } from "./engine.ts";
import { machine } from "./machine.ts";
import { median, percentile, rounded } from "./statistics.ts";

export interface FlatOptions {
  /** Orders in the larger table. The smaller one has 1,000. */
  orders: number;
  rounds: number;
  say: (line: string) => void;
}

const few = 1000;
/** Sales of one run: so few that the smaller table stays small. */
const salesOfRun = 200;
const inFlight = 16;

export interface FlatResult {
  /** p50 of a sale with `orders` stored, over p50 with 1,000. */
  flatness: number;
  [more: string]: unknown;
}

/** An engine and a table of its own, with so many orders in it before anybody asks. */
interface Shelf {
  orders: number;
  counter: Counter;
  loadedInS: number;
  p50Ms: number[];
}

/**
 * Whether a sale takes longer where many are stored: the same sales on two engines with a file each, one after the other
 * by turns, so that whatever else the machine does meets both. Loading is timed apart.
 */
export async function benchFlat({ orders, rounds, say }: FlatOptions): Promise<FlatResult> {
  const started = machine();
  const closing: (() => Promise<void>)[] = [];
  try {
    const shelves: Shelf[] = [];
    for (const count of [few, orders]) shelves.push(await fill(count, closing, say));
    for (let round = 0; round < rounds; round++) {
      // Whoever goes second finds the machine warmer, or busier: they change places.
      for (const shelf of round % 2 === 0 ? shelves : [...shelves].reverse()) {
        const run = await sell(shelf.counter, { inFlight, seconds: 600, atMost: salesOfRun });
        shelf.p50Ms.push(percentile(run.latenciesMs, 0.5));
      }
      say(`Round ${round + 1}: p50 ${shelves.map((each) => rounded(each.p50Ms.at(-1)!, 1)).join(" and ")} ms`);
    }
    let found = 0;
    for (const { counter } of shelves) found += await checkBooks(counter);
    const [small, large] = shelves as [Shelf, Shelf];
    const ratios = small.p50Ms.map((ms, round) => large.p50Ms[round]! / ms);
    return {
      flatness: rounded(median(ratios), 3),
      spread: [rounded(Math.min(...ratios), 3), rounded(Math.max(...ratios), 3)],
      p50Ms: Object.fromEntries(shelves.map((each) => [each.orders, rounded(median(each.p50Ms), 1)])),
      loadedInS: Object.fromEntries(shelves.map((each) => [each.orders, rounded(each.loadedInS, 1)])),
      salesOfEach: rounds * salesOfRun + warmUp + 1,
      acknowledgedAndFound: found,
      rounds,
      inFlight,
      machine: { ...started, loadAverageAtEnd: machine().loadAverage },
    };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function fill(orders: number, closing: (() => Promise<void>)[], say: (line: string) => void): Promise<Shelf> {
  const engine = await openEngine();
  closing.push(engine.close);
  const counter = await openCounter(engine, { name: "laurel-bench", consumers: false });
  closing.push(() => counter.server.close());
  await sell(counter, { inFlight: 16, seconds: 60, atMost: warmUp });
  const recorded = await recordOne(counter);
  const loader = openChild<Bare>("./bare.ts");
  await loader.ask("open", {
    endpoint: engine.endpoint,
    calls: recorded.calls,
    ids: idsOf(recorded.calls, recorded.purchase),
    ambassadorId: recorded.ambassadorId,
    ambassadors,
  });
  say(`Writing ${orders} orders …`);
  const startedAt = performance.now();
  for (let left = orders; left > 0; left -= 2000) {
    const { done } = await loader.ask("run", {
      inFlight: 64,
      seconds: 600,
      atMost: Math.min(left, 2000),
      whole: false,
    });
    if (done !== Math.min(left, 2000)) throw new Error(`Only ${done} of ${Math.min(left, 2000)} orders were written`);
  }
  await loader.close();
  const loadedInS = (performance.now() - startedAt) / 1000;
  // At each transaction it looks through the tokens of all that it had within ten minutes, which tells of the loader's
  // speed and not of how many orders there are. They are in its memory alone.
  await engine.restart();
  return { orders, counter, loadedInS, p50Ms: [] };
}

export function printFlat(result: FlatResult, say: (line: string) => void): void {
  say(JSON.stringify(result, null, 2));
}
