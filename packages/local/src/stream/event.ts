import type { _Record, AttributeValue } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord, AttributeValue as EventValue } from "aws-lambda";

/** A stream record in the shape in which Lambda hands it to a function: bytes are base64, times are epoch seconds. */
export function toLambdaRecord(record: _Record, streamArn: string): DynamoDBRecord {
  const { ApproximateCreationDateTime, Keys, NewImage, OldImage, SequenceNumber, SizeBytes, StreamViewType } =
    record.dynamodb ?? {};
  return {
    eventID: record.eventID,
    eventName: record.eventName as DynamoDBRecord["eventName"],
    eventVersion: record.eventVersion,
    eventSource: record.eventSource,
    awsRegion: record.awsRegion,
    eventSourceARN: streamArn,
    dynamodb: {
      ApproximateCreationDateTime:
        ApproximateCreationDateTime && Math.floor(ApproximateCreationDateTime.getTime() / 1000),
      ...(Keys && { Keys: mapOf(Keys) }),
      ...(NewImage && { NewImage: mapOf(NewImage) }),
      ...(OldImage && { OldImage: mapOf(OldImage) }),
      SequenceNumber,
      SizeBytes,
      StreamViewType,
    },
  };
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const mapOf = (map: Record<string, AttributeValue>): Record<string, EventValue> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, attributeOf(value)]));

function attributeOf(value: AttributeValue): EventValue {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: mapOf(value.M) };
  if (value.L !== undefined) return { L: value.L.map(attributeOf) };
  return value as EventValue;
}
