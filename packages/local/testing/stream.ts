import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { toLambdaRecord } from "../src/stream/event.ts";
import { createReader, type StreamReader } from "../src/stream/reader.ts";
import type { World } from "./index.ts";

/** Reads the stream of a world's table. Close it. */
export async function streamOf(world: World): Promise<StreamReader> {
  const { Table } = await world.table.client.send(new DescribeTableCommand({ TableName: world.table.name }));
  return createReader(world.runtime.env.DYNAMODB_ENDPOINT!, Table!.LatestStreamArn!);
}

/** All that a world's stream has told so far, in order, as Lambda would hand it over without a filter. */
export async function recordsOf(world: World): Promise<DynamoDBRecord[]> {
  const reader = await streamOf(world);
  const records: DynamoDBRecord[] = [];
  for (const { ShardId } of await reader.shards()) {
    for (let after: string | undefined; ; ) {
      const page = await reader.read(ShardId!, after);
      if (page.records.length === 0) break;
      records.push(...page.records.map((record) => toLambdaRecord(record, reader.streamArn)));
      after = page.records.at(-1)!.dynamodb!.SequenceNumber!;
    }
  }
  reader.close();
  return records;
}
