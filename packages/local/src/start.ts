import { bringUp, type Running } from "./bring-up.ts";
import { readOptions } from "./options.ts";
import { StartProblem } from "./problem.ts";

/** `npm start`: everything up, a summary for whoever started it, and down again in good order. */
export async function main(env: Record<string, string | undefined> = process.env): Promise<void> {
  let running: Running | undefined;
  let stopping: Promise<void> | undefined;
  const givingUp = new AbortController();
  const starting = Promise.resolve().then(() =>
    bringUp(readOptions(env), (line) => console.log(`  ${line}`), givingUp.signal),
  );

  const stop = () => {
    // npm hands a Ctrl-C on that the terminal has sent already: the second one is the same.
    if (stopping) return;
    console.log("\n  Stopping …");
    stopping = (async () => {
      if (!running) givingUp.abort();
      running ??= await starting.catch(() => undefined);
      await running?.stop();
      console.log("  Stopped. Your data is kept; npm start goes on with it.");
      process.exit(0);
    })();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);

  try {
    running = await starting;
    if (!stopping) console.log(summary(running));
    await running.failed;
  } catch (error) {
    if (stopping) return;
    console.error(error instanceof StartProblem ? `laurel: ${error.message}` : error);
    await running?.stop();
    process.exit(1);
  }
}

function summary({ run, clock }: Running): string {
  const ahead = Math.round(clock.offsetMs() / 60_000);
  const lines: [string, string][] = [
    ["Portal", run.portalUrl],
    ["Apply", `${run.portalUrl}/apply`],
    ["Demo shop", `${run.portalUrl}/shop`],
    ["API docs", `${run.apiUrl}/docs`],
    ...(run.inboxUrl
      ? [["Mail inbox", `${run.inboxUrl}  (in memory: it is empty after a restart)`] as [string, string]]
      : []),
  ];
  const width = Math.max(...lines.map(([name]) => name.length), ...run.signInLinks.map((link) => link.role.length));
  const row = (name: string, text: string) => `    ${name.padEnd(width)}   ${text}`;
  return [
    "",
    "  Laurel is up.",
    "",
    ...lines.map(([name, text]) => row(name, text)),
    "",
    "  Sign in with one click (each link works again and again, on this machine only):",
    "",
    ...run.signInLinks.map((link) => row(link.role, `${link.url}  ${link.email}`)),
    ...(ahead === 0
      ? []
      : ["", `  The program's clock was moved by ${ahead} minutes: see ${run.portalUrl}/local/clock`]),
    "",
    "  Ctrl-C stops everything and keeps your data.",
    "",
  ].join("\n");
}
