import { Problem } from "../cli/problem.ts";
import type { Invoke } from "./invoke.ts";
import type { Made, TableOfStage } from "./items.ts";
import type { DeadLetters, Letter } from "./queue.ts";
import { type Consumer, isTooOldToCount, readStreamPart, type StreamPart } from "./stream-part.ts";

/** As many records a call as the consumer's own event source gives it, and no more than a call may carry. */
const batchOf: Record<Consumer, number> = { rollups: 96, effects: 25 };
const mostBytes = 4_000_000;

export interface Redriving {
  queue: DeadLetters;
  letters: readonly Letter[];
  invoke: Invoke;
  say(line: string): void;
  go: boolean;
}

/**
 * Gives a consumer of the stream once more what it gave up. The stream's own records are gone after a day, and all that is
 * consumed are things that were made and do not change their meaning: they are looked up in the table by the time they were
 * made. What was done meanwhile is done once: facts have their markers, effects their state, events their end.
 * @param now epoch ms
 * @returns the letters that could not be dealt with
 */
export async function redriveStream(
  { queue, letters, invoke, say, go }: Redriving,
  {
    consumer,
    functionName,
    table,
    now,
  }: { consumer: Consumer; functionName: string; table: TableOfStage; now: number },
): Promise<Letter[]> {
  const all = letters.map(readStreamPart);
  const tooOld = consumer === "rollups" ? all.filter((part) => isTooOldToCount(part, now)) : [];
  const parts = all.filter((part) => !tooOld.includes(part));
  for (const part of all)
    say(`  ${span(part)}  ${part.records} records${tooOld.includes(part) ? "  — too old to be counted again" : ""}`);
  if (tooOld.length > 0)
    say(
      "Facts are remembered as counted for 8 days, so what is older than 7 is not counted again here. docs/runbook.md says what that means.",
    );
  if (parts.length === 0) return tooOld.map(({ letter }) => letter);

  const { bytes, readUnits } = await table.size();
  say(
    `Finding them reads the whole table once: about ${(bytes / 1e9).toFixed(2)} GB, ${readUnits.toLocaleString("en")} read units (${((readUnits * 0.1525) / 1e6).toFixed(2)} USD in eu-central-1).`,
  );
  if (!go) return [...tooOld, ...parts].map(({ letter }) => letter);

  const failedAt: number[] = [];
  let [told, calls] = [0, 0];
  const give = async (batch: readonly Made[]) => {
    const outcome = await invoke(functionName, { Records: batch.map(({ record }) => record) });
    const failed = "failure" in outcome ? batch : refusedOf(batch, outcome.answer);
    if ("failure" in outcome) say(`  ${functionName} failed: ${outcome.failure}. Its log says why.`);
    else if (failed.length > 0) say(`  ${functionName} handed ${failed.length} of ${batch.length} records back.`);
    failedAt.push(...failed.map(({ atMs }) => atMs));
    told += batch.length - failed.length;
    calls += 1;
    if (calls % 20 === 0) say(`  … ${told} so far`);
    if (calls >= 3 && told === 0)
      throw new Problem(`${functionName} takes nothing. Find out why first; its log says it.`);
  };
  const found = new Set<StreamPart>();
  let batch: Made[] = [];
  let size = 0;
  const from = Math.min(...parts.map((part) => part.fromMs));
  const to = Math.max(...parts.map((part) => part.toMs));
  for await (const made of table.madeBetween(consumer, from, to)) {
    const its = parts.filter((part) => part.fromMs <= made.atMs && made.atMs <= part.toMs);
    if (its.length === 0) continue;
    for (const part of its) found.add(part);
    if (batch.length === batchOf[consumer] || (batch.length > 0 && size + made.bytes > mostBytes)) {
      await give(batch);
      [batch, size] = [[], 0];
    }
    batch.push(made);
    size += made.bytes;
  }
  if (batch.length > 0) await give(batch);
  const lost = parts.filter((part) => !found.has(part));
  if (lost.length > 0)
    say(
      `  Nothing was found for ${lost.length} messages: it was removed since, or another table was meant. See --discard.`,
    );
  const left = parts.filter(
    (part) => lost.includes(part) || failedAt.some((atMs) => part.fromMs <= atMs && atMs <= part.toMs),
  );
  const done = parts.filter((part) => !left.includes(part));
  await queue.drop(done.map(({ letter }) => letter));
  say(`${told} records in ${calls} calls; ${done.length} of ${all.length} messages are dealt with.`);
  return [...tooOld, ...left].map(({ letter }) => letter);
}

/** Those that a consumer handed back by their numbers; it could not record them anywhere. */
function refusedOf(batch: readonly Made[], answer: unknown): readonly Made[] {
  const failures = (answer as { batchItemFailures?: { itemIdentifier?: string }[] } | null)?.batchItemFailures ?? [];
  const numbers = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  // One without a number hands back all.
  if (numbers.has("") || numbers.has(undefined)) return batch;
  return batch.filter(({ record }) => numbers.has(record.dynamodb.SequenceNumber));
}

const span = ({ fromMs, toMs }: StreamPart): string =>
  `${new Date(fromMs).toISOString().slice(0, 19)} … ${new Date(toMs).toISOString().slice(0, 19)}`;
