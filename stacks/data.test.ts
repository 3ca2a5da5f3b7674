import { createTableInput } from "@laurel/core/table/schema.ts";
import { Template } from "aws-cdk-lib/assertions";
import { App, getStack } from "sst/constructs";
import { initProject } from "sst/project.js";
import { expect, test } from "vitest";
import { Data } from "./data.ts";

process.env.SST_TELEMETRY_DISABLED = "1";

/** Mode `remove` leaves bundles out: a template in milliseconds. */
async function tableOf(stage: string) {
  await initProject({ stage });
  const app = new App({ mode: "remove", region: "eu-central-1", stage, name: "laurel" });
  app.stack(Data);
  await app.finish();
  const [table] = Object.values(Template.fromStack(getStack(Data)).findResources("AWS::DynamoDB::Table"));
  if (!table) throw new Error("The stack has no table");
  return table;
}

/** By name, because an order of keys or indexes means nothing. */
const sorted = <T>(list: readonly T[]): T[] =>
  [...list].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

test("the deployed table is the one that the code and the local engine know", async () => {
  const { Properties, DeletionPolicy } = await tableOf("prod");
  const schema = createTableInput("any");
  expect(sorted(Properties.AttributeDefinitions)).toEqual(sorted(schema.AttributeDefinitions));
  expect(Properties.KeySchema).toEqual(schema.KeySchema);
  expect(sorted(Properties.GlobalSecondaryIndexes)).toEqual(sorted(schema.GlobalSecondaryIndexes));
  expect(Properties.StreamSpecification).toEqual({ StreamViewType: schema.StreamSpecification.StreamViewType });
  expect(Properties.BillingMode).toBe(schema.BillingMode);
  expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: "expiresAtEpochS", Enabled: true });
  expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
  expect(Properties.DeletionProtectionEnabled).toBe(true);
  expect(DeletionPolicy).toBe("Retain");
});

test("a stage of one's own can be removed again", async () => {
  const { Properties, DeletionPolicy } = await tableOf("try");
  expect(Properties.DeletionProtectionEnabled).toBe(false);
  expect(DeletionPolicy).toBe("Delete");
});
