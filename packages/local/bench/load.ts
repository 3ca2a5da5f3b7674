import { Agent, request } from "node:http";

/** What one run at one number in flight came to. */
export interface Run {
  /** Answered with 200. */
  done: number;
  /** Anything else, by status or error. */
  failed: Record<string, number>;
  seconds: number;
  perSecond: number;
  /** One entry for each that was done. */
  latenciesMs: number[];
}

/**
 * Keeps `inFlight` pieces of work going for a while; what is under way at the end is finished and counted, with its time.
 * @param work does one piece and tells how it ended; "200" is well
 */
export async function keepBusy(
  { inFlight, seconds, atMost = Number.POSITIVE_INFINITY }: { inFlight: number; seconds: number; atMost?: number },
  work: () => Promise<string>,
): Promise<Run> {
  const latenciesMs: number[] = [];
  const failed: Record<string, number> = {};
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let begun = 0;
  const worker = async () => {
    while (performance.now() < until && begun < atMost) {
      begun++;
      const at = performance.now();
      const end = await work();
      if (end === "200") latenciesMs.push(performance.now() - at);
      else failed[end] = (failed[end] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const elapsed = (performance.now() - startedAt) / 1000;
  return { done: latenciesMs.length, failed, seconds: elapsed, perSecond: latenciesMs.length / elapsed, latenciesMs };
}

export interface Sender {
  send(method: string, path: string, headers: Record<string, string | number>, body?: Buffer): Promise<number>;
  close(): void;
}

/** Plain HTTP over kept connections, with as little work on this side as possible. */
export function openSender(port: number, inFlight: number): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  return {
    send: (method, path, headers, body) =>
      new Promise((resolve, reject) => {
        const going = request({ agent, host: "127.0.0.1", port, method, path, headers }, (incoming) => {
          incoming.resume();
          incoming.once("end", () => resolve(incoming.statusCode!));
          incoming.once("error", reject);
        });
        going.once("error", reject);
        going.end(body);
      }),
    close: () => agent.destroy(),
  };
}
