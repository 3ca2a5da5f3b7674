import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, startProgram } from "../../../e2e/program.ts";
import { machine } from "./machine.ts";
import { median, rounded } from "./statistics.ts";

const demos = { small: {}, year: { LAUREL_DEMO: "year" } } as const;
/** So long it is left alone before its memory is looked at; the first time until what the demo left to be done is done. */
const restMs = { first: 20_000, later: 3_000 };

export interface StartResult {
  /** From the process's start to its first healthy answer, where the folder was empty and the demo had to be made. */
  firstStartMs: Record<keyof typeof demos, number>;
  /** The same on the data that is there then; median. */
  startMs: Record<keyof typeof demos, number>;
  /** What all its processes have in memory after a rest, after such a start; the highest. */
  memoryMb: Record<keyof typeof demos, number>;
  [more: string]: unknown;
}

/** A process and all that it has started. Only where there is /proc. */
function family(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}

function memoryMbOf(pid: number): number {
  const kb = family(pid).map((each) =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${each}/status`, "utf8"))?.[1] ?? 0),
  );
  return kb.reduce((sum, each) => sum + each, 0) / 1024;
}

/** Measures `npm start`'s program: how long until it answers, with the demo to make and without, and what it takes of memory. */
export async function benchStart({
  say,
  rounds,
}: {
  say: (line: string) => void;
  rounds: number;
}): Promise<StartResult> {
  const started = machine();
  const firstStartMs = {} as StartResult["firstStartMs"];
  const startMs = {} as StartResult["startMs"];
  const memoryMb = {} as StartResult["memoryMb"];
  const runs: Record<string, number[]> = {};
  for (const [name, env] of Object.entries(demos) as [keyof typeof demos, Record<string, string>][]) {
    const folder = mkdtempSync(join(tmpdir(), "laurel-bench-start-"));
    const timed = async (rest: keyof typeof restMs): Promise<{ ms: number; mb: number }> => {
      const port = await freePort();
      const at = performance.now();
      const program = await startProgram({ folder, port, env });
      const ms = performance.now() - at;
      await pause(restMs[rest]);
      const mb = memoryMbOf(program.child.pid!);
      await program.stop();
      return { ms, mb };
    };
    try {
      say(`An empty folder, the ${name} demo …`);
      firstStartMs[name] = rounded((await timed("first")).ms);
      const again: { ms: number; mb: number }[] = [];
      for (let round = 0; round < rounds; round++) again.push(await timed("later"));
      runs[name] = again.map(({ ms }) => rounded(ms));
      startMs[name] = rounded(median(again.map(({ ms }) => ms)));
      memoryMb[name] = rounded(Math.max(...again.map(({ mb }) => mb)));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { firstStartMs, startMs, memoryMb, runs, machine: { ...started, loadAverageAtEnd: machine().loadAverage } };
}

export function printStart(result: StartResult, say: (line: string) => void): void {
  say("");
  say("demo     empty folder   on its data   memory of all processes");
  for (const name of Object.keys(demos) as (keyof typeof demos)[])
    say(
      `${name.padEnd(6)}${`${result.firstStartMs[name]} ms`.padStart(15)}${`${result.startMs[name]} ms`.padStart(14)}${`${result.memoryMb[name]} MB`.padStart(26)}`,
    );
}
