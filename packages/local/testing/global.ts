import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findBinary } from "../src/engine/binary.ts";
import { indexSequence } from "../src/engine/file.ts";
import { spawnEngine, stopProcess } from "../src/engine/process.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where tests reach a DynamoDB engine. */
    dynamodbEndpoint: string;
  }
}

/**
 * A folder in memory where the system has one with room to spare (Linux): what tests write need outlive nothing, and the
 * engine would wait for the disk at each of their writes.
 */
function roomForEngine(): string {
  const shared = "/dev/shm";
  try {
    accessSync(shared, constants.W_OK);
    const { bavail, bsize } = statfsSync(shared);
    if (bavail * bsize >= 2 * 2 ** 30) return shared;
  } catch {
    // There is none.
  }
  return tmpdir();
}

/** One engine on a file for a whole run of tests; DYNAMODB_ENDPOINT names another one instead. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const elsewhere = process.env.DYNAMODB_ENDPOINT;
  if (elsewhere) {
    project.provide("dynamodbEndpoint", elsewhere);
    return async () => {};
  }
  const folder = mkdtempSync(join(roomForEngine(), "laurel-test-"));
  const start = { binary: await findBinary(), dbPath: join(folder, "engine.db"), logPath: join(folder, "engine.log") };
  // The first start makes the file; the index can only be made while the engine is stopped.
  const first = await spawnEngine(start);
  await stopProcess(first.pid);
  indexSequence(start.dbPath);
  const engine = await spawnEngine(start);
  // A run that is cut short takes its engine with it.
  process.once("exit", () => {
    try {
      process.kill(engine.pid, "SIGKILL");
    } catch {
      // It was stopped in good order.
    }
    rmSync(folder, { recursive: true, force: true });
  });
  project.provide("dynamodbEndpoint", engine.endpoint);
  return async () => {
    await stopProcess(engine.pid);
    rmSync(folder, { recursive: true, force: true });
  };
}
