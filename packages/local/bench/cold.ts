import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { openChild } from "./child.ts";
import type { Bundler, Loadable } from "./cold-bundles.ts";
import { machine } from "./machine.ts";
import { median, percentile, rounded } from "./statistics.ts";

/** What may be waited for: a visitor waits for the redirect, a checkout for the webhook. */
const budgets: Record<string, { ratioToSdk: number; bytes: number }> = {
  redirect: { ratioToSdk: 1.2, bytes: 450_000 },
  webhook: { ratioToSdk: 2.4, bytes: 1_250_000 },
};

export interface Cold {
  /** Minified, with what is imported only when it is needed. */
  bytes: number;
  gzipBytes: number;
  /** The import of its code, above that of an empty module; median. */
  importMs: number;
  /** The same ÷ that of the AWS DynamoDB clients alone, in the same run. */
  ratioToSdk: number;
  /** The middle half of its times, each ÷ the median of the clients: how far the figure can be trusted. */
  ratioRange: [number, number];
  /** The ratio of the processor's time instead of the clock's, which a busy machine disturbs less; with all of Node's threads. */
  cpuRatioToSdk: number;
  budget?: { ratioToSdk: number; bytes: number; kept: boolean };
}

export interface ColdResult {
  functions: Record<string, Cold>;
  sdk: Pick<Cold, "bytes" | "gzipBytes" | "importMs">;
  /** The middle half of the yardstick's own times ÷ their median: above 0.15 the machine was too busy to tell. */
  noise: number;
  [more: string]: unknown;
}

interface Time {
  ms: number;
  cpuMs: number;
}

/** Times the import of one file in a process of its own, as a function's cold start does it. */
function timeImport({ entry }: Loadable): Time {
  const code = `
    const cpu = process.cpuUsage(), t = performance.now();
    await import(${JSON.stringify(pathToFileURL(entry).href)});
    const ms = performance.now() - t, { user, system } = process.cpuUsage(cpu);
    process.stdout.write(JSON.stringify({ ms, cpuMs: (user + system) / 1000 }));`;
  // Nothing is remembered from run to run: a cold start finds no compile cache.
  const env = { ...process.env, NODE_COMPILE_CACHE: "", NODE_DISABLE_COMPILE_CACHE: "1" };
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8", env }));
}

/**
 * Measures what a cold start loads, from the bundles of a whole synthesis: each function, the AWS DynamoDB clients alone and
 * an empty module, in turn, round by round, so that whatever else the machine does falls on all of them.
 */
export async function benchCold({ say, rounds }: { say: (line: string) => void; rounds: number }): Promise<ColdResult> {
  const started = machine();
  const bundler = openChild<Bundler>("./cold-bundles.ts", ["--disable-warning=ExperimentalWarning"], true);
  try {
    say("Bundling every function as a deployment would …");
    const { functions, sdk, bare } = await bundler.ask("make", undefined);
    const all = [bare, sdk, ...functions];
    for (const each of all) timeImport(each);
    const times = Object.fromEntries(all.map(({ name }) => [name, [] as Time[]]));
    for (let round = 0; round < rounds; round++) {
      // Turned around every other time: what comes first is not always the same.
      for (const each of round % 2 ? all.toReversed() : all) times[each.name]!.push(timeImport(each));
      if (round % 5 === 4) say(`Round ${round + 1} of ${rounds}`);
    }
    const above = (name: string, what: keyof Time = "ms") =>
      times[name]!.map((time, at) => time[what] - times.bare![at]![what]);
    const sdkMs = above("sdk");
    const sdkCpuMs = median(above("sdk", "cpuMs"));
    const coldOf = ({ name, bytes, gzipBytes }: Loadable): Cold => {
      const own = above(name);
      const ratioOf = (ms: number) => rounded(ms / median(sdkMs), 2);
      const ratioToSdk = ratioOf(median(own));
      const budget = budgets[name];
      return {
        bytes,
        gzipBytes,
        importMs: rounded(median(own), 1),
        ratioToSdk,
        ratioRange: [ratioOf(percentile(own, 0.25)), ratioOf(percentile(own, 0.75))],
        cpuRatioToSdk: rounded(median(above(name, "cpuMs")) / sdkCpuMs, 2),
        ...(budget && { budget: { ...budget, kept: bytes <= budget.bytes && ratioToSdk <= budget.ratioToSdk } }),
      };
    };
    return {
      functions: Object.fromEntries(functions.map((each) => [each.name, coldOf(each)])),
      sdk: { bytes: sdk.bytes, gzipBytes: sdk.gzipBytes, importMs: rounded(median(sdkMs), 1) },
      noise: rounded((percentile(sdkMs, 0.75) - percentile(sdkMs, 0.25)) / median(sdkMs), 2),
      bareMs: rounded(median(times.bare!.map(({ ms }) => ms)), 1),
      rounds,
      machine: { ...started, loadAverageAtEnd: machine().loadAverage },
    };
  } finally {
    await bundler.close();
  }
}

export function printCold({ functions, sdk, noise, rounds }: ColdResult, say: (line: string) => void): void {
  const kb = (bytes: number) => `${Math.round(bytes / 1000)} KB`.padStart(8);
  say("");
  say("function        code  gzipped    import   ÷ SDK");
  const line = (name: string, { bytes, gzipBytes, importMs }: ColdResult["sdk"], rest: string) =>
    say(`${name.padEnd(10)} ${kb(bytes)} ${kb(gzipBytes)} ${`${importMs} ms`.padStart(9)}   ${rest}`);
  line("(SDK)", sdk, "1, the AWS DynamoDB clients alone");
  for (const [name, cold] of Object.entries(functions)) {
    const [low, high] = cold.ratioRange;
    const { budget } = cold;
    const verdict = budget
      ? `; at most ${budget.ratioToSdk} and ${Math.round(budget.bytes / 1000)} KB: ${budget.kept ? "kept" : "NOT KEPT"}`
      : "";
    line(name, cold, `${cold.ratioToSdk} (${low}–${high}), of the processor ${cold.cpuRatioToSdk}${verdict}`);
  }
  say(
    `above an empty module; medians of ${rounds} rounds; noise ${noise}${noise > 0.15 ? ": the machine was too busy to tell" : ""}`,
  );
}
