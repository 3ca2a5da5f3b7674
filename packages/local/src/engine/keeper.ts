import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readJson, writeJson } from "../file.ts";
import { StartProblem } from "../problem.ts";
import { findBinary } from "./binary.ts";
import { checkFile, indexSequence, pruneStream } from "./file.ts";
import { answers, commandOf, type Engine, isAlive, spawnEngine, stopProcess } from "./process.ts";
import { checkSchema } from "./schema.ts";

/** What `engine.json` tells of the engine of a folder. */
export interface EngineRecord extends Engine {
  startedAt: string;
  /** Its file was made ready before this start. Without it, the engine is stopped rather than adopted. */
  prepared: boolean;
}

const pathsOf = (folder: string) => ({
  dbPath: resolve(folder, "laurel.db"),
  logPath: resolve(folder, "engine.log"),
  recordPath: join(folder, "engine.json"),
});

/** The engine that runs on a folder's data, whoever started it; undefined where none does. */
export function runningEngine(folder: string): EngineRecord | undefined {
  const { dbPath, recordPath } = pathsOf(folder);
  const record = readJson<EngineRecord>(recordPath);
  // A pid is used again after a restart of the machine: it must be an engine on this very file.
  return record && isAlive(record.pid) && commandOf(record.pid).includes(dbPath) ? record : undefined;
}

/** How the engine of a folder is brought up. */
export interface EngineOptions {
  signal?: AbortSignal | undefined;
  /** The table whose schema is looked at before the engine is started on its file. */
  tableName?: string | undefined;
  /** Whether the folder has held a program before, so that an empty file is a lost one and not a new one. */
  used?: boolean | undefined;
  /** Where it has to answer, for those who know that address already; any free port otherwise. */
  port?: number | undefined;
}

/**
 * Brings up the engine of a folder: adopts one that outlived its parent, or starts one on the checked file, which is not
 * touched before it is found to be whole and of a schema that is known.
 * Only while the folder is locked.
 * @throws StartProblem
 */
export async function startEngine(
  folder: string,
  { signal, tableName, used = false, port }: EngineOptions = {},
): Promise<Engine & { adopted: boolean }> {
  const { dbPath, logPath, recordPath } = pathsOf(folder);
  const alive = runningEngine(folder);
  if (alive?.prepared && (await answers(alive.port))) return { ...alive, adopted: true };
  if (alive) await stopProcess(alive.pid);

  const start = async (prepared: boolean): Promise<Engine> => {
    const record = (engine: Engine) =>
      writeJson(recordPath, { ...engine, startedAt: new Date().toISOString(), prepared } satisfies EngineRecord);
    return spawnEngine({ binary, dbPath, logPath, onSpawn: record, signal, port });
  };
  const binary = await findBinary({ folder });
  let blank = true;
  if (existsSync(dbPath)) {
    const contents = checkFile(dbPath, tableName);
    blank = contents.blank;
    if (blank && used)
      throw new StartProblem(
        `The data file ${dbPath} is empty, although there was a program in it. Put a copy back (npm run restore <file>), or move it away to start anew.`,
      );
    checkSchema(contents.schemaVersion);
  }
  // The engine makes its own tables when it starts, and the index can only be made while it is stopped.
  if (blank) await stopProcess((await start(false)).pid);
  indexSequence(dbPath);
  pruneStream(dbPath);
  return { ...(await start(true)), adopted: false };
}

/** Stops the engine of a folder; it keeps what it was told. */
export async function stopEngine(folder: string): Promise<void> {
  const alive = runningEngine(folder);
  if (alive) await stopProcess(alive.pid);
  rmSync(pathsOf(folder).recordPath, { force: true });
}

/** Throws away a folder's data, and what the checkout beside it remembers. Only while nothing runs on it. */
export function deleteData(folder: string): void {
  for (const name of ["laurel.db", "stripe.sqlite", "shopify.sqlite", "woocommerce.sqlite"])
    for (const ending of ["", "-wal", "-shm"]) rmSync(join(folder, name + ending), { force: true });
  rmSync(join(folder, "positions.json"), { force: true });
}
