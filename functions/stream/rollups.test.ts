import { marshall } from "@aws-sdk/util-dynamodb";
import type { Entry } from "@laurel/core/ledger";
import { getItem, type Item } from "@laurel/core/table";
import type { DynamoDBRecord } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { refused, runtimeOn, wrapped } from "../../packages/local/testing/wrap.ts";
import { createRollups } from "./rollups.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

let made = 0;
const sale = (ambassadorId: string): Entry => ({
  id: `led_${++made}`,
  ambassadorId,
  currency: "EUR",
  kind: "earn",
  postings: [{ from: "program.earned", to: "ambassador.pending", amountMinor: 500 }],
  orderIds: ["ord_1"],
  day: "2026-06-15",
  recordedAt: "2026-06-15T10:00:00.000Z",
});
const insertOf = (item: Item, sequence: number): DynamoDBRecord => ({
  eventName: "INSERT",
  dynamodb: {
    SequenceNumber: String(sequence),
    NewImage: marshall({ __edb_e__: "entry", __edb_v__: "1", ...item }, { removeUndefinedValues: true }) as never,
  },
});
const salesOf = async (ambassadorId: string) =>
  (await getItem(world.table, { pk: `ROLL#${ambassadorId}`, sk: "2026-06-15#EUR" }))?.sales;

test("a fact that can't be counted is handed back alone, and all around it is counted", async () => {
  const Records = Array.from({ length: 30 }, (_, at) => insertOf(sale("amb_a"), at + 1));
  // 2 KB is the most that a key may have.
  Records[17] = insertOf({ ...sale("amb_a"), id: "x".repeat(3000) }, 18);
  Records[20] = insertOf({ ...sale("amb_a"), postings: undefined, id: "led_broken" }, 21);
  expect(await createRollups(world.runtime)({ Records })).toEqual({
    batchItemFailures: [{ itemIdentifier: "18" }, { itemIdentifier: "21" }],
  });
  expect(await salesOf("amb_a")).toBe(28);
});

test("while the table does not answer, the batch goes back from where it stopped, and counts once in the end", async () => {
  const Records = Array.from({ length: 30 }, (_, at) => insertOf(sale("amb_b"), at + 1));
  let writes = 0;
  const dying = wrapped(world.table, async (call, send) => {
    if (call.name === "TransactWrite" && ++writes > 2) throw refused();
    return send();
  });
  const failed = await createRollups(runtimeOn(world.runtime, dying))({ Records });
  expect(failed.batchItemFailures[0]).toEqual({ itemIdentifier: "1" });
  expect(await salesOf("amb_b")).toBe(24);
  expect(await createRollups(world.runtime)({ Records })).toEqual({ batchItemFailures: [] });
  expect(await salesOf("amb_b")).toBe(30);
});

test("what is no fact is passed over", async () => {
  const Records = [
    { ...insertOf(sale("amb_c"), 1), eventName: "MODIFY" as const },
    insertOf({ ...sale("amb_c"), __edb_e__: "account" }, 2),
  ];
  expect(await createRollups(world.runtime)({ Records })).toEqual({ batchItemFailures: [] });
  expect(await salesOf("amb_c")).toBeUndefined();
});
