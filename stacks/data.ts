import { tableSchema } from "@laurel/core/table/schema.ts";
import {
  type Attribute,
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  StreamViewType,
  Table,
} from "aws-cdk-lib/aws-dynamodb";
import { CfnWaitConditionHandle } from "aws-cdk-lib/core";
import type { Stack, StackContext } from "sst/constructs";
import { configOf } from "./config.ts";
import { namesOf } from "./names.ts";
import { stageRules } from "./stage.ts";

/**
 * The one table, from the schema that the code and the local engine use; or, after a restore or a removal, one that exists
 * already. Encrypted by a key that AWS owns: DynamoDB always encrypts, and that key costs nothing.
 */
export function Data({ stack, app }: StackContext): { table: ITable } {
  const { table: existing } = configOf(app);
  const table = existing ? takeTable(stack, existing) : makeTable(stack);
  stack.addOutputs({ TableName: table.tableName });
  return { table };
}

function takeTable(stack: Stack, { name, streamArn }: { name: string; streamArn: string }): ITable {
  // CloudFormation takes no stack without a resource; this one is nothing and costs nothing.
  new CfnWaitConditionHandle(stack, "Nothing");
  return Table.fromTableAttributes(stack, "Table", { tableName: name, tableStreamArn: streamArn });
}

function makeTable(stack: Stack): Table {
  const { partitionKey, sortKey, indexes, streamViewType, timeToLiveAttribute } = tableSchema;
  const { keepsData, dataRemoval } = stageRules(stack.stage);
  const table = new Table(stack, "Table", {
    tableName: namesOf(stack.stage).table,
    partitionKey: text(partitionKey),
    sortKey: text(sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    stream: StreamViewType[streamViewType],
    timeToLiveAttribute,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: keepsData,
    removalPolicy: dataRemoval,
  });
  for (const index of indexes)
    table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      projectionType: ProjectionType[index.projection],
    });
  return table;
}

const text = (name: string): Attribute => ({ name, type: AttributeType.STRING });
