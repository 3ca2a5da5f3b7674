import { appendFileSync, renameSync, statSync } from "node:fs";
import type { Log } from "@laurel/core/kernel";

/** A log file is set aside when it grows over this. */
const maxBytes = 10_000_000;

/**
 * Writes one JSON line a message to a file, and warnings and errors also to the terminal, short.
 * What comes within 100 ms is written at once; `flush` writes it now.
 */
export function openLog(
  path: string,
  echo: (line: string) => void = (line) => console.error(line),
): Log & { flush(): void } {
  let waiting = "";
  let timer: NodeJS.Timeout | undefined;
  let failed = false;
  try {
    if (statSync(path).size > maxBytes) renameSync(path, `${path}.1`);
  } catch {
    // There is none yet.
  }
  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = undefined;
    try {
      if (waiting) appendFileSync(path, waiting);
      failed = false;
    } catch (error) {
      // On a full disk the program goes on as long as it can; its log is the last thing to stop it.
      if (!failed) echo(`  error: The log cannot be written (${(error as Error).message})`);
      failed = true;
    }
    waiting = "";
  }
  const line =
    (level: string) =>
    (message: string, data: Record<string, unknown> = {}) => {
      waiting += `${JSON.stringify({ at: new Date().toISOString(), level, message, ...data })}\n`;
      timer ??= setTimeout(flush, 100);
      if (level !== "info") echo(`  ${level}: ${message}${data.error ? ` (${String(data.error)})` : ""}`);
    };
  return { info: line("info"), warn: line("warn"), error: line("error"), flush };
}
