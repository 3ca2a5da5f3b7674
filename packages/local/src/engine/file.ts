import { accessSync, constants } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { keys } from "@laurel/core/table/keys.ts";
import { fileReason, StartProblem } from "../problem.ts";

/** How long DynamoDB keeps stream records (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html). */
const streamKeptS = 24 * 3600;

/** Opens the engine's file for a moment. Only while the engine is stopped, unless it is only read. */
function withFile<T>(dbPath: string, work: (db: DatabaseSync) => T, { readOnly = false } = {}): T {
  const db = new DatabaseSync(dbPath, { readOnly });
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** What the engine's file shows before anything is started on it. */
export interface Contents {
  /** There is no table in it. */
  blank: boolean;
  /** The schema that its table was written with; undefined before the first start has come so far. */
  schemaVersion: number | undefined;
}

/**
 * Looks for damage: SQLite and the engine start without a word on a file with a broken page. The file is only read.
 * @throws StartProblem
 */
export function checkFile(dbPath: string, tableName?: string): Contents {
  let found: string;
  try {
    accessSync(dbPath, constants.R_OK | constants.W_OK);
    const contents = withFile(
      dbPath,
      (db) => {
        const answer = String(db.prepare("PRAGMA quick_check(1)").get()?.quick_check);
        return answer === "ok" ? contentsOf(db, tableName) : answer;
      },
      { readOnly: true },
    );
    if (typeof contents !== "string") return contents;
    found = contents;
  } catch (error) {
    const reason = fileReason(error);
    if (reason) throw new StartProblem(`The data file ${dbPath} cannot be used: ${reason}.`, error);
    found = (error as Error).message;
  }
  throw new StartProblem(
    `The data file ${dbPath} is damaged (${found.replaceAll("\n", " ")}). Put a copy back (npm run restore <file>), or move it away to start anew.`,
  );
}

function contentsOf(db: DatabaseSync, tableName: string | undefined): Contents {
  const has = (name: string) =>
    db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(name) !== undefined;
  const blank = !has("_tables") || !db.prepare("SELECT 1 FROM _tables").get();
  if (!tableName || !has(tableName)) return { blank, schemaVersion: undefined };
  // The engine writes a key with its type before it.
  const row = db.prepare(`SELECT item_json FROM "${tableName}" WHERE pk = ?`).get(`S:${keys.schema().pk}`);
  const item = row && (JSON.parse(String(row.item_json)) as { schemaVersion?: { N?: string } });
  return { blank, schemaVersion: item?.schemaVersion?.N ? Number(item.schemaVersion.N) : undefined };
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
