import { expect, test } from "vitest";
import { toLambdaRecord } from "./event.ts";

test("a stream record has the shape in which Lambda hands it over: bytes in base64, time in seconds", () => {
  const record = toLambdaRecord(
    {
      eventID: "1",
      eventName: "INSERT",
      eventSource: "aws:dynamodb",
      dynamodb: {
        ApproximateCreationDateTime: new Date("2026-01-01T00:00:00.900Z"),
        Keys: { pk: { S: "a" } },
        NewImage: {
          body: { B: new Uint8Array([1, 2]) },
          nested: { M: { list: { L: [{ BS: [new Uint8Array([3])] }, { N: "4" }] } } },
          flag: { BOOL: true },
        },
        SequenceNumber: "7",
      },
    },
    "arn:stream",
  );
  expect(record).toMatchObject({
    eventSourceARN: "arn:stream",
    dynamodb: {
      ApproximateCreationDateTime: 1_767_225_600,
      NewImage: {
        body: { B: "AQI=" },
        nested: { M: { list: { L: [{ BS: ["Aw=="] }, { N: "4" }] } } },
        flag: { BOOL: true },
      },
      SequenceNumber: "7",
    },
  });
});
