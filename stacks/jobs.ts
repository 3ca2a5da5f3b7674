import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Duration } from "aws-cdk-lib/core";
import { dependsOn, type Stack, type StackContext, use } from "sst/constructs";
import { type Config, configOf, type FunctionName } from "./config.ts";
import { Data } from "./data.ts";
import { deadLetters } from "./dead-letters.ts";
import { everyItemAction, onIndexes, onItems, onMail, onParameters } from "./grants.ts";
import { makeFunction } from "./lambda.ts";
import { namesOf } from "./names.ts";
import { Portal } from "./portal.ts";
import { secretsEnvironment } from "./secrets.ts";

interface Job {
  /** Its function; the code is in `functions/job/<name>.ts`. */
  name: FunctionName;
  description: string;
  schedule: Schedule;
  memoryMb: number;
  timeoutS: number;
  /** Whether it needs the stage's parameters and who sends its mail, beside the table. */
  secrets: boolean;
  may: (of: { stack: Stack; table: ITable; config: Config }) => PolicyStatement[];
}

/**
 * What runs by the clock. Runs of a job may meet: whoever comes second finds the leases taken and leaves.
 * The minute works on long jobs for 8 minutes at most; the rest of its time is for what comes before and for the last slice.
 */
const jobs: readonly Job[] = [
  {
    name: "minute",
    description: "Each minute's work",
    schedule: Schedule.rate(Duration.minutes(1)),
    memoryMb: 512,
    timeoutS: 720,
    secrets: true,
    may: ({ stack, table, config }) => [
      onItems(table, everyItemAction),
      onIndexes(table, ["gsi1", "gsi2"]),
      onParameters(stack, stack.stage, ["GetParameter"], ["keys", "public-origin", "connections/*"]),
      // The secret of a webhook is known when it is made, and forgotten with its connection.
      onParameters(stack, stack.stage, ["PutParameter", "DeleteParameter"], ["connections/*"]),
      onMail(stack, config),
    ],
  },
  {
    name: "day",
    description: "Begins each day's work, which the minute goes on with",
    // At night where most programs are, and not at the full hour, when everybody asks.
    schedule: Schedule.cron({ hour: "3", minute: "17" }),
    memoryMb: 512,
    timeoutS: 60,
    // No secret: it asks nobody, it only writes down what is to be done.
    secrets: false,
    may: ({ table }) => [
      onItems(table, ["Query"], { partitions: ["PROGRAM"] }),
      onItems(table, ["GetItem", "PutItem"], { partitions: ["COMPARISON#*", "JOB#*"] }),
    ],
  },
];

/** Scheduled work, in UTC: a job is an entry in the table above. */
export function Jobs({ stack, app }: StackContext): void {
  const { table } = use(Data);
  const config = configOf(app);
  // The portal's stack writes where it is reached, and who is woken before that fails.
  dependsOn(Portal);
  const dead = deadLetters(stack, "jobs");
  for (const { name, description, schedule, memoryMb, timeoutS, secrets, may } of jobs) {
    const made = makeFunction(stack, name, {
      description,
      handler: `functions/job/${name}.handler`,
      memoryMb,
      timeoutS,
      environment: { TABLE_NAME: table.tableName, ...(secrets ? secretsEnvironment(config) : {}) },
      may: may({ stack, table, config }),
    });
    // A run that failed is tried again after one and after two minutes: what is dead then has failed three times.
    made.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.minutes(15),
      onFailure: new SqsDestination(dead),
    });
    const id = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    new Rule(stack, `${id}Rule`, {
      ruleName: namesOf(stack.stage).other(name),
      description,
      schedule,
      targets: [
        new LambdaFunction(made, { retryAttempts: 3, maxEventAge: Duration.minutes(15), deadLetterQueue: dead }),
      ],
    });
  }
}
