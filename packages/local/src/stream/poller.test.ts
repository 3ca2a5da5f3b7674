import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openWorld, type World } from "../../testing/index.ts";
import type { Consumer } from "./deliver.ts";
import { createPoller, type Poller } from "./poller.ts";
import { openPositions } from "./positions.ts";
import { createReader, type StreamReader } from "./reader.ts";

/** As long as a busy machine may take. */
const patience = { timeout: 10_000 };
let world: World;
let folder: string;
let streamArn: string;
let stops: (() => unknown)[];

beforeEach(async () => {
  world = await openWorld({ withoutProgram: true });
  folder = mkdtempSync(join(tmpdir(), "laurel-stream-"));
  const { Table } = await world.table.client.send(new DescribeTableCommand({ TableName: world.table.name }));
  streamArn = Table!.LatestStreamArn!;
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, more: Record<string, unknown> = {}) =>
  world.table.client.send(new PutCommand({ TableName: world.table.name, Item: { pk: name, sk: "X", ...more } }));
const namesOf = (event: DynamoDBStreamEvent): string[] =>
  event.Records.map((record) => record.dynamodb?.Keys?.pk?.S ?? "");

function recorder(name: string, more: Partial<Consumer> = {}): Consumer & { seen: string[] } {
  const seen: string[] = [];
  return {
    name,
    seen,
    handle: async (event) => {
      seen.push(...namesOf(event));
    },
    ...more,
  };
}

function poll(
  consumers: Consumer[],
  { reader = createReader(world.runtime.env.DYNAMODB_ENDPOINT!, streamArn) }: { reader?: StreamReader } = {},
): Poller {
  const positions = openPositions(join(folder, "positions.json"), streamArn, 5);
  const poller = createPoller({ reader, positions, consumers, log: world.runtime.log, idleMs: 30, backoffMs: 5 });
  stops.push(poller.stop);
  return poller;
}

test("each consumer sees every record, in order, at its own pace", async () => {
  const quick = recorder("quick");
  const slow: Consumer & { seen: string[] } = recorder("slow", {
    batchSize: 2,
    handle: async (event) => {
      await sleep(5);
      slow.seen.push(...namesOf(event));
    },
  });
  const names = Array.from({ length: 7 }, (_, at) => `item${at}`);
  for (const name of names) await put(name);
  poll([quick, slow]).start();
  await vi.waitFor(() => expect(slow.seen).toEqual(names), patience);
  expect(quick.seen).toEqual(names);
  await put("later");
  await vi.waitFor(() => expect([quick.seen.at(-1), slow.seen.at(-1)]).toEqual(["later", "later"]), patience);
});

test("a filter passes over what a consumer does not want", async () => {
  const inserts = recorder("inserts", { filter: (record) => record.eventName === "INSERT" });
  const all = recorder("all");
  await put("a");
  await put("a", { changed: true });
  await put("b");
  expect(await poll([inserts, all]).drain()).toBe(3);
  expect(inserts.seen).toEqual(["a", "b"]);
  expect(all.seen).toEqual(["a", "a", "b"]);
});

test("after a restart a consumer goes on where it was", async () => {
  await put("before");
  const first = recorder("same");
  await poll([first]).drain();
  await put("after");
  const second = recorder("same");
  const other = recorder("other");
  await poll([second, other]).drain();
  expect(first.seen).toEqual(["before"]);
  expect(second.seen).toEqual(["after"]);
  expect(other.seen).toEqual(["before", "after"]);
});

test("what was handed over but not marked before a crash comes again", async () => {
  for (const name of ["a", "b", "c"]) await put(name);
  let ending: Promise<void> | undefined;
  const cut: Consumer & { seen: string[] } = recorder("same", {
    batchSize: 1,
    handle: async (event) => {
      cut.seen.push(...namesOf(event));
      if (cut.seen.length < 2) return;
      ending ??= crashed.stop();
      throw new Error("the process ends here");
    },
  });
  const crashed = poll([cut]);
  crashed.start();
  await vi.waitFor(() => expect(ending).toBeDefined(), patience);
  await ending;
  const next = recorder("same");
  await poll([next]).drain();
  expect(cut.seen).toEqual(["a", "b"]);
  expect(next.seen).toEqual(["b", "c"]);
});

test("a record that cannot be handled is given up, logged, and holds nobody else back", async () => {
  const consumer: Consumer & { seen: string[] } = recorder("effects", {
    maxAttempts: 2,
    handle: async (event) => {
      if (namesOf(event).includes("poison")) throw new Error("cannot");
      consumer.seen.push(...namesOf(event));
    },
  });
  for (const name of ["a", "poison", "b"]) await put(name);
  await poll([consumer]).drain();
  expect(consumer.seen).toEqual(["a", "b"]);
  expect(world.logs.filter((line) => line.level === "error")).toEqual([
    expect.objectContaining({
      data: expect.objectContaining({
        consumer: "effects",
        attempts: 2,
        keys: { pk: { S: "poison" }, sk: { S: "X" } },
      }),
    }),
  ]);
});

test("a place that the stream does not reach is a gap: it is read again from its oldest record", async () => {
  for (const name of ["a", "b"]) await put(name);
  const [shard] = await createReader(world.runtime.env.DYNAMODB_ENDPOINT!, streamArn).shards();
  const positions = openPositions(join(folder, "positions.json"), streamArn, 5);
  positions.set("effects", shard!.ShardId!, { after: "1000000" });
  positions.flush();
  const consumer = recorder("effects");
  await poll([consumer]).drain();
  expect(consumer.seen).toEqual(["a", "b"]);
  expect(world.logs.some((line) => line.message.includes("gap"))).toBe(true);
});

test("more than nine records keep their order, though the engine's numbers are not padded", async () => {
  const names = Array.from({ length: 25 }, (_, at) => `item${at}`);
  for (const name of names.slice(0, 12)) await put(name);
  const first = recorder("same");
  await poll([first]).drain();
  for (const name of names.slice(12)) await put(name);
  const second = recorder("same");
  await poll([second]).drain();
  expect([first.seen, second.seen]).toEqual([names.slice(0, 12), names.slice(12)]);
  expect(world.logs).toEqual([]);
});

test("positions of another stream count for nothing", async () => {
  const positions = openPositions(join(folder, "positions.json"), "arn:another", 5);
  positions.set("effects", "shard", { after: "7" });
  positions.flush();
  await put("a");
  const consumer = recorder("effects");
  await poll([consumer]).drain();
  expect(consumer.seen).toEqual(["a"]);
});

test("while it is paused nothing is handed over, and nothing is lost", async () => {
  const consumer = recorder("effects");
  const poller = poll([consumer]);
  poller.start();
  await poller.pause();
  await put("waits");
  await sleep(80);
  expect(consumer.seen).toEqual([]);
  poller.resume();
  await vi.waitFor(() => expect(consumer.seen).toEqual(["waits"]), patience);
});

test("an engine that does not answer for a while is asked again", async () => {
  const reader = createReader(world.runtime.env.DYNAMODB_ENDPOINT!, streamArn);
  let failures = 1;
  const consumer = recorder("effects");
  const poller = poll([consumer], {
    reader: {
      ...reader,
      read: (shardId, after) =>
        failures-- > 0 ? Promise.reject(new Error("connection refused")) : reader.read(shardId, after),
    },
  });
  await put("a");
  poller.start();
  await vi.waitFor(() => expect(consumer.seen).toEqual(["a"]), patience);
  expect(world.logs.map((line) => line.message)).toContain("The stream answers again");
});
