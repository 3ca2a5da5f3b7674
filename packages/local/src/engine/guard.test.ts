import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StartProblem } from "../problem.ts";
import { type Guard, guardEngine } from "./guard.ts";
import { startEngine, stopEngine } from "./keeper.ts";
import { isAlive } from "./process.ts";

let folder: string;
let guard: Guard | undefined;
let said: string[];
const log = { info() {}, warn: (message: string) => void said.push(message), error() {} };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "laurel-guard-"));
  said = [];
});
afterEach(async () => {
  await guard?.stop();
  await stopEngine(folder);
  rmSync(folder, { recursive: true, force: true });
});

const patience = { timeout: 15_000 };

test("an engine that dies is started again where it was, and five times at most", async () => {
  const engine = await startEngine(folder);
  const pids = [engine.pid];
  guard = guardEngine({
    pid: engine.pid,
    log,
    restart: async () => {
      const { pid, port } = await startEngine(folder, { port: engine.port });
      expect(port).toBe(engine.port);
      pids.push(pid);
      return pid;
    },
  });
  for (let time = 1; time <= 5; time++) {
    process.kill(pids.at(-1)!, "SIGKILL");
    await expect.poll(() => pids.length, patience).toBe(time + 1);
    expect(isAlive(pids.at(-1)!)).toBe(true);
  }
  process.kill(pids.at(-1)!, "SIGKILL");
  await expect(guard.failed).rejects.toThrow(/^The DynamoDB engine ended 6 times within 10 minutes, so Laurel stops\./);
  expect(pids).toHaveLength(6);
  expect(said.filter((line) => line.includes("ended"))).toHaveLength(5);
}, 60_000);

test("what keeps it from starting is told in the end", async () => {
  const engine = await startEngine(folder);
  let tries = 0;
  guard = guardEngine({
    pid: engine.pid,
    log,
    restMs: 1,
    restart: async () => {
      throw new StartProblem(`The file is damaged (${++tries})`);
    },
  });
  process.kill(engine.pid, "SIGKILL");
  await expect(guard.failed).rejects.toThrow("The file is damaged (5)");
});

test("one that is stopped in good order is let go", async () => {
  const engine = await startEngine(folder);
  guard = guardEngine({ pid: engine.pid, log, restart: () => Promise.reject(new Error("not wanted")) });
  await guard.stop();
  await stopEngine(folder);
  expect(await Promise.race([guard.failed, new Promise((done) => setTimeout(done, 500, "quiet"))])).toBe("quiet");
});
