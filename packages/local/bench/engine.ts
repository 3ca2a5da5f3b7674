import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "../src/engine/keeper.ts";
import { type Engine, isAlive, stopProcess } from "../src/engine/process.ts";

export interface BenchEngine extends Engine {
  folder: string;
  /** Ends it and starts it on the same file and port, as the next `npm start` would. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The engine as `npm start` runs it, on a file in a folder of its own that goes with it. */
export async function openEngine(): Promise<BenchEngine> {
  const folder = mkdtempSync(join(tmpdir(), "laurel-bench-"));
  const engine = await startEngine(folder);
  const atEnd = () => {
    if (isAlive(engine.pid)) process.kill(engine.pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", atEnd);
  return {
    ...engine,
    folder,
    restart: async () => {
      await stopProcess(engine.pid);
      engine.pid = (await startEngine(folder, { port: engine.port })).pid;
    },
    close: async () => {
      await stopProcess(engine.pid);
      process.removeListener("exit", atEnd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
