import { createTableInput } from "@laurel/core/table/schema.ts";
import { expect, test } from "vitest";
import { leastSettings, type SynthOptions, synth } from "./synth.testing.ts";

async function dataOf(options: SynthOptions) {
  const { template, dispose } = await synth(options);
  dispose();
  return Object.values(template("Data").Resources);
}

/** By name, because an order of keys or indexes means nothing. */
const sorted = <T>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

test("the deployed table is the one that the code and the local engine know", async () => {
  const [table, ...others] = await dataOf({ stage: "prod" });
  expect(others).toEqual([]);
  const { Properties, DeletionPolicy, UpdateReplacePolicy, Type } = table!;
  const schema = createTableInput("any");
  expect(Type).toBe("AWS::DynamoDB::Table");
  expect(sorted(Properties!.AttributeDefinitions)).toEqual(sorted(schema.AttributeDefinitions));
  expect(Properties).toMatchObject({
    TableName: "prod-laurel-table",
    KeySchema: schema.KeySchema,
    StreamSpecification: { StreamViewType: schema.StreamSpecification.StreamViewType },
    BillingMode: schema.BillingMode,
    TimeToLiveSpecification: { AttributeName: "expiresAtEpochS", Enabled: true },
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    DeletionProtectionEnabled: true,
  });
  expect(sorted(Properties!.GlobalSecondaryIndexes)).toEqual(sorted(schema.GlobalSecondaryIndexes));
  expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(["Retain", "Retain"]);
});

test("a stage of one's own can be removed again", async () => {
  const [table] = await dataOf({ stage: "try" });
  expect(table!.Properties).toMatchObject({ TableName: "try-laurel-table", DeletionProtectionEnabled: false });
  expect(table!.DeletionPolicy).toBe("Delete");
});

test("a table that exists already is taken as it is", async () => {
  const streamArn = "arn:aws:dynamodb:eu-central-1:123456789012:table/restored/stream/2026-11-22T21:00:00.000";
  const settings = { ...leastSettings, LAUREL_TABLE: "restored", LAUREL_TABLE_STREAM_ARN: streamArn };
  expect(await dataOf({ settings })).toEqual([{ Type: "AWS::CloudFormation::WaitConditionHandle" }]);
});
