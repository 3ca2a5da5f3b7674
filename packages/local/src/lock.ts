import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileReason, StartProblem } from "./problem.ts";

/**
 * Takes a folder for this process alone. The lock is the operating system's lock on an SQLite file, so it ends with its
 * process however that ends, and one left by a dead process is no hindrance. `lock.pid` only tells who holds it.
 * @throws StartProblem while another process has the folder
 */
export function lockFolder(folder: string): { release(): void } {
  const pidPath = join(folder, "lock.pid");
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(join(folder, "lock"));
    db.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    const reason = fileReason(error);
    if (reason) throw new StartProblem(`${folder} cannot be used: ${reason}.`, error);
    const holder = existsSync(pidPath) ? ` (process ${readFileSync(pidPath, "utf8").trim()})` : "";
    throw new StartProblem(
      `Laurel is already running on ${folder}${holder}. Stop it first, or set LAUREL_DIR to another folder.`,
      error,
    );
  }
  const held = db;
  writeFileSync(pidPath, `${process.pid}\n`);
  return {
    release: () => {
      rmSync(pidPath, { force: true });
      held.close();
    },
  };
}
