import type { Log } from "@laurel/core/kernel";

/** Calls a job again and again, never twice at once. */
export interface Schedule {
  start(): void;
  /** Runs the job now; where it is under way, once more after that. Returns when it has run. */
  runNow(): Promise<void>;
  /** Ends after the run that is under way. */
  stop(): Promise<void>;
}

/** @param everyMs the rest between two runs */
export function createSchedule({
  name,
  everyMs,
  run,
  log,
}: {
  name: string;
  everyMs: number;
  run: () => Promise<void>;
  log: Log;
}): Schedule {
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  let started = false;

  /** Runs follow each other in one chain, so two never overlap. */
  function once(): Promise<void> {
    underWay = underWay
      .then(run)
      .catch((error) => log.error("A job failed", { job: name, error: String(error), stack: (error as Error)?.stack }));
    return underWay;
  }
  function rest(): void {
    if (!started) return;
    timer = setTimeout(() => once().then(rest), everyMs);
  }
  return {
    start: () => {
      if (started) return;
      started = true;
      rest();
    },
    runNow: once,
    stop: async () => {
      started = false;
      clearTimeout(timer);
      await underWay;
    },
  };
}
