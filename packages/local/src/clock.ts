import { join } from "node:path";
import { readJson, writeJson } from "./file.ts";

/** The program's clock on this machine. It runs as the real one does, as far ahead of it as it was moved. */
export interface LocalClock {
  now(): Date;
  offsetMs(): number;
  /** Moves it on. A negative number moves it back. */
  advance(ms: number): void;
  set(to: Date): void;
  reset(): void;
}

/** Opens the clock of a folder; how far it was moved survives a restart. */
export function openClock(folder: string): LocalClock {
  const path = join(folder, "clock.json");
  let offsetMs = readJson<{ offsetMs: number }>(path)?.offsetMs ?? 0;
  const move = (to: number) => {
    offsetMs = Math.round(to);
    writeJson(path, { offsetMs });
  };
  return {
    now: () => new Date(Date.now() + offsetMs),
    offsetMs: () => offsetMs,
    advance: (ms) => move(offsetMs + ms),
    set: (to) => move(to.getTime() - Date.now()),
    reset: () => move(0),
  };
}
