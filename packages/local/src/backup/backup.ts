import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { checkFile } from "../engine/file.ts";
import { lockFolder } from "../lock.ts";
import { type Options, readOptions } from "../options.ts";
import { StartProblem } from "../problem.ts";
import { readRun } from "../run-file.ts";
import { pack } from "./archive.ts";
import { copyData, copyName } from "./copy.ts";

/**
 * Writes one file with all that a folder holds, whether Laurel runs on it or not: the data, the demo checkout's memory,
 * the secrets and how far the clock was moved.
 * @returns where it is
 * @throws StartProblem
 */
export async function backup(options: Options, wanted?: string): Promise<string> {
  const { folder, dynamodbEndpoint, port } = options;
  if (dynamodbEndpoint)
    throw new StartProblem(`The data is in the engine at ${dynamodbEndpoint}, which has its own backup.`);
  const dbPath = join(folder, "laurel.db");
  if (!existsSync(dbPath)) throw new StartProblem(`There is no data in ${folder} yet. Run npm start first.`);
  const file = resolve(wanted ?? `laurel-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.tar.gz`);
  if (existsSync(file)) throw new StartProblem(`${file} is there already. Name another file.`);
  mkdirSync(dirname(file), { recursive: true });
  const copied = join(folder, copyName());
  try {
    const run = readRun(folder);
    // A Laurel that runs makes the copy itself, between two things that it does.
    if (run && (await copiedBy(Number(new URL(run.portalUrl).port) || port, copied)))
      checkFile(join(copied, "laurel.db"));
    else {
      const lock = lockFolder(folder);
      try {
        checkFile(dbPath);
        copyData(folder, copied);
      } finally {
        lock.release();
      }
    }
    await pack(copied, file);
  } finally {
    rmSync(copied, { recursive: true, force: true });
  }
  return file;
}

/** @returns false where nobody answers, or only a Laurel of another folder */
async function copiedBy(port: number, into: string): Promise<boolean> {
  let answer: Response;
  try {
    answer = await fetch(`http://127.0.0.1:${port}/local/copy`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ into }),
    });
  } catch {
    return false;
  }
  if (answer.status === 409) return false;
  if (!answer.ok) throw new StartProblem(`The running Laurel made no copy: ${await answer.text()}`);
  return true;
}

if (process.argv[1] === import.meta.filename)
  Promise.resolve()
    .then(() => backup(readOptions(process.env), process.argv[2]))
    .then(
      (file) => console.log(`  The backup is ${file}. It holds secrets: keep it as you keep passwords.`),
      (error) => {
        console.error(error instanceof StartProblem ? `laurel: ${error.message}` : error);
        process.exit(1);
      },
    );
