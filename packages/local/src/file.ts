import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Reads a small JSON file; undefined where it is missing or was cut short. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/** Writes a small JSON file so that a crash or a full disk leaves the old one or the new one, never a half. */
export function writeJson(path: string, value: unknown, { mode = 0o644 } = {}): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    writeFileSync(beside, `${JSON.stringify(value, null, 2)}\n`, { mode });
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
