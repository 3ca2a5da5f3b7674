import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@laurel/core/kernel";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";

/** One reader of the stream: what Lambda calls an event source mapping. */
export interface Consumer {
  /** Names its place in the stream; it must not change. */
  name: string;
  /** What it wants to see; the rest is passed over. */
  filter?: (record: DynamoDBRecord) => boolean;
  handle(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse | undefined>;
  /** Records a call, 100 by default. */
  batchSize?: number;
  /** Tries of a single record before it is given up; 5 by default. */
  maxAttempts?: number;
}

export interface Delivery {
  log: Log;
  /** Called when a record is given up. */
  onDead?: ((record: DynamoDBRecord, error: unknown) => void) | undefined;
  /** Called when everything up to a sequence number is dealt with. */
  onDone?: ((sequenceNumber: string) => void) | undefined;
  /** Ends the waiting between tries. */
  signal?: AbortSignal | undefined;
  /** The longest wait before the second try of a record; it doubles. */
  backoffMs?: number;
  /** Whether the engine answers. While it does not, no record is to blame, and none is given up. */
  isUp?: (() => Promise<boolean>) | undefined;
}

/** The rest between two looks at an engine that does not answer. */
const downMs = 500;
const sequenceOf = (record: DynamoDBRecord): string => record.dynamodb!.SequenceNumber!;

/**
 * Hands records to a consumer as Lambda does: in order; what it reports in `batchItemFailures`, and all that follows it,
 * comes again; a batch that fails as a whole is cut in two until the record is found that cannot be handled, which is
 * tried a few times more and then given up. A record may come more than once.
 * @returns false when the signal ended it early; the rest is then not dealt with
 */
export async function deliver(
  consumer: Consumer,
  records: readonly DynamoDBRecord[],
  delivery: Delivery,
): Promise<boolean> {
  let rest = records;
  for (let attempt = 1; rest.length > 0; ) {
    if (delivery.signal?.aborted) return false;
    const outcome = await tryOnce(consumer, rest);
    for (const done of rest.slice(0, outcome.done).slice(-1)) delivery.onDone?.(sequenceOf(done));
    if (outcome.done > 0) attempt = 1;
    rest = rest.slice(outcome.done);
    if (rest.length === 0) return true;
    if (rest.length > 1) {
      const half = Math.ceil(rest.length / 2);
      if (!(await deliver(consumer, rest.slice(0, half), delivery))) return false;
      rest = rest.slice(half);
      continue;
    }
    const [record] = rest as [DynamoDBRecord];
    if (delivery.isUp && !(await delivery.isUp())) {
      attempt = 1;
      await sleep(downMs, undefined, { signal: delivery.signal }).catch(() => {});
      continue;
    }
    if (attempt >= (consumer.maxAttempts ?? 5)) {
      delivery.log.error("A stream record was given up", {
        consumer: consumer.name,
        keys: record.dynamodb?.Keys,
        sequenceNumber: sequenceOf(record),
        attempts: attempt,
        error: String(outcome.error),
      });
      delivery.onDead?.(record, outcome.error);
      delivery.onDone?.(sequenceOf(record));
      return true;
    }
    delivery.log.warn("A stream record could not be handled and comes again", {
      consumer: consumer.name,
      sequenceNumber: sequenceOf(record),
      attempt,
      error: String(outcome.error),
    });
    await sleep((delivery.backoffMs ?? 100) * 2 ** (attempt - 1), undefined, { signal: delivery.signal }).catch(
      () => {},
    );
    attempt++;
  }
  return true;
}

/** One call. `done` is how many records from the first on are dealt with. */
async function tryOnce(
  consumer: Consumer,
  records: readonly DynamoDBRecord[],
): Promise<{ done: number; error?: unknown }> {
  try {
    const answer = await consumer.handle({ Records: [...records] });
    const failed = answer?.batchItemFailures.map((failure) => failure.itemIdentifier) ?? [];
    if (failed.length === 0) return { done: records.length };
    const at = records.findIndex((record) => failed.includes(sequenceOf(record)));
    // An identifier that names none of the records fails the batch as a whole, as with Lambda.
    return { done: Math.max(at, 0), error: "reported as failed" };
  } catch (error) {
    return { done: 0, error };
  }
}
