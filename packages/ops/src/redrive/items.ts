import { type AttributeValue, DescribeTableCommand, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { consumed } from "@laurel/core/table/consumed.ts";
import { type Consumer, madeAt } from "./stream-part.ts";

type Item = Record<string, AttributeValue>;

/** An item that a consumer is to be told of, and when it was made. */
export interface Made {
  atMs: number;
  /** A record of the stream as Lambda tells it: bytes are base64. */
  record: {
    eventName: "INSERT";
    dynamodb: { Keys: unknown; NewImage: unknown; SequenceNumber: string };
  };
  bytes: number;
}

/** Half a read unit for 4 KB, since nothing changes any more about what is looked for. */
const bytesAUnit = 8192;

export interface TableOfStage {
  /** What a look at everything takes, as of the size that AWS told within the last hours. */
  size(): Promise<{ bytes: number; readUnits: number }>;
  /** Everything that a consumer acts on and that was made between two moments. Reads the whole table. */
  madeBetween(consumer: Consumer, fromMs: number, toMs: number): AsyncGenerator<Made>;
}

export function openTableOfStage(region: string, tableName: string): TableOfStage {
  const client = new DynamoDBClient({ region });
  return {
    size: async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
      const bytes = Table?.TableSizeBytes ?? 0;
      return { bytes, readUnits: Math.ceil(bytes / bytesAUnit) };
    },
    madeBetween: async function* (consumer, fromMs, toMs) {
      const kinds = consumed[consumer];
      const times = [...new Set(kinds.map((kind) => madeAt[kind]))];
      let sequence = 0;
      const pages = paginateScan(
        { client },
        {
          TableName: tableName,
          FilterExpression: `#kind IN (${kinds.map((_, n) => `:kind${n}`)}) AND (${times
            .map((_, n) => `#time${n} BETWEEN :from AND :to`)
            .join(" OR ")})`,
          ExpressionAttributeNames: {
            "#kind": "__edb_e__",
            ...Object.fromEntries(times.map((name, n) => [`#time${n}`, name])),
          },
          ExpressionAttributeValues: {
            ...Object.fromEntries(kinds.map((kind, n) => [`:kind${n}`, { S: kind }])),
            ":from": { S: new Date(fromMs).toISOString() },
            ":to": { S: new Date(toMs).toISOString() },
          },
        },
      );
      for await (const page of pages)
        for (const item of page.Items ?? []) {
          const atMs = Date.parse(item[madeAt[item.__edb_e__!.S as keyof typeof madeAt]]?.S ?? "");
          if (Number.isFinite(atMs)) yield made(item, atMs, ++sequence);
        }
    },
  };
}

function made(item: Item, atMs: number, sequence: number): Made {
  const NewImage = asLambdaTells({ M: item }).M!;
  const record: Made["record"] = {
    eventName: "INSERT",
    dynamodb: { Keys: { pk: item.pk, sk: item.sk }, NewImage, SequenceNumber: String(sequence) },
  };
  return { atMs, record, bytes: Buffer.byteLength(JSON.stringify(record)) };
}

// biome-ignore lint/suspicious/noExplicitAny: attribute values nest without end
function asLambdaTells(value: AttributeValue): any {
  if (value.B) return { B: Buffer.from(value.B).toString("base64") };
  if (value.BS) return { BS: value.BS.map((bytes) => Buffer.from(bytes).toString("base64")) };
  if (value.L) return { L: value.L.map(asLambdaTells) };
  if (value.M)
    return { M: Object.fromEntries(Object.entries(value.M).map(([name, each]) => [name, asLambdaTells(each)])) };
  return value;
}
