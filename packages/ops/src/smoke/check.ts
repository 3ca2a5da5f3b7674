import type { Site } from "./site.ts";

export interface Check {
  name: string;
  /** @returns a word for the table; throws Fault for what is wrong, and LeftOut for what cannot be seen here */
  run(site: Site): Promise<string | undefined>;
}

/** What cannot be looked at in this place, and why. */
export class LeftOut extends Error {}

export interface Result {
  name: string;
  outcome: "ok" | "FAIL" | "left out";
  note: string;
}

/** Runs checks one after the other, so that a first answer is not slowed by the rest. */
export async function runChecks(checks: readonly Check[], site: Site): Promise<Result[]> {
  const results: Result[] = [];
  for (const { name, run } of checks)
    try {
      results.push({ name, outcome: "ok", note: (await run(site)) ?? "" });
    } catch (error) {
      results.push({
        name,
        outcome: error instanceof LeftOut ? "left out" : "FAIL",
        note: (error as Error).message,
      });
    }
  return results;
}

export function tableOf(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, outcome, note }) => `  ${outcome.padEnd(8)}  ${name.padEnd(width)}  ${note}`.trimEnd())
    .join("\n");
}
