import type { Bare } from "./bare.ts";
import { billOf, type Line, printBill, totalOf } from "./bill.ts";
import { cpuMsOf, openChild } from "./child.ts";
import {
  ambassadors,
  type Buy,
  type Counter,
  checkBooks,
  idsOf,
  openCounter,
  recordOne,
  sell,
  warmUp,
} from "./counter.ts";
import { type BenchEngine, openEngine } from "./engine.ts";
import type { Run } from "./load.ts";
import { machine } from "./machine.ts";
import { beginSubscriptions } from "./renewal.ts";
import { byOrder } from "./shopify-purchase.ts";
import { median, percentile, rounded } from "./statistics.ts";

export const levels = [1, 16, 64] as const;
type Level = (typeof levels)[number];
type ByLevel = Record<Level, number>;

export interface SaleOptions {
  /** Orders that stand in the table before anything is measured. */
  orders: number;
  /** How long one run takes. */
  seconds: number;
  rounds: number;
  /** Where to write a CPU profile of the serving process, if anywhere. */
  profile?: string | undefined;
  say: (line: string) => void;
}

interface Measured {
  sales: Run[];
  engine: Run[];
}

export interface SaleResult {
  roundTrips: number;
  writeUnits: number;
  readUnits: number;
  salesPerSecond: ByLevel;
  p50Ms: number;
  p99Ms: number;
  engineTransactionsPerSecond: ByLevel;
  ratioToEngine: number;
  [more: string]: unknown;
}

const speeds = (runs: readonly Run[]): number => rounded(median(runs.map((run) => run.perSecond)), 1);
const byLevel = (of: (level: Level) => number): ByLevel =>
  Object.fromEntries(levels.map((level) => [level, of(level)])) as ByLevel;

/** CPU milliseconds that each process spends while something goes on. */
async function withCpu<T>(
  pids: Record<string, number>,
  work: () => Promise<T>,
): Promise<{ result: T; cpuMs: Record<string, number> }> {
  const before = Object.entries(pids).map(([name, pid]) => [name, pid, cpuMsOf(pid)] as const);
  const result = await work();
  return { result, cpuMs: Object.fromEntries(before.map(([name, pid, ms]) => [name, cpuMsOf(pid) - ms])) };
}

/**
 * Measures the sale: what one costs, how many a second there are, and how many transactions of the same items the SDK alone
 * gets through the same engine in the same run. Runs of both take turns, because the machine may be busy with other things.
 */
export async function benchSale(options: SaleOptions): Promise<SaleResult> {
  const { say, seconds, rounds } = options;
  const started = machine();
  const engine = await openEngine();
  const closing: (() => Promise<void>)[] = [];
  try {
    say("Staging 1,000 ambassadors with a code each …");
    const paused = await openCounter(engine, { name: "laurel-bench", consumers: false, profile: options.profile });
    closing.push(() => paused.server.close());
    await sell(paused, { inFlight: 16, seconds: 60, atMost: warmUp });
    const recorded = await recordOne(paused);
    const lines = await billOf(paused.staged.table, recorded.calls);
    const bare = openChild<Bare>("./bare.ts");
    closing.push(() => bare.close());
    const ids = idsOf(recorded.calls, recorded.purchase);
    await bare.ask("open", {
      endpoint: engine.endpoint,
      calls: recorded.calls,
      ids,
      ambassadorId: recorded.ambassadorId,
      ambassadors,
    });
    await bare.ask("run", { inFlight: 16, seconds: 60, atMost: warmUp, whole: true });
    if (options.orders > 0) {
      say(`Writing ${options.orders} orders beforehand …`);
      for (let left = options.orders; left > 0; left -= 2000)
        await bare.ask("run", { inFlight: 64, seconds: 600, atMost: Math.min(left, 2000), whole: false });
    }

    const measured = Object.fromEntries(levels.map((level) => [level, { sales: [], engine: [] }])) as unknown as Record<
      Level,
      Measured
    >;
    const whole: Run[] = [];
    const cpu = { sales: {} as Record<string, number>, engine: {} as Record<string, number> };
    const addCpu = (to: Record<string, number>, more: Record<string, number>) => {
      for (const [name, ms] of Object.entries(more)) to[name] = (to[name] ?? 0) + ms;
    };
    for (let round = 0; round < rounds; round++) {
      for (const inFlight of levels) {
        const one = async () => {
          const { result, cpuMs } = await withCpu(
            { server: paused.server.pid, engine: engine.pid, load: process.pid },
            () => sell(paused, { inFlight, seconds }),
          );
          measured[inFlight].sales.push(result);
          if (inFlight === 16) addCpu(cpu.sales, cpuMs);
        };
        const other = async () => {
          const { result, cpuMs } = await withCpu({ sdk: bare.pid, engine: engine.pid }, () =>
            bare.ask("run", { inFlight, seconds, whole: false }),
          );
          measured[inFlight].engine.push(result);
          if (inFlight === 16) addCpu(cpu.engine, cpuMs);
        };
        // Whoever goes second finds the machine warmer, or busier: they change places.
        for (const each of round % 2 === 0 ? [one, other] : [other, one]) await each();
        const { sales, engine: transactions } = measured[inFlight];
        say(
          `Round ${round + 1}, ${inFlight} in flight: ${rounded(sales.at(-1)!.perSecond)} sales/s, ${rounded(transactions.at(-1)!.perSecond)} bare transactions/s`,
        );
      }
      whole.push(await bare.ask("run", { inFlight: 16, seconds, whole: true }));
    }
    const others: Record<string, OtherSale> = {};
    for (const [name, open] of Object.entries(otherKinds)) {
      say(`${name} …`);
      others[name] = await measureOther(engine, paused, await open(paused), options);
    }
    say("Reading every balance …");
    const sold = await checkBooks(paused);
    const complaints = await paused.server.ask("complaints", undefined);
    if (complaints.length > 0)
      throw new Error(`The server complained ${complaints.length} times, first: ${complaints[0]}`);
    await paused.server.close();

    const withConsumers = await sellWithConsumers(engine, options, closing);

    const at16 = measured[16].sales.flatMap((run) => run.latenciesMs);
    const salesPerSecond = byLevel((level) => speeds(measured[level].sales));
    const engineTransactionsPerSecond = byLevel((level) => speeds(measured[level].engine));
    const each = (totals: Record<string, number>, runs: Run[]) =>
      Object.fromEntries(
        Object.entries(totals).map(([name, ms]) => [
          name,
          rounded(ms / runs.reduce((sum, run) => sum + run.done, 0), 2),
        ]),
      );
    return {
      roundTrips: recorded.calls.length,
      writeUnits: totalOf(lines, "writeUnits"),
      readUnits: totalOf(lines, "readUnits"),
      salesPerSecond,
      p50Ms: rounded(percentile(at16, 0.5), 1),
      p99Ms: rounded(percentile(at16, 0.99), 1),
      engineTransactionsPerSecond,
      ratioToEngine: rounded(salesPerSecond[16] / engineTransactionsPerSecond[16], 3),
      engineSameCallsPerSecond: { 16: speeds(whole) },
      withConsumers,
      others,
      cpuMsPerSale: each(cpu.sales, measured[16].sales),
      cpuMsPerTransaction: each(cpu.engine, measured[16].engine),
      acknowledgedAndFound: sold,
      ordersBeforehand: options.orders,
      items: lines,
      machine: { ...started, loadAverageAtEnd: machine().loadAverage },
      runs: {
        rounds,
        seconds,
        salesPerSecond: Object.fromEntries(
          levels.map((level) => [level, measured[level].sales.map((run) => rounded(run.perSecond, 1))]),
        ),
        engineTransactionsPerSecond: Object.fromEntries(
          levels.map((level) => [level, measured[level].engine.map((run) => rounded(run.perSecond, 1))]),
        ),
        p50Ms: Object.fromEntries(
          levels.map((level) => [
            level,
            rounded(
              percentile(
                measured[level].sales.flatMap((run) => run.latenciesMs),
                0.5,
              ),
              1,
            ),
          ]),
        ),
        p99Ms: Object.fromEntries(
          levels.map((level) => [
            level,
            rounded(
              percentile(
                measured[level].sales.flatMap((run) => run.latenciesMs),
                0.99,
              ),
              1,
            ),
          ]),
        ),
      },
    };
  } finally {
    for (const close of closing.reverse()) await close();
    await engine.close();
  }
}

/** What else earns: its own rows, at 16 in flight, beside the SDK writing the same items. */
const otherKinds: Record<string, (counter: Counter) => Promise<Buy>> = {
  "subscription's renewal": beginSubscriptions,
  "order at Shopify": async () => byOrder,
};

interface OtherSale {
  roundTrips: number;
  writeUnits: number;
  readUnits: number;
  salesPerSecond: number;
  p50Ms: number;
  engineTransactionsPerSecond: number;
  ratioToEngine: number;
  items: Line[];
}

async function measureOther(
  engine: BenchEngine,
  counter: Counter,
  buy: Buy,
  { seconds, rounds }: SaleOptions,
): Promise<OtherSale> {
  const inFlight = 16;
  await sell(counter, { inFlight, seconds: 60, atMost: warmUp, buy });
  const recorded = await recordOne(counter, buy);
  const items = await billOf(counter.staged.table, recorded.calls);
  const bare = openChild<Bare>("./bare.ts");
  try {
    await bare.ask("open", {
      endpoint: engine.endpoint,
      calls: recorded.calls,
      ids: idsOf(recorded.calls, recorded.purchase),
      ambassadorId: recorded.ambassadorId,
      ambassadors,
    });
    await bare.ask("run", { inFlight, seconds: 60, atMost: warmUp, whole: true });
    const sales: Run[] = [];
    const transactions: Run[] = [];
    for (let round = 0; round < rounds; round++) {
      const one = async () => sales.push(await sell(counter, { inFlight, seconds, buy }));
      const other = async () => transactions.push(await bare.ask("run", { inFlight, seconds, whole: false }));
      for (const each of round % 2 === 0 ? [one, other] : [other, one]) await each();
    }
    return {
      roundTrips: recorded.calls.length,
      writeUnits: totalOf(items, "writeUnits"),
      readUnits: totalOf(items, "readUnits"),
      salesPerSecond: speeds(sales),
      p50Ms: rounded(
        percentile(
          sales.flatMap((run) => run.latenciesMs),
          0.5,
        ),
        1,
      ),
      engineTransactionsPerSecond: speeds(transactions),
      ratioToEngine: rounded(speeds(sales) / speeds(transactions), 3),
      items,
    };
  } finally {
    await bare.close();
  }
}

/** The same on a table of its own, with stream poller, both consumers and the mail inbox in the serving process. */
async function sellWithConsumers(
  engine: BenchEngine,
  { say, seconds, rounds }: SaleOptions,
  closing: (() => Promise<void>)[],
) {
  say("The same with the consumers running …");
  const counter = await openCounter(engine, { name: "laurel-bench-consumers", consumers: true });
  closing.push(() => counter.server.close());
  await sell(counter, { inFlight: 16, seconds: 60, atMost: warmUp });
  const runs = Object.fromEntries(levels.map((level) => [level, []])) as unknown as Record<Level, Run[]>;
  for (let round = 0; round < rounds; round++)
    for (const inFlight of levels) {
      runs[inFlight].push(await sell(counter, { inFlight, seconds }));
      say(
        `Round ${round + 1}, ${inFlight} in flight, consumers running: ${rounded(runs[inFlight].at(-1)!.perSecond)} sales/s`,
      );
    }
  const sold = await checkBooks(counter);
  const at16 = runs[16].flatMap((run) => run.latenciesMs);
  return {
    salesPerSecond: byLevel((level) => speeds(runs[level])),
    p50Ms: rounded(percentile(at16, 0.5), 1),
    p99Ms: rounded(percentile(at16, 0.99), 1),
    acknowledgedAndFound: sold,
    recordsSeen: await counter.server.ask("seen", undefined),
    complaints: (await counter.server.ask("complaints", undefined)).length,
  };
}

const list = (values: ByLevel): string => levels.map((level) => String(values[level]).padStart(8)).join("");

export function printSale(result: SaleResult, say: (line: string) => void): void {
  const {
    withConsumers,
    others,
    runs,
    machine: on,
  } = result as unknown as {
    others: Record<string, OtherSale>;
    withConsumers: Awaited<ReturnType<typeof sellWithConsumers>>;
    runs: {
      rounds: number;
      seconds: number;
      salesPerSecond: Record<Level, number[]>;
      engineTransactionsPerSecond: Record<Level, number[]>;
    };
    machine: ReturnType<typeof machine>;
  };
  const spread = (values: number[]) => `${Math.min(...values)}–${Math.max(...values)}`;
  say("");
  printBill(result.items as Line[], say);
  say(
    `together: ${result.roundTrips} calls, ${result.writeUnits} write units, ${result.readUnits} read units (computed from item sizes)`,
  );
  say("");
  say(`in flight                              ${levels.map((level) => String(level).padStart(8)).join("")}`);
  say(`sales/s, consumers paused              ${list(result.salesPerSecond)}`);
  say(`sales/s, consumers in the same process ${list(withConsumers.salesPerSecond)}`);
  say(`the SDK alone, the same transaction/s  ${list(result.engineTransactionsPerSecond)}`);
  say(`at 16 in flight: p50 ${result.p50Ms} ms, p99 ${result.p99Ms} ms, ${result.ratioToEngine} of the SDK alone`);
  for (const [name, other] of Object.entries(others))
    say(
      `${name}: ${other.roundTrips} calls, ${other.writeUnits} write units, ${other.readUnits} read units; at 16 ${other.salesPerSecond}/s, p50 ${other.p50Ms} ms, ${other.ratioToEngine} of the SDK alone`,
    );
  say(
    `CPU ms a sale: ${JSON.stringify(result.cpuMsPerSale)}; a bare transaction: ${JSON.stringify(result.cpuMsPerTransaction)}`,
  );
  say(
    `median of ${runs.rounds} rounds of ${runs.seconds} s; spread at 16: sales ${spread(runs.salesPerSecond[16])}, SDK ${spread(runs.engineTransactionsPerSecond[16])}`,
  );
  say(
    `every one of ${result.acknowledgedAndFound} + ${withConsumers.acknowledgedAndFound} acknowledged sales was found once in commissions, entries and balances`,
  );
  say(
    `${on.cores} × ${on.cpu}, Node ${on.node}, load ${on.loadAverage.join(" ")}; load generator, server and engine are processes of their own on these cores`,
  );
}
