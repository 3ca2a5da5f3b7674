import { DatabaseSync } from "node:sqlite";
import { StartProblem } from "../problem.ts";

/** How long DynamoDB keeps stream records (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html). */
const streamKeptS = 24 * 3600;

/** Opens the engine's file for a moment. Only while the engine is stopped. */
function withFile<T>(dbPath: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(dbPath);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/**
 * Looks for damage: the engine starts without a word on a file with a broken page.
 * @throws StartProblem
 */
export function checkFile(dbPath: string): void {
  let found: string;
  try {
    found = withFile(dbPath, (db) => String(db.prepare("PRAGMA quick_check(1)").get()?.quick_check));
  } catch (error) {
    found = (error as Error).message;
  }
  if (found !== "ok")
    throw new StartProblem(
      `The data file ${dbPath} is damaged (${found.replaceAll("\n", " ")}). Put a copy back, or move it away to start anew.`,
    );
}

/**
 * The engine looks through all stream records for the highest number at each write, so it slows with every write.
 * With this index it does not. Returns whether the index had to be made.
 */
export function indexSequence(dbPath: string): boolean {
  return withFile(dbPath, (db) => {
    if (db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = 'laurel_seq'").get()) return false;
    db.exec("CREATE INDEX IF NOT EXISTS laurel_seq ON _stream_records(table_name, CAST(sequence_number AS INTEGER))");
    return true;
  });
}

/**
 * Deletes stream records that AWS would have dropped. The newest record of each table stays: the engine counts on from it.
 * Returns how many went.
 */
export function pruneStream(dbPath: string, now = Date.now()): number {
  return withFile(dbPath, (db) => {
    const { changes } = db
      .prepare(
        `DELETE FROM _stream_records WHERE created_at < ?
         AND id NOT IN (SELECT MAX(id) FROM _stream_records GROUP BY table_name)`,
      )
      .run(Math.floor(now / 1000) - streamKeptS);
    return Number(changes);
  });
}
