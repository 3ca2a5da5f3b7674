import { fromImage, type Item } from "@laurel/core/table";
import type { DynamoDBRecord } from "aws-lambda";

/** The item that a record tells was made; undefined for changes and removals, which wake nobody. */
export function inserted(record: DynamoDBRecord): Item | undefined {
  const image = record.dynamodb?.NewImage;
  return record.eventName === "INSERT" && image ? fromImage(image as never) : undefined;
}
