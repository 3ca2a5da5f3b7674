import { type ChildProcess, fork } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { lambdaContext } from "../lambda.ts";
import { endOf, type Invocation, type Told } from "./protocol.ts";

/** A bundle as it would be uploaded. */
export interface Bundle {
  name: string;
  functionName: string;
  /** `functions/api/index.handler` */
  handler: string;
  /** The folder that would be uploaded. */
  bundle: string | undefined;
}

/** What a function failed with, as Lambda would tell it. */
export class InvocationFailed extends Error {}

/** One bundle in a process of its own, as Lambda runs it: with the environment it is given and nothing else. */
export interface Host {
  /** @throws InvocationFailed where the function threw */
  invoke<R = unknown>(event: unknown): Promise<R>;
  /** What it wrote to its log, line by line. */
  lines: string[];
  /** The lines of its log that are JSON: its own and its metrics. */
  logged(): Record<string, unknown>[];
  /** How long the import of its code took, once it is up. */
  initMs(): Promise<number>;
  close(): Promise<void>;
}

/** The Node that Lambda runs: this one, or where that is another, the one that the packages bring along. */
function node24(): string {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const found = `node-${process.platform}-${process.arch}/bin/node`;
  return createRequire(import.meta.url).resolve(found);
}

export function openHost({ functionName, handler, bundle }: Bundle, env: Record<string, string>): Host {
  if (!bundle) throw new Error(`${functionName} was not bundled`);
  // A place from which Node finds no package of anybody's.
  const folder = mkdtempSync(join(tmpdir(), "laurel-lambda-"));
  cpSync(bundle, folder, { recursive: true });
  const [path, name] = [handler.slice(0, handler.lastIndexOf(".")), handler.slice(handler.lastIndexOf(".") + 1)];
  const child: ChildProcess = fork(join(import.meta.dirname, "child.ts"), [join(folder, `${path}.mjs`), name], {
    execPath: node24(),
    execArgv: ["--disable-warning=ExperimentalWarning"],
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });

  const lines: string[] = [];
  const ended = new Map<string, () => void>();
  const reading = [child.stdout!, child.stderr!].map((stream, at) =>
    createInterface({ input: stream }).on("line", (line) => {
      const end = ended.get(`${at} ${line}`);
      if (end) end();
      else lines.push(line);
    }),
  );
  const whole = (id: number): Promise<unknown> =>
    Promise.all([0, 1].map((at) => new Promise<void>((done) => ended.set(`${at} ${endOf(id)}`, done))));

  const answers = new Map<number, { done: (result: unknown) => void; failed: (error: Error) => void }>();
  const { promise: up, resolve: isUp, reject: isDown } = Promise.withResolvers<number>();
  up.catch(() => {});
  const end = (error: Error) => {
    isDown(error);
    for (const { failed } of answers.values()) failed(error);
  };
  child.on("message", (told: Told) => {
    if ("ready" in told) return isUp(told.initMs);
    if ("broken" in told) return end(new Error(`${functionName} could not be loaded: ${told.broken}`));
    const waiting = answers.get(told.id);
    answers.delete(told.id);
    if ("result" in told) waiting?.done(told.result);
    else waiting?.failed(new InvocationFailed(told.error));
  });
  child.on("exit", (code, signal) => end(new Error(`${functionName} ended by itself (${code ?? signal})`)));

  let ids = 0;
  let busy: Promise<unknown> = Promise.resolve();
  return {
    lines,
    logged: () => lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : [])),
    initMs: () => up,
    // An instance works on one event at a time.
    invoke: <R>(event: unknown) => {
      const answer = busy.then(async () => {
        await up;
        const id = ++ids;
        const written = whole(id);
        const result = new Promise<unknown>((done, failed) => answers.set(id, { done, failed }));
        child.send({
          id,
          event,
          context: JSON.parse(JSON.stringify(lambdaContext(functionName))),
        } satisfies Invocation);
        try {
          return (await result) as R;
        } finally {
          if (child.connected) await written;
        }
      });
      busy = answer.catch(() => {});
      return answer;
    },
    close: async () => {
      for (const each of reading) each.close();
      if (child.exitCode === null && child.signalCode === null) {
        const gone = new Promise((done) => child.once("exit", done));
        child.kill("SIGKILL");
        await gone;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
