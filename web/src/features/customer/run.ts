import type { Job } from "@laurel/contract";
import { maxImportedCustomers } from "@laurel/contract";

/** How far a list is. Nothing of it names anybody: the hashes are all there is. */
export interface Sent {
  hashes: readonly string[];
  /** Parts that the API has taken; the next one begins behind them. */
  parts: number;
  /** The jobs that take them in. */
  jobs: readonly Job[];
}

export const beginning = (hashes: readonly string[]): Sent => ({ hashes, parts: 0, jobs: [] });

export const partsOf = ({ hashes }: Sent): number => Math.ceil(hashes.length / maxImportedCustomers);
const openOf = ({ jobs }: Sent): Job[] => jobs.filter(({ state }) => state === "waiting" || state === "running");

/** Whether everything was sent, and taken in as far as it will be. */
export const isOver = (sent: Sent): boolean => sent.parts === partsOf(sent) && openOf(sent).length === 0;

/** Half of the way is sending, half is taking in. */
export function shareOf(sent: Sent): number {
  const total = Math.max(1, sent.hashes.length);
  const told = Math.min(total, sent.parts * maxImportedCustomers);
  const taken = sent.jobs.reduce((sum, { counts }) => sum + counts.done + counts.refused, 0);
  return (told + taken) / (2 * total);
}

/** What came of it: who was new, who was known already, and how many were left when a job gave up. */
export function resultOf({ jobs }: Sent): { added: number; known: number; left: number; error: string | undefined } {
  const sum = (of: (job: Job) => number) => jobs.reduce((all, job) => all + of(job), 0);
  return {
    added: sum(({ counts }) => counts.done),
    known: sum(({ counts }) => counts.refused),
    left: sum(({ state, counts }) => (state === "failed" ? counts.total - counts.done - counts.refused : 0)),
    error: jobs.find(({ state }) => state === "failed")?.error ?? undefined,
  };
}

/** So many jobs are asked for at once while their ends are awaited. */
const asked = 4;

export interface Outside {
  /** Sends a part; the same part twice is taken once. */
  send: (hashes: readonly string[]) => Promise<Job>;
  look: (jobId: string) => Promise<Job>;
  wait: (ms: number) => Promise<void>;
}

/**
 * Sends what is left of a list, part by part, then waits until the jobs have taken all of it in. It tells each step, so that
 * whoever calls it again after an error goes on where it stopped.
 */
export async function goOn(
  begun: Sent,
  { send, look, wait }: Outside,
  { signal, onStep }: { signal: AbortSignal; onStep: (sent: Sent) => void },
): Promise<void> {
  let sent = begun;
  const step = (next: Partial<Sent>) => {
    sent = { ...sent, ...next };
    onStep(sent);
  };
  while (sent.parts < partsOf(sent)) {
    signal.throwIfAborted();
    const from = sent.parts * maxImportedCustomers;
    const job = await send(sent.hashes.slice(from, from + maxImportedCustomers));
    step({ parts: sent.parts + 1, jobs: [...sent.jobs, job] });
  }
  while (openOf(sent).length > 0) {
    signal.throwIfAborted();
    const looked = await Promise.all(
      openOf(sent)
        .slice(0, asked)
        .map(({ id }) => look(id)),
    );
    const latest = new Map(looked.map((job) => [job.id, job]));
    step({ jobs: sent.jobs.map((job) => latest.get(job.id) ?? job) });
    if (openOf(sent).length > 0) await wait(700);
  }
}
