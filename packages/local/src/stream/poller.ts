import { setTimeout as sleep } from "node:timers/promises";
import type { Shard } from "@aws-sdk/client-dynamodb-streams";
import type { Log } from "@laurel/core/kernel";
import type { DynamoDBRecord } from "aws-lambda";
import { type Consumer, deliver } from "./deliver.ts";
import { toLambdaRecord } from "./event.ts";
import type { Place, Positions } from "./positions.ts";
import type { StreamReader } from "./reader.ts";

export interface PollerOptions {
  reader: StreamReader;
  positions: Positions;
  consumers: readonly Consumer[];
  log: Log;
  /** How long to rest when nothing comes; it grows up to this. */
  idleMs?: number;
  backoffMs?: number;
  onDead?: (record: DynamoDBRecord, error: unknown) => void;
}

/** Brings the stream of the table to its consumers, each at its own pace, as Lambda's event source mappings do on AWS. */
export interface Poller {
  start(): void;
  /** Rests all consumers, or lets them go on; what comes meanwhile waits in the stream. */
  pause(): Promise<void>;
  resume(): void;
  /** Resolves once every consumer has come to the end of the stream since it was started. */
  caughtUp(): Promise<void>;
  /** Reads to the end of the stream, and of what the consumers write meanwhile. Only while it is not started. */
  drain(): Promise<number>;
  /** Ends after the call that is under way, keeps the positions and lets go of the stream. */
  stop(): Promise<void>;
}

const busyMs = 15;

export function createPoller({
  reader,
  positions,
  consumers,
  log,
  idleMs = 250,
  backoffMs,
  onDead,
}: PollerOptions): Poller {
  let ending = new AbortController();
  let running: Promise<void>[] = [];
  let listing: { at: number; shards: Promise<Shard[]> } | undefined;
  const checked = new Set<string>();
  const behind = new Set(consumers);
  const { promise: caughtUp, resolve: tellCaughtUp } = Promise.withResolvers<void>();

  /** The list of shards, at most 10 s old: they split seldom, and a closed one is noticed by reading it. */
  async function shards(fresh = false): Promise<Shard[]> {
    if (fresh || !listing || performance.now() - listing.at > 10_000) {
      const made = { at: performance.now(), shards: reader.shards() };
      listing = made;
      made.shards.then(
        (found) => positions.keep(found.map((shard) => shard.ShardId!)),
        () => {
          if (listing === made) listing = undefined;
        },
      );
    }
    return listing.shards;
  }

  /** Where to go on. A place that is not in the stream is a gap: then from what is oldest. Looked at once, at the start. */
  async function placeIn(consumer: Consumer, shardId: string): Promise<Place> {
    const place = positions.get(consumer.name, shardId) ?? {};
    const once = `${consumer.name}\n${shardId}`;
    if (checked.has(once)) return place;
    if (place.after !== undefined && !place.finished && !(await reader.reaches(shardId, place.after))) {
      log.warn("There is a gap in the stream; it is read again from its oldest record", {
        consumer: consumer.name,
        shardId,
        after: place.after,
      });
      positions.set(consumer.name, shardId, {});
    }
    checked.add(once);
    return positions.get(consumer.name, shardId) ?? {};
  }

  const isUp = () =>
    reader.shards().then(
      () => true,
      () => false,
    );

  /** One page of each open shard for one consumer. Returns how many records there were. */
  async function step(consumer: Consumer, signal?: AbortSignal): Promise<number> {
    const all = await shards();
    const ids = new Set(all.map((shard) => shard.ShardId));
    let seen = 0;
    for (const shard of all) {
      if (signal?.aborted) break;
      const shardId = shard.ShardId!;
      const place = await placeIn(consumer, shardId);
      if (place.finished) continue;
      const parent = shard.ParentShardId;
      // A child follows its parent, so that an item's changes keep their order.
      if (parent && ids.has(parent) && !positions.get(consumer.name, parent)?.finished) continue;
      const page = await reader.read(shardId, place.after);
      seen += page.records.length;
      let ended = false;
      let after = place.after;
      const mark = (sequenceNumber: string) => {
        after = sequenceNumber;
        positions.set(consumer.name, shardId, { after });
      };
      const size = consumer.batchSize ?? 100;
      for (let at = 0; at < page.records.length && !ended; at += size) {
        const records = page.records.slice(at, at + size).map((record) => toLambdaRecord(record, reader.streamArn));
        const wanted = consumer.filter ? records.filter(consumer.filter) : records;
        ended = !(await deliver(consumer, wanted, {
          log,
          onDead,
          onDone: mark,
          isUp,
          signal,
          ...(backoffMs && { backoffMs }),
        }));
        if (!ended) mark(records.at(-1)!.dynamodb!.SequenceNumber!);
      }
      if (page.closed && !ended) {
        positions.set(consumer.name, shardId, { after, finished: true });
        listing = undefined;
      }
    }
    return seen;
  }

  async function run(consumer: Consumer, signal: AbortSignal): Promise<void> {
    let restMs = busyMs;
    let troubled = false;
    while (!signal.aborted) {
      try {
        const seen = await step(consumer, signal);
        restMs = seen > 0 ? busyMs : Math.min(restMs * 2, idleMs);
        if (seen === 0 && behind.delete(consumer) && behind.size === 0) tellCaughtUp();
        if (troubled) log.info("The stream answers again", { consumer: consumer.name });
        troubled = false;
      } catch (error) {
        if (!troubled && !signal.aborted)
          log.warn("The stream cannot be read; it is tried again", { consumer: consumer.name, error: String(error) });
        troubled = true;
        listing = undefined;
        restMs = 1000;
      }
      await sleep(restMs, undefined, { signal }).catch(() => {});
    }
  }

  const start = () => {
    if (running.length > 0) return;
    ending = new AbortController();
    running = consumers.map((consumer) => run(consumer, ending.signal));
  };
  const stop = async () => {
    ending.abort();
    await Promise.all(running);
    running = [];
    positions.flush();
  };
  const end = async () => {
    await stop();
    reader.close();
  };
  return {
    start,
    pause: stop,
    resume: start,
    caughtUp: () => caughtUp,
    drain: async () => {
      let total = 0;
      for (;;) {
        // New ones follow on one that closes, which reading it tells; only the first comes by itself.
        if ((await shards()).length === 0) await shards(true);
        const seen = await Promise.all(consumers.map((consumer) => step(consumer)));
        const most = Math.max(0, ...seen);
        if (most === 0) break;
        total += most;
      }
      positions.flush();
      return total;
    },
    stop: end,
  };
}
