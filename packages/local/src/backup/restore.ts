import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkFile } from "../engine/file.ts";
import { runningEngine, stopEngine } from "../engine/keeper.ts";
import { checkSchema } from "../engine/schema.ts";
import { openFolder } from "../folder.ts";
import { lockFolder } from "../lock.ts";
import { type Options, readOptions } from "../options.ts";
import { StartProblem } from "../problem.ts";
import { unpack } from "./archive.ts";
import { databases, smallFiles } from "./copy.ts";

/** All that belongs to the data of a folder. */
const dataFiles = [
  ...databases.flatMap((name) => [name, `${name}-wal`, `${name}-shm`]),
  ...smallFiles,
  // A first start that was cut short is over once its data is replaced.
  "seeding",
];

export interface Restored {
  /** Where what was there before is now; undefined where there was nothing. */
  before: string | undefined;
}

/**
 * Puts a backup in the place of a folder's data, all of it or nothing. What was there is set aside, never deleted.
 * Not while Laurel runs on the folder.
 * @param force also where there is data already
 * @throws StartProblem
 */
export async function restore(options: Options, file: string, { force = false } = {}): Promise<Restored> {
  const { folder, dynamodbEndpoint, tableName } = options;
  if (dynamodbEndpoint)
    throw new StartProblem(`DYNAMODB_ENDPOINT is set, so the data is in the engine at ${dynamodbEndpoint}, not here.`);
  openFolder(folder);
  const lock = lockFolder(folder);
  const unpacked = join(folder, `restore-${process.pid}`);
  try {
    const there = dataFiles.filter((name) => existsSync(join(folder, name)));
    if (there.length > 0 && !force)
      throw new StartProblem(
        `There is data in ${folder} already. To put the backup in its place: npm run restore ${file} -- --force (what is there is set aside)`,
      );
    mkdirSync(unpacked, { mode: 0o700 });
    const names = await unpack(file, unpacked);
    const contents = checkFile(join(unpacked, "laurel.db"), tableName);
    checkSchema(contents.schemaVersion);
    for (const name of names) if (name.endsWith(".sqlite")) checkFile(join(unpacked, name));
    // Nothing was touched until here.
    if (runningEngine(folder)) await stopEngine(folder);
    const before = there.length > 0 ? setAside(folder) : undefined;
    for (const name of names) renameSync(join(unpacked, name), join(folder, name));
    return { before };
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
    lock.release();
  }
}

function setAside(folder: string): string {
  const before = join(folder, `before-restore-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}`);
  mkdirSync(before, { mode: 0o700 });
  const there = new Set(readdirSync(folder));
  for (const name of dataFiles) if (there.has(name)) renameSync(join(folder, name), join(before, name));
  return before;
}

if (process.argv[1] === import.meta.filename) {
  const words = process.argv.slice(2);
  const file = words.find((word) => !word.startsWith("--"));
  Promise.resolve()
    .then(() => {
      if (!file) throw new StartProblem("Name the backup: npm run restore <file>");
      return restore(readOptions(process.env), resolve(file), { force: words.includes("--force") });
    })
    .then(
      ({ before }) => {
        console.log(`  The backup is in place. npm start goes on with it.`);
        if (before) console.log(`  What was there before is in ${before}`);
      },
      (error) => {
        console.error(error instanceof StartProblem ? `laurel: ${error.message}` : error);
        process.exit(1);
      },
    );
}
