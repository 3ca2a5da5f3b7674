import { readJson, writeJson } from "../file.ts";

/** How far each consumer has come in each shard. */
export interface Positions {
  get(consumer: string, shardId: string): Place | undefined;
  set(consumer: string, shardId: string, place: Place): void;
  /** Forgets shards that the stream no longer has. */
  keep(shardIds: readonly string[]): void;
  /** Writes what has not been written yet. */
  flush(): void;
}

export interface Place {
  /** The last record that is dealt with. */
  after?: string | undefined;
  /** The shard is closed and read to its end. */
  finished?: boolean | undefined;
}

interface Stored {
  streamArn: string;
  consumers: Record<string, Record<string, Place>>;
}

/**
 * Positions of one stream, kept in a file or, without a path, in memory. Another stream's positions are dropped: a table
 * that was made anew is read from its beginning. Written at most every `everyMs`; what a crash loses of them comes again.
 */
export function openPositions(path: string | undefined, streamArn: string, everyMs = 250): Positions {
  const found = path ? readJson<Stored>(path) : undefined;
  const stored: Stored = found?.streamArn === streamArn ? found : { streamArn, consumers: {} };
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = undefined;
    try {
      if (path) writeJson(path, stored);
    } catch {
      // A full disk, say. What is not written comes again after a restart; until then it is tried with the next change.
    }
  }
  function changed(): void {
    if (!path) return;
    timer ??= setTimeout(flush, everyMs);
    timer.unref();
  }

  return {
    get: (consumer, shardId) => stored.consumers[consumer]?.[shardId],
    set: (consumer, shardId, place) => {
      stored.consumers[consumer] ??= {};
      stored.consumers[consumer][shardId] = place;
      changed();
    },
    keep: (shardIds) => {
      for (const places of Object.values(stored.consumers))
        for (const shardId of Object.keys(places))
          if (!shardIds.includes(shardId)) {
            delete places[shardId];
            changed();
          }
    },
    flush: () => {
      if (timer) flush();
    },
  };
}
