import { type Consumed, consumed, fromImage, type Item } from "@laurel/core/table";
import type { DynamoDBRecord } from "aws-lambda";

/** An item that was made, and which of its consumer's kinds it is. */
export interface Inserted<Kind> {
  kind: Kind;
  item: Item;
}

/** Whether a record tells of something that a consumer acts on: what its event source lets through. */
export function wakes(consumer: keyof typeof consumed, { eventName, dynamodb }: DynamoDBRecord): boolean {
  const kind = dynamodb?.NewImage?.__edb_e__?.S;
  return eventName === "INSERT" && kind !== undefined && (consumed[consumer] as readonly string[]).includes(kind);
}

/** The item that a record tells was made; undefined for changes, removals and kinds of no concern, which wake nobody. */
export function inserted<C extends keyof typeof consumed>(
  consumer: C,
  record: DynamoDBRecord,
): Inserted<Consumed<C>> | undefined {
  if (!wakes(consumer, record)) return undefined;
  const item = fromImage(record.dynamodb!.NewImage as never);
  return { kind: item.__edb_e__, item };
}
