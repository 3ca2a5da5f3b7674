import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";

export interface StreamPage {
  records: _Record[];
  /** Nothing will follow in this shard. */
  closed: boolean;
}

/** Reads a table's stream from any place on. */
export interface StreamReader {
  streamArn: string;
  shards(): Promise<Shard[]>;
  /** What follows a sequence number; what is oldest, without one. */
  read(shardId: string, after: string | undefined): Promise<StreamPage>;
  /**
   * Whether there is anything at or after a sequence number. The last record of a stream is always kept, so a place of
   * which nothing is left is not one of this stream. (The ends that an engine tells of a shard are no help: ours compares
   * them as text.)
   */
  reaches(shardId: string, sequenceNumber: string): Promise<boolean>;
  close(): void;
}

const pageSize = 250;
/** Consumers that keep step with each other share what was read. */
const pagesKept = 8;

export function createReader(endpoint: string, streamArn: string): StreamReader {
  const client = new DynamoDBStreamsClient({
    endpoint,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 },
  });
  /** By place: the iterator that stands there, so that only the first read of a place costs two calls. */
  const iterators = new Map<string, string>();
  const pages = new Map<string, Promise<StreamPage>>();

  async function iteratorAt(shardId: string, after: string | undefined): Promise<string | undefined> {
    const answer = await client.send(
      new GetShardIteratorCommand({
        StreamArn: streamArn,
        ShardId: shardId,
        ...(after
          ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: after }
          : { ShardIteratorType: "TRIM_HORIZON" }),
      }),
    );
    return answer.ShardIterator;
  }

  async function fetchPage(shardId: string, after: string | undefined): Promise<StreamPage> {
    const place = placeOf(shardId, after);
    try {
      const iterator = iterators.get(place) ?? (await iteratorAt(shardId, after));
      if (!iterator) return { records: [], closed: true };
      const answer = await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: pageSize }));
      const records = answer.Records ?? [];
      const last = records.at(-1)?.dynamodb?.SequenceNumber;
      iterators.delete(place);
      if (answer.NextShardIterator) remember(iterators, placeOf(shardId, last ?? after), answer.NextShardIterator, 64);
      return { records, closed: !answer.NextShardIterator };
    } catch (error) {
      iterators.delete(place);
      // The place fell out of the stream: everything that is left follows it.
      if (after && (error as Error).name === "TrimmedDataAccessException") return fetchPage(shardId, undefined);
      throw error;
    }
  }

  return {
    streamArn,
    shards: async () => {
      const shards: Shard[] = [];
      let after: string | undefined;
      do {
        const answer = await client.send(
          new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: after }),
        );
        shards.push(...(answer.StreamDescription?.Shards ?? []));
        after = answer.StreamDescription?.LastEvaluatedShardId;
      } while (after);
      return shards;
    },
    read: (shardId, after) => {
      const place = placeOf(shardId, after);
      const kept = pages.get(place);
      if (kept) return kept;
      const page = fetchPage(shardId, after);
      remember(pages, place, page, pagesKept);
      const forget = () => {
        if (pages.get(place) === page) pages.delete(place);
      };
      // A page that is not full may have grown by the next time it is asked for.
      page.then((read) => read.records.length < pageSize && forget(), forget);
      return page;
    },
    reaches: async (shardId, sequenceNumber) => {
      try {
        const { ShardIterator } = await client.send(
          new GetShardIteratorCommand({
            StreamArn: streamArn,
            ShardId: shardId,
            ShardIteratorType: "AT_SEQUENCE_NUMBER",
            SequenceNumber: sequenceNumber,
          }),
        );
        const { Records } = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
        return (Records ?? []).length > 0;
      } catch (error) {
        if (["TrimmedDataAccessException", "ValidationException"].includes((error as Error).name)) return false;
        throw error;
      }
    },
    close: () => client.destroy(),
  };
}

const placeOf = (shardId: string, after: string | undefined): string => `${shardId}\n${after ?? ""}`;

function remember<V>(map: Map<string, V>, key: string, value: V, atMost: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > atMost) map.delete(map.keys().next().value!);
}
