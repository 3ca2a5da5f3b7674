import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

/** One object of the API as it is shown; `kind` in the table is its `object`. */
export interface ApiObject {
  id: string;
  object: string;
  created?: number;
}

/** An answer that was given for an Idempotency-Key. */
export interface Answer {
  fingerprint: string;
  requestId: string;
  status: number;
  body: string;
  atMs: number;
}

/** A write request as it was made, for showing it again. */
export interface LoggedRequest {
  id: string;
  method: string;
  path: string;
  params: unknown;
  status: number;
  /** The id of what it made or changed; null when it was refused. */
  subject: string | null;
  atMs: number;
}

export interface Attempt {
  eventId: string;
  endpointId: string;
  url: string;
  attempt: number;
  atMs: number;
  signature: string;
  body: string;
  /** null when nobody answered */
  status: number | null;
  answer: string;
  durationMs: number;
}

/** One event on its way to one endpoint. */
export interface Delivery {
  account: string;
  eventId: string;
  endpointId: string;
  attempts: number;
  firstAtMs: number;
  /** When it is tried next; null once it was taken or given up. */
  nextAtMs: number | null;
}

export type Store = ReturnType<typeof openStore>;

const schema = `
  CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    data TEXT NOT NULL, hidden TEXT, UNIQUE (account, kind, id));
  CREATE INDEX IF NOT EXISTS by_kind ON objects (account, kind, seq);
  CREATE INDEX IF NOT EXISTS by_code ON objects (account, kind, json_extract(data, '$.code') COLLATE NOCASE);
  CREATE INDEX IF NOT EXISTS by_payment ON objects (account, kind, json_extract(data, '$.payment_intent'));
  CREATE INDEX IF NOT EXISTS by_request ON objects (account, kind, json_extract(data, '$.request.id'));
  CREATE INDEX IF NOT EXISTS by_subject ON objects (account, kind, json_extract(data, '$.data.object.id'));
  CREATE TABLE IF NOT EXISTS answers (account TEXT, key TEXT, data TEXT NOT NULL, atMs INTEGER NOT NULL, PRIMARY KEY (account, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS requests (seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS requests_by_id ON requests (account, id);
  CREATE INDEX IF NOT EXISTS requests_by_subject ON requests (account, json_extract(data, '$.subject'));
  CREATE TABLE IF NOT EXISTS deliveries (
    account TEXT, eventId TEXT, endpointId TEXT, attempts INTEGER NOT NULL, firstAtMs INTEGER NOT NULL, nextAtMs INTEGER,
    PRIMARY KEY (account, eventId, endpointId)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS due ON deliveries (nextAtMs) WHERE nextAtMs IS NOT NULL;
  CREATE TABLE IF NOT EXISTS attempts (seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, eventId TEXT NOT NULL, data TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS attempts_by_event ON attempts (account, eventId);
`;

/**
 * What the stand-in remembers, in one SQLite file. All of it is synchronous, so one request's reading and writing is
 * never cut in two by another's; a request's objects, events and remembered answer are committed together.
 * @param dir where the file goes; in memory without it
 */
export function openStore(dir: string | undefined) {
  if (dir) mkdirSync(dir, { recursive: true });
  const db = new DatabaseSync(dir ? join(dir, "stripe.sqlite") : ":memory:");
  // In WAL mode a killed process loses nothing that was committed; only a power cut could take the last moments.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;");
  db.exec(schema);

  const prepared = new Map<string, ReturnType<typeof db.prepare>>();
  const statement = (sql: string) => {
    let found = prepared.get(sql);
    if (!found) {
      found = db.prepare(sql);
      prepared.set(sql, found);
    }
    return found;
  };
  const run = (sql: string, ...values: SQLInputValue[]) => statement(sql).run(...values);
  const one = <T>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as T | undefined;
  const all = <T>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as T[];
  const parsed = <T>(row: { data: string } | undefined): T | undefined => row && (JSON.parse(row.data) as T);

  return {
    /** All of it is kept, or, when `work` throws, nothing. */
    transaction<T>(work: () => T): T {
      db.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },

    has: (account: string, kind: string, id: string) =>
      one("SELECT 1 FROM objects WHERE account = ? AND kind = ? AND id = ?", account, kind, id) !== undefined,
    get: <T extends ApiObject>(account: string, kind: T["object"], id: string) =>
      parsed<T>(one("SELECT data FROM objects WHERE account = ? AND kind = ? AND id = ?", account, kind, id)),
    /** What belongs to an object but is not shown with it, such as a session's line items. */
    hidden<T>(account: string, kind: string, id: string): T | undefined {
      const row = one<{ hidden: string | null }>(
        "SELECT hidden FROM objects WHERE account = ? AND kind = ? AND id = ?",
        account,
        kind,
        id,
      );
      return row?.hidden ? (JSON.parse(row.hidden) as T) : undefined;
    },
    /** Adds an object, or takes the place of the one with its id. */
    put<T extends ApiObject>(account: string, object: T, hidden?: unknown) {
      run(
        `INSERT INTO objects (account, kind, id, data, hidden) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET data = excluded.data, hidden = coalesce(excluded.hidden, hidden)`,
        account,
        object.object,
        object.id,
        JSON.stringify(object),
        hidden === undefined ? null : JSON.stringify(hidden),
      );
    },
    remove: (account: string, kind: string, id: string) =>
      run("DELETE FROM objects WHERE account = ? AND kind = ? AND id = ?", account, kind, id),
    /**
     * Objects of a kind, newest first (or oldest first).
     * @param where pairs of an SQL condition on `data` with one placeholder, and its value
     */
    list<T extends ApiObject>(
      account: string,
      kind: T["object"],
      where: [string, SQLInputValue][] = [],
      { limit = -1, oldestFirst = false }: { limit?: number; oldestFirst?: boolean } = {},
    ): T[] {
      const conditions = ["account = ?", "kind = ?", ...where.map(([sql]) => sql)].join(" AND ");
      const rows = all<{ data: string }>(
        `SELECT data FROM objects WHERE ${conditions} ORDER BY seq ${oldestFirst ? "ASC" : "DESC"} LIMIT ?`,
        account,
        kind,
        ...where.map(([, value]) => value),
        limit,
      );
      return rows.map((row) => JSON.parse(row.data) as T);
    },
    seqOf: (account: string, kind: string, id: string) =>
      one<{ seq: number }>("SELECT seq FROM objects WHERE account = ? AND kind = ? AND id = ?", account, kind, id)?.seq,

    answer: (account: string, key: string) =>
      parsed<Answer>(one("SELECT data FROM answers WHERE account = ? AND key = ?", account, key)),
    rememberAnswer: (account: string, key: string, answer: Answer) =>
      run("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", account, key, JSON.stringify(answer), answer.atMs),
    forgetAnswersBefore: (atMs: number) => run("DELETE FROM answers WHERE atMs < ?", atMs),

    request: (account: string, id: string) =>
      parsed<LoggedRequest>(one("SELECT data FROM requests WHERE account = ? AND id = ?", account, id)),
    /** The requests about an object, oldest first. */
    requestsOf: (account: string, subject: string) =>
      all<{ data: string }>(
        "SELECT data FROM requests WHERE account = ? AND json_extract(data, '$.subject') = ? ORDER BY seq",
        account,
        subject,
      ).map((row) => JSON.parse(row.data) as LoggedRequest),
    logRequest: (account: string, request: LoggedRequest) =>
      run("INSERT INTO requests (account, id, data) VALUES (?, ?, ?)", account, request.id, JSON.stringify(request)),
    /** Keeps the newest requests and attempts; objects are never dropped. */
    trimLogs(keep: number) {
      run("DELETE FROM requests WHERE seq <= (SELECT max(seq) FROM requests) - ?", keep);
      run("DELETE FROM attempts WHERE seq <= (SELECT max(seq) FROM attempts) - ?", keep);
    },

    putDelivery: (it: Delivery) =>
      run(
        "INSERT OR REPLACE INTO deliveries VALUES (?, ?, ?, ?, ?, ?)",
        it.account,
        it.eventId,
        it.endpointId,
        it.attempts,
        it.firstAtMs,
        it.nextAtMs,
      ),
    delivery: (account: string, eventId: string, endpointId: string) =>
      one<Delivery>(
        "SELECT * FROM deliveries WHERE account = ? AND eventId = ? AND endpointId = ?",
        account,
        eventId,
        endpointId,
      ),
    deliveriesOf: (account: string, eventId: string) =>
      all<Delivery>("SELECT * FROM deliveries WHERE account = ? AND eventId = ?", account, eventId),
    /** @param most with how many tries behind them: 0 gives what was never tried */
    dueBefore: (atMs: number, most: number, limit: number) =>
      all<Delivery>(
        "SELECT * FROM deliveries WHERE nextAtMs IS NOT NULL AND nextAtMs <= ? AND attempts <= ? ORDER BY nextAtMs LIMIT ?",
        atMs,
        most,
        limit,
      ),
    nextDueAtMs: () =>
      one<{ at: number | null }>("SELECT min(nextAtMs) AS at FROM deliveries WHERE nextAtMs IS NOT NULL")?.at ??
      undefined,
    addAttempt: (account: string, attempt: Attempt) =>
      run(
        "INSERT INTO attempts (account, eventId, data) VALUES (?, ?, ?)",
        account,
        attempt.eventId,
        JSON.stringify(attempt),
      ),
    attemptsOf: (account: string, eventId: string) =>
      all<{ data: string }>(
        "SELECT data FROM attempts WHERE account = ? AND eventId = ? ORDER BY seq",
        account,
        eventId,
      ).map((row) => JSON.parse(row.data) as Attempt),

    close: () => db.close(),
  };
}
