import { tableSchema } from "@laurel/core/table/schema.ts";
import { ProjectionType } from "aws-cdk-lib/aws-dynamodb";
import { RemovalPolicy } from "aws-cdk-lib/core";
import { type StackContext, Table } from "sst/constructs";
import { stageRules } from "./stage.ts";

/** The one table, from the schema that the code and the local engine use. */
export function Data({ stack, app }: StackContext) {
  const { partitionKey, sortKey, indexes } = tableSchema;
  const { keepsData } = stageRules(app.stage);
  const names = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  const table = new Table(stack, "Table", {
    fields: Object.fromEntries(names.map((name) => [name, "string" as const])),
    primaryIndex: { partitionKey, sortKey },
    globalIndexes: Object.fromEntries(
      indexes.map((index) => [
        index.name,
        {
          partitionKey: index.partitionKey,
          sortKey: index.sortKey,
          cdk: { index: { projectionType: ProjectionType[index.projection] } },
        },
      ]),
    ),
    stream: tableSchema.streamViewType.toLowerCase() as Lowercase<typeof tableSchema.streamViewType>,
    timeToLiveAttribute: tableSchema.timeToLiveAttribute,
    cdk: {
      table: {
        // The older property is set by SST; it and its successor exclude each other.
        pointInTimeRecovery: undefined,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: keepsData,
        removalPolicy: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      },
    },
  });
  stack.addOutputs({ TableName: table.tableName });
  return { table };
}
