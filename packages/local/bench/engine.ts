import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "../src/engine/keeper.ts";
import { type Engine, isAlive, stopProcess } from "../src/engine/process.ts";

export interface BenchEngine extends Engine {
  folder: string;
  close(): Promise<void>;
}

/** The engine as `npm start` runs it, on a file in a folder of its own that goes with it. */
export async function openEngine(): Promise<BenchEngine> {
  const folder = mkdtempSync(join(tmpdir(), "laurel-bench-"));
  const { pid, port, endpoint } = await startEngine(folder);
  const atEnd = () => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", atEnd);
  return {
    pid,
    port,
    endpoint,
    folder,
    close: async () => {
      await stopProcess(pid);
      process.removeListener("exit", atEnd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
