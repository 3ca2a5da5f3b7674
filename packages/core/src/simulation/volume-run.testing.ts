import { readFileSync } from "node:fs";
import { findJob, finished } from "../job/index.ts";
import { runJob } from "../job-runner/index.ts";
import type { Context } from "../kernel/context.ts";
import { idMaker } from "../kernel/ids.ts";
import { cachedProgram } from "../program/index.ts";
import { openTable } from "../table/client.ts";

/**
 * A process that does nothing but one simulation, as a function would: `node volume-run.testing.ts <endpoint> <table> <job> <time of day>`.
 * Ends by printing how long it took and the most memory that it ever had.
 */
const [endpoint, tableName, jobId, time] = process.argv.slice(2) as [string, string, string, string];
const table = openTable({ tableName, endpoint });
const now = () => new Date(time);
const tell = (message: string, data?: unknown): void => console.error(message, JSON.stringify(data));
const ctx = {
  actor: { kind: "system", name: "volume" },
  now,
  newId: idMaker(now),
  table,
  log: { info: tell, warn: tell, error: tell },
  metrics: { record: () => {} },
  requestId: "volume",
  idempotency: undefined,
  program: cachedProgram(table).get,
} as unknown as Context;
/** Of this program alone: Linux counts into `getrusage` what its parent had when it began this process (getrusage(2), execve). */
function maxRssKb(): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

const began = Date.now();
let runs = 0;
// Ten seconds at once, as the stream's consumer has; so the memory is stored and read anew, too.
for (; !finished((await findJob(ctx, jobId))!); runs++) await runJob(ctx, jobId, Date.now() + 10_000);
console.log(JSON.stringify({ ms: Date.now() - began, maxRssMb: Math.round(maxRssKb() / 1024), runs }));
process.exit(0);
