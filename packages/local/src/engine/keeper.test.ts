import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { keys, openTable, schemaVersion, type Table } from "@laurel/core/table";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readJson, writeJson } from "../file.ts";
import { pruneStream } from "./file.ts";
import { deleteData, runningEngine, startEngine, stopEngine } from "./keeper.ts";
import { isAlive } from "./process.ts";
import { ensureTable } from "./table.ts";

let folder: string;
let tables: Table[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "laurel-engine-"));
  tables = [];
});
afterEach(async () => {
  for (const table of tables) table.client.destroy();
  await stopEngine(folder);
  rmSync(folder, { recursive: true, force: true });
});

function tableAt(endpoint: string): Table {
  const table = openTable({ tableName: "laurel", endpoint });
  tables.push(table);
  return table;
}
const put = (table: Table, pk: string) =>
  table.client.send(new PutCommand({ TableName: table.name, Item: { pk, sk: "X" } }));
const find = async (table: Table, pk: string) =>
  (await table.client.send(new GetCommand({ TableName: table.name, Key: { pk, sk: "X" } }))).Item;

test("data outlives the engine, which is started again on its file", async () => {
  const first = await startEngine(folder);
  const table = tableAt(first.endpoint);
  await ensureTable(table);
  await put(table, "kept");
  await stopEngine(folder);
  expect(isAlive(first.pid)).toBe(false);
  const second = await startEngine(folder);
  expect(second.adopted).toBe(false);
  const again = tableAt(second.endpoint);
  await ensureTable(again);
  expect(await find(again, "kept")).toBeDefined();
});

test("an engine that outlived its parent is adopted, with all it holds", async () => {
  const first = await startEngine(folder);
  const table = tableAt(first.endpoint);
  await ensureTable(table);
  await put(table, "kept");
  const second = await startEngine(folder);
  expect(second).toMatchObject({ adopted: true, pid: first.pid, port: first.port });
  expect(await find(table, "kept")).toBeDefined();
});

test("an engine that was killed without a chance is replaced and has lost nothing", async () => {
  const first = await startEngine(folder);
  const table = tableAt(first.endpoint);
  await ensureTable(table);
  for (let at = 0; at < 20; at++) await put(table, `kept${at}`);
  process.kill(first.pid, "SIGKILL");
  const second = await startEngine(folder);
  expect(second.pid).not.toBe(first.pid);
  const again = tableAt(second.endpoint);
  expect(await find(again, "kept0")).toBeDefined();
  expect(await find(again, "kept19")).toBeDefined();
});

test("an engine whose file was not made ready is stopped, not adopted", async () => {
  const first = await startEngine(folder);
  const record = join(folder, "engine.json");
  writeJson(record, { ...readJson<object>(record), prepared: false });
  const second = await startEngine(folder);
  expect(second.adopted).toBe(false);
  expect(isAlive(first.pid)).toBe(false);
});

test("a record that names somebody else's process stops nobody", async () => {
  const stranger = process.pid;
  writeJson(join(folder, "engine.json"), { pid: stranger, port: 1, endpoint: "", startedAt: "", prepared: true });
  expect(runningEngine(folder)).toBeUndefined();
  const engine = await startEngine(folder);
  expect(engine.pid).not.toBe(stranger);
  expect(isAlive(stranger)).toBe(true);
});

test("the engine's file is indexed once, while the engine is stopped", async () => {
  await startEngine(folder);
  await stopEngine(folder);
  const db = new DatabaseSync(join(folder, "laurel.db"));
  const found = db.prepare("SELECT sql FROM sqlite_master WHERE name = 'laurel_seq'").get();
  db.close();
  expect(found?.sql).toContain("CAST(sequence_number AS INTEGER)");
});

test("a damaged file is not started on", async () => {
  const { endpoint } = await startEngine(folder);
  const table = tableAt(endpoint);
  await ensureTable(table);
  for (let at = 0; at < 200; at++) await put(table, `item${at}`);
  await stopEngine(folder);
  const path = join(folder, "laurel.db");
  const pages = Math.floor(statSync(path).size / 4096);
  const file = openSync(path, "r+");
  for (let page = 3; page < pages; page++) writeSync(file, Buffer.alloc(4096), 0, 4096, page * 4096);
  await expect(startEngine(folder)).rejects.toThrow(/laurel\.db is damaged/);
  deleteData(folder);
});

test("a file that is no database is not started on", async () => {
  writeFileSync(join(folder, "laurel.db"), "not a database at all, but long enough to look at".repeat(50));
  await expect(startEngine(folder)).rejects.toThrow(/is damaged/);
});

test("data of a newer version is refused with one clear line", async () => {
  const { endpoint } = await startEngine(folder);
  const table = tableAt(endpoint);
  await ensureTable(table);
  expect((await table.client.send(new GetCommand({ TableName: table.name, Key: keys.schema() }))).Item).toMatchObject({
    schemaVersion,
  });
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { ...keys.schema(), schemaVersion: schemaVersion + 1 } }),
  );
  await expect(ensureTable(table)).rejects.toThrow(/written by a newer Laurel/);
});

test("an engine that does not answer is one clear line", async () => {
  await expect(ensureTable(tableAt("http://127.0.0.1:9"))).rejects.toThrow(/does not answer/);
});

test("stream records of more than a day go at the next start, but never the newest, from which numbers are counted on", async () => {
  const first = await startEngine(folder);
  const table = tableAt(first.endpoint);
  await ensureTable(table);
  for (let at = 0; at < 5; at++) await put(table, `item${at}`);
  await stopEngine(folder);
  const path = join(folder, "laurel.db");
  const count = () => {
    const db = new DatabaseSync(path);
    const row = db
      .prepare("SELECT COUNT(*) AS records, MAX(CAST(sequence_number AS INTEGER)) AS last FROM _stream_records")
      .get();
    db.close();
    return row;
  };
  const before = count();
  expect(pruneStream(path)).toBe(0);
  expect(pruneStream(path, Date.now() + 25 * 3600_000)).toBe(Number(before?.records) - 1);
  expect(count()).toEqual({ records: 1, last: before?.last });
  const again = tableAt((await startEngine(folder)).endpoint);
  await put(again, "one more");
  await stopEngine(folder);
  expect(count()).toEqual({ records: 2, last: Number(before?.last) + 1 });
});

test("the engine runs in a session of its own, out of reach of Ctrl-C", async () => {
  const { pid } = await startEngine(folder);
  const stat = `/proc/${pid}/stat`;
  const group = existsSync(stat)
    ? readFileSync(stat, "utf8").replace(/^.*\)/, "").trim().split(" ")[2]
    : execFileSync("ps", ["-o", "pgid=", "-p", String(pid)], { encoding: "utf8" }).trim();
  expect(Number(group)).toBe(pid);
});
