import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { StartProblem } from "../problem.ts";

const resolveHere = createRequire(import.meta.url).resolve;
/** The version that this Laurel was tested with, as in the lockfile. */
const wanted = "dynoxide@1.2.1";

export interface BinaryOptions {
  /** Where one that was fetched is kept, in `bin`. */
  folder?: string | undefined;
  platform?: string;
  arch?: string;
  /** Finds an installed package; for tests. */
  resolve?: (id: string) => string;
  env?: Record<string, string | undefined>;
}

/**
 * Where the DynamoDB engine of this platform is: where npm put it, or where an earlier start kept it. With
 * LAUREL_FETCH_ENGINE=1 it is fetched, once; nothing is ever fetched unasked.
 * @throws StartProblem where there is none, with all that one can do about it
 */
export async function findBinary({
  folder,
  platform = process.platform,
  arch = process.arch,
  resolve = resolveHere,
  env = process.env,
}: BinaryOptions = {}): Promise<string> {
  const name = `@dynoxide/${platform}-${arch}`;
  const file = platform === "win32" ? "dynoxide.exe" : "dynoxide";
  const installed = installedAt(name, resolve);
  if (installed) return join(installed, file);
  const kept = folder && join(folder, "bin", file);
  if (kept && existsSync(kept)) return kept;
  if (kept && env.LAUREL_FETCH_ENGINE === "1") return fetchInto(kept, name, file, env);
  throw new StartProblem(
    `This installation has no DynamoDB engine for ${platform}-${arch} (${name}). LAUREL_FETCH_ENGINE=1 npm start fetches it by npx ${wanted} and keeps it in ${join(folder ?? ".laurel", "bin")}; or start one yourself (npm run engine:aws, needs Java) and set DYNAMODB_ENDPOINT to its address.`,
  );
}

function installedAt(name: string, resolve: (id: string) => string): string | undefined {
  try {
    return dirname(resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** Runs where npx has put the package: tells where the binary is that its launcher would start. */
const tellPlace = (name: string, file: string) =>
  [
    'const { delimiter, dirname, join } = require("node:path");',
    `const found = process.env.PATH.split(delimiter).map((bin) => join(dirname(bin), ${JSON.stringify(name)}, ${JSON.stringify(file)})).find(require("node:fs").existsSync);`,
    'console.log(found ?? "");',
  ].join(" ");

async function fetchInto(
  kept: string,
  name: string,
  file: string,
  env: Record<string, string | undefined>,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(
      "npx",
      ["--yes", `--package=${wanted}`, "--", "node", "-e", tellPlace(name, file)],
      { env: env as NodeJS.ProcessEnv, shell: false },
    );
    const found = stdout.trim().split("\n").at(-1) ?? "";
    if (!existsSync(found)) throw new Error(`${wanted} carries no ${name}`);
    mkdirSync(dirname(kept), { recursive: true });
    const beside = `${kept}.${process.pid}.new`;
    copyFileSync(found, beside);
    chmodSync(beside, 0o755);
    renameSync(beside, kept);
    return kept;
  } catch (error) {
    const lines = (error as Error).message.trim().split("\n");
    throw new StartProblem(
      `npx ${wanted} did not bring the engine (${(lines.find((line) => /npm err/i.test(line)) ?? lines[0])!.trim()}). Set DYNAMODB_ENDPOINT to an engine of your own, or use npm run engine:aws.`,
      error,
    );
  }
}
