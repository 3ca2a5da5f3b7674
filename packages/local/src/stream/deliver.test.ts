import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { type Consumer, type Delivery, deliver } from "./deliver.ts";

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const records = (...numbers: number[]): DynamoDBRecord[] =>
  numbers.map((number) => ({ eventName: "INSERT", dynamodb: { SequenceNumber: String(number) } }));
const numbersOf = (event: DynamoDBStreamEvent): number[] =>
  event.Records.map((record) => Number(record.dynamodb?.SequenceNumber));

/** Delivers, and tells which calls were made, what was marked as done and what was given up. */
async function watch(
  handle: (numbers: number[], call: number) => ReturnType<Consumer["handle"]>,
  input: DynamoDBRecord[],
  more: Partial<Delivery> = {},
) {
  const calls: number[][] = [];
  const done: number[] = [];
  const dead: number[] = [];
  const consumer: Consumer = {
    name: "test",
    maxAttempts: 3,
    handle: (event) => {
      calls.push(numbersOf(event));
      return handle(numbersOf(event), calls.length);
    },
  };
  const finished = await deliver(consumer, input, {
    log: quiet,
    backoffMs: 1,
    onDone: (sequence) => done.push(Number(sequence)),
    onDead: (record) => dead.push(Number(record.dynamodb?.SequenceNumber)),
    ...more,
  });
  return { calls, done, dead, finished };
}
const failed = (...numbers: number[]) => ({
  batchItemFailures: numbers.map((number) => ({ itemIdentifier: String(number) })),
});

test("a batch that is handled comes once", async () => {
  const { calls, done, dead } = await watch(async () => undefined, records(1, 2, 3));
  expect(calls).toEqual([[1, 2, 3]]);
  expect(done).toEqual([3]);
  expect(dead).toEqual([]);
});

test("what is reported as failed comes again with all that follows it, and nothing before it", async () => {
  const { calls, done, dead } = await watch(
    async (_, call) => (call === 1 ? failed(3) : undefined),
    records(1, 2, 3, 4),
  );
  expect(calls).toEqual([[1, 2, 3, 4], [3], [4]]);
  expect(done).toEqual([2, 3, 4]);
  expect(dead).toEqual([]);
});

test("of several reported failures the first one counts", async () => {
  const { calls } = await watch(async (_, call) => (call === 1 ? failed(4, 2) : undefined), records(1, 2, 3, 4));
  expect(calls[1]).toEqual([2, 3]);
  expect(calls[2]).toEqual([4]);
});

test("a record that cannot be handled is found by halving, tried again, given up, and the rest goes on", async () => {
  const { calls, done, dead } = await watch(
    async (numbers) => {
      if (numbers.includes(6)) throw new Error("poison");
    },
    records(1, 2, 3, 4, 5, 6, 7, 8),
  );
  expect(dead).toEqual([6]);
  expect(calls.filter((call) => call.length === 1 && call[0] === 6)).toHaveLength(3);
  expect(new Set(calls.flat())).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  expect(done.at(-1)).toBe(8);
  expect(done).toEqual([...done].sort((a, b) => a - b));
});

test("a record that fails for a while is handled in the end", async () => {
  let failures = 2;
  const { calls, dead } = await watch(async () => {
    if (failures-- > 0) throw new Error("busy");
  }, records(5));
  expect(calls).toEqual([[5], [5], [5]]);
  expect(dead).toEqual([]);
});

test("an unknown identifier fails the whole batch", async () => {
  const { calls } = await watch(async (_, call) => (call === 1 ? failed(99) : undefined), records(1, 2));
  expect(calls).toEqual([[1, 2], [1], [2]]);
});

test("when it is stopped, what was not handled is not marked", async () => {
  const ending = new AbortController();
  const { done, finished } = await watch(
    async (numbers) => {
      if (!numbers.includes(3)) return undefined;
      ending.abort();
      throw new Error("busy");
    },
    records(1, 2, 3),
    { signal: ending.signal },
  );
  expect(finished).toBe(false);
  expect(done).toEqual([]);
});
