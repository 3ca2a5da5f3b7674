import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { readJson } from "../file.ts";
import { StartProblem } from "../problem.ts";

const run = promisify(execFile);
const tar = (words: string[]) =>
  run("tar", words).catch((error) => {
    if (error.code === "ENOENT") throw new StartProblem("A backup is packed by tar, which this machine does not have.");
    throw error;
  });
const format = 1;

/** What a backup says about itself, so that a cut or changed one is known before it replaces anything. */
interface Manifest {
  format: number;
  madeAt: string;
  files: Record<string, { bytes: number; sha256: string }>;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Packs all files of a folder into one, which only its user may read: there are secrets in it. */
export async function pack(from: string, file: string): Promise<void> {
  const names = readdirSync(from).sort();
  const files: Manifest["files"] = {};
  for (const name of names)
    files[name] = { bytes: statSync(join(from, name)).size, sha256: await sha256(join(from, name)) };
  const manifest: Manifest = { format, madeAt: new Date().toISOString(), files };
  writeFileSync(join(from, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const beside = `${file}.${process.pid}.new`;
  try {
    writeFileSync(beside, "", { mode: 0o600 });
    await tar(["-czf", beside, "-C", from, "manifest.json", ...names]);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/**
 * Unpacks a backup into an empty folder.
 * @returns the names of what was in it
 * @throws StartProblem where the file is no backup, or not a whole one
 */
export async function unpack(file: string, into: string): Promise<string[]> {
  if (!existsSync(file)) throw new StartProblem(`There is no file ${file}.`);
  await tar(["-xzf", file, "-C", into]).catch((error) => {
    if (error instanceof StartProblem) throw error;
    throw new StartProblem(`${file} is no backup, or a damaged one.`, error);
  });
  const manifest = readJson<Manifest>(join(into, "manifest.json"));
  if (!manifest?.files?.["laurel.db"]) throw new StartProblem(`${file} is no backup of Laurel.`);
  if (manifest.format > format)
    throw new StartProblem(`${file} was made by a newer Laurel (format ${manifest.format}). Use that version.`);
  for (const [name, { bytes, sha256: expected }] of Object.entries(manifest.files)) {
    const path = join(into, name);
    if (!existsSync(path) || statSync(path).size !== bytes || (await sha256(path)) !== expected)
      throw new StartProblem(`${file} is damaged: ${name} is not as it was.`);
  }
  rmSync(join(into, "manifest.json"));
  return Object.keys(manifest.files);
}
