import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

export type Json = Record<string, unknown>;

/** One webhook on its way to one address. */
export interface Delivery {
  id: number;
  shop: string;
  /** The hook that it goes to; one that is gone takes nothing any more. */
  hook: string;
  topic: string;
  /** The kind and id of what it is about, for a body that is built when it is sent. */
  subject: string;
  /** As it was when it happened; null for a body that is built when it is sent. */
  body: string | null;
  attempts: number;
  firstAtMs: number;
  /** When it is tried next; null once it was taken or given up. */
  nextAtMs: number | null;
  /** Of the last try; 0 where nobody answered. */
  status: number | null;
}

export type ShopStore = ReturnType<typeof openShopStore>;

/**
 * What a shop's stand-in remembers, in one SQLite file. All of it is synchronous, so that a request's reading and writing is
 * never cut in two by another's.
 * @param file in memory without it
 */
export function openShopStore(file: string | undefined) {
  if (file) mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file ?? ":memory:");
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;");
  db.exec(`
    CREATE TABLE IF NOT EXISTS things (
      seq INTEGER PRIMARY KEY AUTOINCREMENT, shop TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL,
      UNIQUE (shop, kind, id));
    CREATE TABLE IF NOT EXISTS deliveries (
      id INTEGER PRIMARY KEY AUTOINCREMENT, shop TEXT NOT NULL, hook TEXT NOT NULL, topic TEXT NOT NULL, subject TEXT NOT NULL,
      body TEXT, attempts INTEGER NOT NULL, firstAtMs INTEGER NOT NULL, nextAtMs INTEGER, status INTEGER);
    CREATE INDEX IF NOT EXISTS due ON deliveries (nextAtMs) WHERE nextAtMs IS NOT NULL;`);
  const prepared = new Map<string, ReturnType<typeof db.prepare>>();
  const statement = (sql: string) => {
    const found = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, found);
    return found;
  };
  const all = <T>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as T[];
  const one = <T>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as T | undefined;
  const run = (sql: string, ...values: SQLInputValue[]) => statement(sql).run(...values);

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
    get: <T extends Json>(shop: string, kind: string, id: string): T | undefined => {
      const row = one<{ data: string }>(
        "SELECT data FROM things WHERE shop = ? AND kind = ? AND id = ?",
        shop,
        kind,
        id,
      );
      return row && (JSON.parse(row.data) as T);
    },
    put: (shop: string, kind: string, id: string, data: Json): void =>
      void run(
        "INSERT INTO things (shop, kind, id, data) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data",
        shop,
        kind,
        id,
        JSON.stringify(data),
      ),
    remove: (shop: string, kind: string, id: string): void =>
      void run("DELETE FROM things WHERE shop = ? AND kind = ? AND id = ?", shop, kind, id),
    /** Oldest first. */
    list: <T extends Json>(shop: string, kind: string): T[] =>
      all<{ data: string }>("SELECT data FROM things WHERE shop = ? AND kind = ? ORDER BY seq", shop, kind).map(
        (row) => JSON.parse(row.data) as T,
      ),
    count: (shop: string, kind: string): number =>
      one<{ n: number }>("SELECT count(*) AS n FROM things WHERE shop = ? AND kind = ?", shop, kind)!.n,
    /** A number that nothing in this file has had. */
    nextId: (from: number): number =>
      from +
      Number(
        run("INSERT INTO things (shop, kind, id, data) VALUES ('', 'number', lower(hex(randomblob(8))), '{}')")
          .lastInsertRowid,
      ),
    push: (it: Pick<Delivery, "shop" | "hook" | "topic" | "subject" | "body">, atMs: number): number =>
      Number(
        run(
          "INSERT INTO deliveries (shop, hook, topic, subject, body, attempts, firstAtMs, nextAtMs) VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
          it.shop,
          it.hook,
          it.topic,
          it.subject,
          it.body,
          atMs,
          atMs,
        ).lastInsertRowid,
      ),
    /** @param most with so many tries behind them: 0 gives what was never tried */
    due: (atMs: number, most: number, limit: number): Delivery[] =>
      all<Delivery>(
        "SELECT * FROM deliveries WHERE nextAtMs IS NOT NULL AND nextAtMs <= ? AND attempts <= ? ORDER BY id LIMIT ?",
        atMs,
        most,
        limit,
      ),
    nextDueAtMs: (): number | undefined =>
      one<{ at: number | null }>("SELECT min(nextAtMs) AS at FROM deliveries WHERE nextAtMs IS NOT NULL")?.at ??
      undefined,
    tried: ({ id, attempts, nextAtMs, status }: Delivery): void =>
      void run(
        "UPDATE deliveries SET attempts = ?, nextAtMs = ?, status = ? WHERE id = ?",
        attempts,
        nextAtMs,
        status,
        id,
      ),
    delivery: (id: number): Delivery | undefined => one<Delivery>("SELECT * FROM deliveries WHERE id = ?", id),
    deliveries: (shop: string): Delivery[] =>
      all<Delivery>("SELECT * FROM deliveries WHERE shop = ? ORDER BY id", shop),
    close: () => db.close(),
  };
}
