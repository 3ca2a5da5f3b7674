import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../port.ts";
import { StartProblem } from "../problem.ts";

/** A DynamoDB engine that answers on loopback. */
export interface Engine {
  pid: number;
  port: number;
  endpoint: string;
}

export const endpointOf = (port: number): string => `http://127.0.0.1:${port}`;

/** Whether an engine answers there. */
export async function answers(port: number): Promise<boolean> {
  try {
    const answer = await fetch(endpointOf(port), { signal: AbortSignal.timeout(1000) });
    await answer.arrayBuffer();
    return answer.headers.get("server")?.startsWith("Dynoxide") ?? false;
  } catch {
    return false;
  }
}

export interface EngineStart {
  binary: string;
  /** Its data; made if it is not there. */
  dbPath: string;
  /** Gets what it says; a taken port shows only there and in its end. */
  logPath: string;
  /** Told as soon as there is a process, before it answers: whoever is killed meanwhile has left a trace of it. */
  onSpawn?: (engine: Engine) => void;
  /** Given up: nothing is started any more. */
  signal?: AbortSignal | undefined;
  /** Any free one by default. */
  port?: number | undefined;
}

/**
 * Starts the engine on a file, on a free port, and waits until it answers.
 * It is detached: it has a session of its own, so neither Ctrl-C in a terminal nor the death of its parent ends it.
 */
export async function spawnEngine({
  binary,
  dbPath,
  logPath,
  onSpawn,
  signal,
  port: wanted,
}: EngineStart): Promise<Engine> {
  for (let attempt = 0; ; attempt++) {
    const port = wanted ?? (await freePort());
    signal?.throwIfAborted();
    const log = openSync(logPath, "a");
    const child = spawn(binary, ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", dbPath], {
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    if (child.pid) onSpawn?.({ pid: child.pid, port, endpoint: endpointOf(port) });
    let ended: string | undefined;
    child.once("error", (error) => {
      ended = error.message;
    });
    child.once("exit", (code, signal) => {
      ended = `it ended with ${signal ?? code}`;
    });
    const deadline = Date.now() + 10_000;
    while (!ended && Date.now() < deadline) {
      // The child must be alive when the answer has come: another program may hold the port.
      if ((await answers(port)) && !ended && isAlive(child.pid!)) {
        child.unref();
        return { pid: child.pid!, port, endpoint: endpointOf(port) };
      }
      await sleep(10);
    }
    if (!ended) child.kill("SIGKILL");
    if (attempt === 4 || !ended)
      throw new StartProblem(
        `The DynamoDB engine does not start (${ended ?? "no answer within 10 s"}). Its log is ${logPath}.`,
      );
    // Whoever took a wanted port meanwhile may let go of it again.
    if (wanted) await sleep(200);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A process that ended but that nobody waited for still has its pid. */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/, ""));
  } catch {
    return false;
  }
}

/** The command line of a process, empty where it is gone or hidden. */
export function commandOf(pid: number): string {
  try {
    if (existsSync("/proc/self/cmdline")) return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** Ends a process: asked first, forced after 5 s. Returns when it is gone. */
export async function stopProcess(pid: number): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(pid, name);
    } catch {
      // It went by itself.
    }
  };
  signal("SIGTERM");
  const deadline = Date.now() + 5000;
  while (isAlive(pid)) {
    if (Date.now() > deadline) signal("SIGKILL");
    await sleep(10);
  }
}
