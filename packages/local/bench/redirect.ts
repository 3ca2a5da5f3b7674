import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "@laurel/core/table";
import { openChild } from "./child.ts";
import { openEngine } from "./engine.ts";
import { keepBusy, openSender, type Run } from "./load.ts";
import { machine } from "./machine.ts";
import type { SaleOptions } from "./sale.ts";
import type { Server } from "./server.ts";
import { stage } from "./stage.ts";
import { median, percentile, rounded } from "./statistics.ts";

const levels = [1, 16, 64] as const;
const browser =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

export interface RedirectResult {
  redirectsPerSecond: Record<number, number>;
  [more: string]: unknown;
}

/** Measures `/r/<code>` over 1,000 codes, each visit recorded as a click before it is answered; consumers paused. */
export async function benchRedirect({ say, seconds, rounds, profile }: SaleOptions): Promise<RedirectResult> {
  const started = machine();
  const engine = await openEngine();
  const server = openChild<Server>("./server.ts", profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : []);
  try {
    say("Staging 1,000 ambassadors with a code each …");
    const { table, ...staging } = await stage({
      endpoint: engine.endpoint,
      tableName: "laurel-bench",
      ambassadors: 1000,
    });
    const { port } = await server.ask("open", { staging, consumers: false });
    let next = 0;
    let answered = 0;
    const visit = async (how: { inFlight: number; seconds: number; atMost?: number }): Promise<Run> => {
      const sender = openSender(port, how.inFlight);
      const run = await keepBusy(how, async () => {
        const { code } = staging.ambassadors[next++ % staging.ambassadors.length]!;
        const status = await sender
          .send("GET", `/r/${code}?utm_source=story`, { "user-agent": browser })
          .catch((error: Error) => error.message);
        return status === 302 ? "200" : String(status);
      });
      sender.close();
      answered += run.done;
      if (Object.keys(run.failed).length > 0) throw new Error(`Visits were refused: ${JSON.stringify(run.failed)}`);
      return run;
    };
    await visit({ inFlight: 16, seconds: 60, atMost: 2000 });
    const runs = Object.fromEntries(levels.map((level) => [level, [] as Run[]])) as Record<number, Run[]>;
    for (let round = 0; round < rounds; round++)
      for (const inFlight of levels) {
        runs[inFlight]!.push(await visit({ inFlight, seconds }));
        say(`Round ${round + 1}, ${inFlight} in flight: ${rounded(runs[inFlight]!.at(-1)!.perSecond)} redirects/s`);
      }
    const clicks = await countClicks(table);
    if (clicks !== answered) throw new Error(`${answered} visits were answered and ${clicks} clicks are there`);
    table.client.destroy();
    const at16 = runs[16]!.flatMap((run) => run.latenciesMs);
    return {
      redirectsPerSecond: Object.fromEntries(
        levels.map((level) => [level, rounded(median(runs[level]!.map((run) => run.perSecond)), 1)]),
      ),
      p50Ms: rounded(percentile(at16, 0.5), 1),
      p99Ms: rounded(percentile(at16, 0.99), 1),
      answeredAndRecorded: clicks,
      machine: { ...started, loadAverageAtEnd: machine().loadAverage },
      runs: {
        rounds,
        seconds,
        redirectsPerSecond: Object.fromEntries(
          levels.map((level) => [level, runs[level]!.map((run) => rounded(run.perSecond, 1))]),
        ),
      },
    };
  } finally {
    await server.close();
    await engine.close();
  }
}

async function countClicks(table: Table): Promise<number> {
  let count = 0;
  let after: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        Select: "COUNT",
        FilterExpression: "begins_with(pk, :click)",
        ExpressionAttributeValues: { ":click": "CLICK#" },
        ExclusiveStartKey: after,
      }),
    );
    count += page.Count ?? 0;
    after = page.LastEvaluatedKey;
  } while (after);
  return count;
}

export function printRedirect(
  { redirectsPerSecond, p50Ms, p99Ms, answeredAndRecorded, runs }: RedirectResult,
  say: (line: string) => void,
): void {
  const {
    rounds,
    seconds,
    redirectsPerSecond: all,
  } = runs as { rounds: number; seconds: number; redirectsPerSecond: Record<number, number[]> };
  say("");
  for (const level of levels)
    say(
      `${String(level).padStart(3)} in flight: ${redirectsPerSecond[level]} redirects/s (${Math.min(...all[level]!)}–${Math.max(...all[level]!)})`,
    );
  say(
    `at 16 in flight: p50 ${p50Ms} ms, p99 ${p99Ms} ms; median of ${rounds} rounds of ${seconds} s; ${answeredAndRecorded} answered, as many clicks recorded`,
  );
}
