import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Role } from "@laurel/contract";
import { readJson, writeJson } from "./file.ts";

/** What a running Laurel tells other programs on this machine, in `run.json`. */
export interface RunFile {
  portalUrl: string;
  apiUrl: string;
  inboxUrl: string;
  engineEndpoint: string;
  tableName: string;
  connections: { id: string; provider: string; webhookUrl: string; webhookSecret: string }[];
  /** Each makes a fresh single-use sign-in whenever it is opened. */
  signInLinks: { role: Role; email: string; url: string }[];
}

const pathOf = (folder: string) => join(folder, "run.json");
export const writeRun = (folder: string, run: RunFile): void => writeJson(pathOf(folder), run, { mode: 0o600 });
export const readRun = (folder: string): RunFile | undefined => readJson<RunFile>(pathOf(folder));
/** A Laurel that has stopped has no address. */
export const deleteRun = (folder: string): void => rmSync(pathOf(folder), { force: true });
