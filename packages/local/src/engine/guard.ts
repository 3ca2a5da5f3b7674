import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@laurel/core/kernel";
import { StartProblem } from "../problem.ts";
import { isAlive } from "./process.ts";

const lookEveryMs = 200;
/** An engine that ends again and again will not get better by being started again. */
const mostRestarts = 5;
const withinMs = 10 * 60_000;

export interface GuardOptions {
  pid: number;
  /** Starts it again where it was. @returns its pid */
  restart: () => Promise<number>;
  log: Log;
  /** The rest after a start that failed. */
  restMs?: number;
}

/** Starts an engine again that ended by itself or was killed, while those who use it wait and try again. */
export interface Guard {
  /** Rejects with a StartProblem when the engine cannot be kept up; never resolves. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

export function guardEngine({ pid, restart, log, restMs = 1000 }: GuardOptions): Guard {
  const ending = new AbortController();
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  // Whoever does not ask is not told.
  failed.catch(() => {});
  const restarts: number[] = [];
  let current = pid;
  let problem: StartProblem | undefined;

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      // It keeps nobody alive who has nothing else to do.
      await sleep(lookEveryMs, undefined, { signal: ending.signal, ref: false }).catch(() => {});
      if (ending.signal.aborted || isAlive(current)) continue;
      const now = performance.now();
      while (restarts[0] !== undefined && now - restarts[0] > withinMs) restarts.shift();
      if (restarts.length >= mostRestarts)
        throw (
          problem ??
          new StartProblem(
            `The DynamoDB engine ended ${restarts.length + 1} times within ${withinMs / 60_000} minutes, so Laurel stops. Your data is kept; engine.log in its folder tells more.`,
          )
        );
      restarts.push(now);
      log.warn("The DynamoDB engine ended; it is started again", { pid: current });
      try {
        current = await restart();
        problem = undefined;
        log.warn("The DynamoDB engine is up again, with all that it was told", { pid: current });
      } catch (error) {
        if (!(error instanceof StartProblem)) throw error;
        problem = error;
        await sleep(restMs, undefined, { signal: ending.signal, ref: false }).catch(() => {});
      }
    }
  }
  const watching = watch().catch((error) => {
    if (!ending.signal.aborted) fail(error);
  });
  return {
    failed,
    stop: async () => {
      ending.abort();
      await watching;
    },
  };
}
