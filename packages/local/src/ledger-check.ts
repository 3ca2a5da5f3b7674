import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkLedger } from "@laurel/core/ledger-check";
import { openTable } from "@laurel/core/table";
import { runningEngine, startEngine, stopEngine } from "./engine/keeper.ts";
import { lockFolder } from "./lock.ts";
import { readOptions } from "./options.ts";
import { StartProblem } from "./problem.ts";

/** Reaches the data of a folder, whether Laurel runs on it or not. */
async function openData(
  options: ReturnType<typeof readOptions>,
): Promise<{ endpoint: string; close(): Promise<void> }> {
  const { folder, dynamodbEndpoint } = options;
  if (dynamodbEndpoint) return { endpoint: dynamodbEndpoint, close: async () => {} };
  const running = runningEngine(folder);
  if (running) return { endpoint: running.endpoint, close: async () => {} };
  if (!existsSync(join(folder, "laurel.db")))
    throw new StartProblem(`There is no data in ${folder} yet. Run npm start first.`);
  mkdirSync(folder, { recursive: true });
  const lock = lockFolder(folder);
  const engine = await startEngine(folder, { tableName: options.tableName });
  return {
    endpoint: engine.endpoint,
    close: async () => {
      await stopEngine(folder);
      lock.release();
    },
  };
}

/** `npm run ledger:check`: recomputes every balance from its postings. @returns the exit code: 0 when all of them agree */
export async function main(env: Record<string, string | undefined> = process.env): Promise<number> {
  const options = readOptions(env);
  const data = await openData(options);
  const table = openTable({ tableName: options.tableName, endpoint: data.endpoint });
  try {
    const { accounts, entries, differences } = await checkLedger(table);
    for (const difference of differences) console.error(`  ${difference}`);
    console.log(
      differences.length === 0
        ? `The ledger is balanced: ${accounts} accounts, ${entries} entries, no difference.`
        : `The ledger is not balanced: ${differences.length} differences in ${accounts} accounts and ${entries} entries.`,
    );
    return differences.length === 0 ? 0 : 1;
  } finally {
    table.client.destroy();
    await data.close();
  }
}

if (process.argv[1] === import.meta.filename)
  main().then(
    (code) => process.exit(code),
    (error) => {
      console.error(error instanceof StartProblem ? `laurel: ${error.message}` : error);
      process.exit(1);
    },
  );
