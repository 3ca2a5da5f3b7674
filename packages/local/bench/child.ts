import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// biome-ignore lint/suspicious/noExplicitAny: each child names its own questions
type Answers = Record<string, (input: any) => unknown>;
interface Question {
  id: number;
  name: string;
  input: unknown;
}
interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** A process of its own, so that what it measures or serves shares no event loop with anything else. */
export interface Child<A extends Answers> {
  pid: number;
  ask<N extends keyof A & string>(name: N, input: Parameters<A[N]>[0]): Promise<Awaited<ReturnType<A[N]>>>;
  /** Lets it end by itself, as it does when its parent dies. */
  close(): Promise<void>;
}

/**
 * @param execArgv what Node itself is told, such as --cpu-prof
 * @param talks whatever it says goes to standard error, which leaves standard output to the figures
 */
export function openChild<A extends Answers>(module: string, execArgv: string[] = [], talks = false): Child<A> {
  const child = fork(fileURLToPath(new URL(module, import.meta.url)), {
    execArgv,
    serialization: "advanced",
    ...(talks ? { stdio: ["ignore", 2, 2, "ipc"] } : {}),
  });
  const open = new Map<number, PromiseWithResolvers<unknown>>();
  let asked = 0;
  child.on("message", ({ id, value, error }: Answer) => {
    const question = open.get(id)!;
    open.delete(id);
    if (error === undefined) question.resolve(value);
    else question.reject(new Error(error));
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  ended.then(() => {
    for (const question of open.values()) question.reject(new Error(`${module} has ended`));
  });
  return {
    pid: child.pid!,
    ask: (name, input) => {
      const question = Promise.withResolvers<unknown>();
      const id = asked++;
      open.set(id, question);
      child.send({ id, name, input } satisfies Question);
      return question.promise as never;
    },
    close: () => {
      if (child.connected) child.disconnect();
      return ended;
    },
  };
}

/** The child's side: answers questions until the parent is gone. */
export function answer<A extends Answers>(answers: A): void {
  process.on("message", async ({ id, name, input }: Question) => {
    try {
      process.send!({ id, value: await answers[name]!(input) } satisfies Answer);
    } catch (error) {
      process.send!({ id, error: (error as Error).stack ?? String(error) } satisfies Answer);
    }
  });
  process.once("disconnect", () => process.exit());
}

const ticksPerS = 100;

/** CPU time that a process has used, in ms, from /proc; 0 where there is none. */
export function cpuMsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerS;
  } catch {
    return 0;
  }
}
