import { type Actor, type Context, idMaker, type Log, sha256 } from "@laurel/core/kernel";
import type { Runtime } from "@laurel/functions/runtime.ts";
import type { DemoSize } from "./demo-size.ts";
import { demoRandom } from "./random.ts";

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const minuteMs = 60_000;

/** The year that a demo tells. */
export interface Year {
  size: DemoSize;
  end: Date;
  random: () => number;
  /**
   * A context whose clock stands at an instant of the year. What is done in it makes the same ids every time, whatever is done
   * beside it, because they follow from its name.
   */
  at: (instant: Date, name: string, actor?: Actor) => Context;
  daysAgo: (days: number) => Date;
  /** Has the program read anew, after it was changed. */
  forgetProgram: () => void;
}

/** Days before the year's end: the first is longer ago. */
export type Span = readonly [from: number, to: number];

/** @param gateways in place of the runtime's own */
export function yearOf(
  runtime: Runtime,
  size: DemoSize,
  { now, random, gateways = {} }: { now: Date; random: () => number; gateways?: Partial<Context["gateways"]> },
): Year {
  const end = new Date(`${now.toISOString().slice(0, 10)}T00:00:00.000Z`);
  return {
    size,
    end,
    random,
    at: (instant, name, actor = { kind: "system", name: "demo" }) => {
      const own = demoRandom(Number.parseInt(sha256(name).slice(0, 8), 16));
      const bytes = (size: number) => Uint8Array.from({ length: size }, () => Math.floor(own() * 256));
      const clock = () => instant;
      const ctx = runtime.context(actor, { silent: true, requestId: "demo" });
      return {
        ...ctx,
        log: quiet,
        gateways: { ...ctx.gateways, ...gateways },
        now: clock,
        newId: idMaker(clock, bytes),
      };
    },
    daysAgo: (days) => new Date(end.getTime() - days * dayMs),
    forgetProgram: runtime.forgetProgram,
  };
}

/** What goes wrong in a demo's year is played; what should not go wrong is thrown. */
const quiet: Log = { info() {}, warn() {}, error() {} };

export const after = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);

/** Does the same for each of many, a few at a time. */
export async function together<T, R>(
  list: readonly T[],
  one: (each: T, at: number) => Promise<R>,
  sideBySide = 12,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += sideBySide)
    results.push(...(await Promise.all(list.slice(at, at + sideBySide).map((each, n) => one(each, at + n)))));
  return results;
}
