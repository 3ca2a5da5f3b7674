import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { readJson, writeJson } from "../file.ts";
import { findBinary } from "./binary.ts";
import { checkFile, indexSequence, pruneStream } from "./file.ts";
import { answers, commandOf, type Engine, isAlive, spawnEngine, stopProcess } from "./process.ts";

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

/**
 * Brings up the engine of a folder: adopts one that outlived its parent, or starts one on the checked file.
 * Only while the folder is locked.
 * @throws StartProblem
 */
export async function startEngine(folder: string, signal?: AbortSignal): Promise<Engine & { adopted: boolean }> {
  const { dbPath, logPath, recordPath } = pathsOf(folder);
  const alive = runningEngine(folder);
  if (alive?.prepared && (await answers(alive.port))) return { ...alive, adopted: true };
  if (alive) await stopProcess(alive.pid);

  const start = async (prepared: boolean): Promise<Engine> => {
    const record = (engine: Engine) =>
      writeJson(recordPath, { ...engine, startedAt: new Date().toISOString(), prepared } satisfies EngineRecord);
    return spawnEngine({ binary, dbPath, logPath, onSpawn: record, signal });
  };
  const binary = findBinary();
  if (!existsSync(dbPath)) await stopProcess((await start(false)).pid);
  checkFile(dbPath);
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
  for (const name of ["laurel.db", "stripe.sqlite"])
    for (const ending of ["", "-wal", "-shm"]) rmSync(join(folder, name + ending), { force: true });
  rmSync(join(folder, "positions.json"), { force: true });
}
