import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { RunFile } from "@laurel/local/src/run-file.ts";

export const root = join(import.meta.dirname, "..");
const ownNode = join(root, "node_modules/.bin/node");
/** The Node that `npm start` would use: our own where the platform has it, else the one that runs this. */
export const node = existsSync(ownNode) ? ownNode : process.execPath;

/** Variables of whoever runs this that would change what is started. */
const notInherited =
  /^(VITEST.*|NODE_ENV|NODE_OPTIONS|TEST|PORT|PUBLIC_ORIGIN|OWNER_EMAIL|MAIL_FROM|TABLE_NAME|LAUREL_.*|STRIPE_.*|.*_ENDPOINT)$/;

export interface ProgramOptions {
  folder: string;
  port: number;
  env?: Record<string, string>;
  /** What is run in the program's folder; the program itself unless given. */
  command?: string[];
  /** Another user than whoever runs this; only root can. */
  uid?: number;
  /** A process group of its own, as a shell gives to what it starts: a Ctrl-C reaches all of it. */
  group?: boolean;
}

/** A process that was started, with all that it has said. */
export interface Started {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export function start({
  folder,
  port,
  env = {},
  command = [node, "start.js"],
  group = false,
  uid,
}: ProgramOptions): Started {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !notInherited.test(name)));
  const child = spawn(command[0]!, command.slice(1), {
    cwd: root,
    detached: group,
    ...(uid === undefined ? {} : { uid, gid: uid }),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, ...env, LAUREL_DIR: folder, PORT: String(port) },
  });
  let out = "";
  let err = "";
  child.stdout!.on("data", (chunk) => (out += chunk));
  child.stderr!.on("data", (chunk) => (err += chunk));
  const lastResort = () => child.kill("SIGTERM");
  process.once("exit", lastResort);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("exit", lastResort);
      resolve({ code, signal });
    });
  });
  // Whoever needs to know how it ended asks; nobody has to.
  ended.catch(() => {});
  return { child, out: () => out, err: () => err, ended };
}

/** A program that answers. */
export interface Program extends Started {
  folder: string;
  port: number;
  run: RunFile;
  /** Ctrl-C. @returns the exit code */
  stop(): Promise<number | null>;
}

const patienceMs = 90_000;
const stopPatienceMs = 20_000;

/** Starts a program and waits until it is healthy. @throws what it said when it ends instead */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const started = start(options);
  await healthy(started, options.port);
  const run = JSON.parse(readFileSync(join(options.folder, "run.json"), "utf8")) as RunFile;
  const stop = async () => {
    const { child } = started;
    if (options.group) process.kill(-child.pid!, "SIGINT");
    else child.kill("SIGINT");
    const late = pause(stopPatienceMs, "late" as const, { ref: false });
    const end = await Promise.race([started.ended, late]);
    if (end !== "late") return end.code;
    child.kill("SIGKILL");
    throw new Error(`The program did not stop within ${stopPatienceMs / 1000} s.\n${started.out()}${started.err()}`);
  };
  return { ...started, folder: options.folder, port: options.port, run, stop };
}

async function healthy({ ended, out, err }: Started, port: number): Promise<void> {
  let end: { code: number | null } | undefined;
  ended.then(
    (how) => (end = how),
    (error) => (end = { code: null, ...error }),
  );
  const address = `http://localhost:${port}/api/health`;
  await until(async () => {
    if (end) throw new Gone(`The program ended (${end.code}) before it was healthy.\n${out()}${err()}`);
    return (await fetch(address).catch(() => undefined))?.status === 200;
  }, `a healthy program at ${address}`);
}

class Gone extends Error {}

/**
 * Asks again and again until the answer is neither false nor undefined. For what has no event to wait for.
 * @throws Error that names what was waited for, after `patienceMs`
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  { patienceMs: most = patienceMs, everyMs = 40 } = {},
): Promise<T> {
  const deadline = Date.now() + most;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as T;
    if (Date.now() > deadline) throw new Error(`Waited ${most / 1000} s for ${what}`);
    await pause(everyMs);
  }
}

/** A port that nobody listens on, with the two after it: the inbox and the Stripe stand-in take those. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const port = await listenOnce(0);
    if (port && port < 65_000 && (await isFree(port))) return port;
  }
  throw new Error("No three free ports in a row were found.");
}

export const isFree = async (port: number): Promise<boolean> =>
  Boolean(
    (await listenOnce(port)) &&
      (await listenOnce(port, "::1")) &&
      (await listenOnce(port + 1)) &&
      (await listenOnce(port + 2)),
  );

/** @returns the port, or undefined when it is taken; an address family that this machine lacks takes no port */
function listenOnce(port: number, host = "127.0.0.1"): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE" ? undefined : port));
    server.listen(port, host, () => {
      const address = server.address();
      const taken = typeof address === "object" && address ? address.port : undefined;
      server.close(() => resolve(taken));
    });
  });
}
