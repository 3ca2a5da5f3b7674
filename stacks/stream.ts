import { consumed } from "@laurel/core/table/consumed.ts";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { Duration } from "aws-cdk-lib/core";
import { dependsOn, type Stack, type StackContext, use } from "sst/constructs";
import { configOf } from "./config.ts";
import { Data } from "./data.ts";
import { deadLetters } from "./dead-letters.ts";
import { everyItemAction, onIndexes, onItems, onMail, onParameters } from "./grants.ts";
import { makeFunction } from "./lambda.ts";
import { Portal } from "./portal.ts";
import { secretsEnvironment } from "./secrets.ts";

/** How one consumer reads the table's stream. */
interface Reading {
  /** Records a call, at most. */
  batchSize: number;
  /** So long records are collected before a call. */
  windowS: number;
}

/** The two readers of the table's stream; a third would be throttled by DynamoDB. */
export function Stream({ stack, app }: StackContext): void {
  const { table } = use(Data);
  const config = configOf(app);
  // The portal's stack writes where it is reached, and who is woken before that fails.
  dependsOn(Portal);

  consume(
    stack,
    table,
    "rollups",
    // Facts share the day's sums, twelve to a transaction: collected they cost a third of the writes that they cost one by
    // one, eight full transactions are a call of a second, and a figure is five seconds late.
    { batchSize: 96, windowS: 5 },
    {
      description: "Counts facts into the days' figures",
      handler: "functions/stream/rollups.handler",
      memoryMb: 512,
      timeoutS: 60,
      // No secret: figures need the table alone.
      environment: { TABLE_NAME: table.tableName },
      may: [
        onItems(table, ["Query"], { partitions: ["PROGRAM"] }),
        onItems(table, ["PutItem"], { partitions: ["ROLLED#*"] }),
        onItems(table, ["UpdateItem"], { partitions: ["ROLL#*"] }),
      ],
    },
  );
  consume(
    stack,
    table,
    "effects",
    // Somebody waits for a sign-in's mail, so nothing is collected. A batch is done side by side and each effect holds a lease
    // of a minute, so a call ends within it.
    { batchSize: 25, windowS: 0 },
    {
      description: "Does what was intended: mail, codes at checkouts, events that were not decided at once",
      handler: "functions/stream/effects.handler",
      memoryMb: 1024,
      timeoutS: 60,
      environment: { TABLE_NAME: table.tableName, ...secretsEnvironment(config) },
      may: [
        onItems(table, everyItemAction),
        onIndexes(table, ["gsi1"]),
        onParameters(stack, stack.stage, ["GetParameter"], ["keys", "public-origin", "connections/*"]),
        // The secret of a webhook is known when it is made, and forgotten with its connection.
        onParameters(stack, stack.stage, ["PutParameter", "DeleteParameter"], ["connections/*"]),
        onMail(stack, config),
      ],
    },
  );
}

/**
 * One reader: woken by inserts of its kinds alone, one batch of a shard at a time. What fails comes again, alone where it can be
 * told apart; after eight tries or six hours its place in the stream goes to the dead letters, and the reader goes on. The stream
 * keeps records for a day, so there is time left to read it again from there.
 */
function consume(
  stack: Stack,
  table: ITable,
  name: keyof typeof consumed,
  { batchSize, windowS }: Reading,
  { may, ...options }: Parameters<typeof makeFunction>[2],
): void {
  const target = makeFunction(stack, name, { ...options, may: [...may, ...onStream(table)] });
  new EventSourceMapping(stack, `${name[0]!.toUpperCase()}${name.slice(1)}Source`, {
    target,
    eventSourceArn: table.tableStreamArn!,
    // Nothing that was written before the first deployment ended is left out; markers and leases make repetition harmless.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: [
      FilterCriteria.filter({
        eventName: FilterRule.isEqual("INSERT"),
        dynamodb: { NewImage: { __edb_e__: { S: FilterRule.or(...consumed[name]) } } },
      }),
    ],
    batchSize,
    maxBatchingWindow: Duration.seconds(windowS),
    parallelizationFactor: 1,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts: 8,
    maxRecordAge: Duration.hours(6),
    onFailure: new SqsDlq(deadLetters(stack, name)),
  });
}

/** What Lambda does in the function's name to read the stream. */
const onStream = (table: ITable): PolicyStatement[] => [
  new PolicyStatement({
    actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
    resources: [table.tableStreamArn!],
  }),
  new PolicyStatement({ actions: ["dynamodb:ListStreams"], resources: ["*"] }),
];
