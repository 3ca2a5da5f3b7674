import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { openTable, type Table } from "@laurel/core/table";
import { expect, test } from "vitest";
import { startEngine, stopEngine } from "./keeper.ts";
import { ensureTable } from "./table.ts";

const putsARun = 200;

async function putsPerSecond(table: Table, name: string): Promise<number> {
  const startedAt = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < putsARun)
      await table.client.send(new PutCommand({ TableName: table.name, Item: { pk: `${name}#${next++}`, sk: "X" } }));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return (putsARun / (performance.now() - startedAt)) * 1000;
}

/** Fills the stream up to so many records, as if they had been written one by one. Only while the engine is stopped. */
function fillStream(path: string, upTo: number): void {
  const db = new DatabaseSync(path);
  db.prepare(
    `WITH RECURSIVE number(n) AS (
       SELECT MAX(CAST(sequence_number AS INTEGER)) + 1 FROM _stream_records WHERE table_name = 'laurel'
       UNION ALL SELECT n + 1 FROM number WHERE n < ?)
     INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at)
     SELECT 'laurel', event_name, keys_json, new_image, CAST(n AS TEXT), shard_id, created_at FROM number,
       (SELECT * FROM _stream_records WHERE table_name = 'laurel' LIMIT 1)`,
  ).run(upTo);
  db.close();
}

/** An engine of its own whose stream holds so many records. */
async function engineWith(folder: string, records: number): Promise<Table> {
  const open = async () => {
    const table = openTable({ tableName: "laurel", endpoint: (await startEngine(folder)).endpoint });
    await ensureTable(table);
    return table;
  };
  const empty = await open();
  empty.client.destroy();
  await stopEngine(folder);
  fillStream(join(folder, "laurel.db"), records);
  return open();
}

test("writing does not slow down as the stream fills", async () => {
  const folders = [1, 2].map(() => mkdtempSync(join(tmpdir(), "laurel-speed-"))) as [string, string];
  try {
    const few = await engineWith(folders[0], 1_000);
    const many = await engineWith(folders[1], 20_000);
    // In turns, and the best of each: whatever else the machine does meanwhile can only make a run slower.
    const best = { few: 0, many: 0 };
    for (let round = 0; round < 6; round++) {
      best.few = Math.max(best.few, await putsPerSecond(few, `${round}`));
      best.many = Math.max(best.many, await putsPerSecond(many, `${round}`));
    }
    few.client.destroy();
    many.client.destroy();
    expect(best.many / best.few).toBeGreaterThanOrEqual(0.7);
  } finally {
    for (const folder of folders) {
      await stopEngine(folder);
      rmSync(folder, { recursive: true, force: true });
    }
  }
}, 60_000);
