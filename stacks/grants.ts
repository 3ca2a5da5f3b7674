import type { IndexName } from "@laurel/core/table/schema.ts";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Stack } from "aws-cdk-lib/core";
import type { Config } from "./config.ts";
import { namesOf } from "./names.ts";

/** What a function may do with items. A transaction needs the actions of its parts; no function may scan. */
export type ItemAction = (typeof everyItemAction)[number];
export const everyItemAction = [
  "GetItem",
  "BatchGetItem",
  "Query",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
  "ConditionCheckItem",
] as const;

/** Whose keys a statement is about; see {@link onItems}. */
interface OnlyKeys {
  /** Partition keys, `*` for any end: `CLICK#*`. */
  partitions?: readonly string[];
}

/**
 * Leave to do something with items of the table.
 * @param only partition keys beyond which the leave does not reach; DynamoDB enforces it (`dynamodb:LeadingKeys`) for every
 *   item of a call, batches and transactions included
 */
export function onItems(table: ITable, actions: readonly ItemAction[], only: OnlyKeys = {}): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    ...(only.partitions && {
      conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [...only.partitions] } },
    }),
  });
}

/** Takes leave away, whatever else is given: where keys are too many to name, those are named that are out of bounds. */
export const neverOnItems = (
  table: ITable,
  actions: readonly ItemAction[],
  partitions: readonly string[],
): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.DENY,
    actions: actions.map((action) => `dynamodb:${action}`),
    resources: [table.tableArn],
    conditions: { "ForAnyValue:StringLike": { "dynamodb:LeadingKeys": [...partitions] } },
  });

/** Leave to list by indexes, each named. Indexes hold keys alone, so the items behind them need leave of their own. */
export const onIndexes = (table: ITable, indexes: readonly IndexName[]): PolicyStatement =>
  new PolicyStatement({
    actions: ["dynamodb:Query"],
    resources: indexes.map((index) => `${table.tableArn}/index/${index}`),
  });

/**
 * Leave to read or write parameters of the stage.
 * @param names behind `/laurel/<stage>/`; `connections/*` is the only one that may end in a star
 */
export function onParameters(
  stack: Stack,
  stage: string,
  actions: readonly ("GetParameter" | "PutParameter" | "DeleteParameter")[],
  names: readonly string[],
): PolicyStatement {
  const { parameters } = namesOf(stage);
  return new PolicyStatement({
    actions: actions.map((action) => `ssm:${action}`),
    resources: names.map((name) =>
      stack.formatArn({ service: "ssm", resource: "parameter", resourceName: `${parameters.slice(1)}/${name}` }),
    ),
  });
}

/**
 * Leave to send mail from the one address of the configuration. SES checks the sender's identity, the configuration set and,
 * while the account is in its sandbox, the identities of recipients too; so the identities are open and the sender is not.
 */
export function onMail(stack: Stack, { stage, mailFrom }: Config): PolicyStatement {
  const arn = (resource: string, resourceName: string) => stack.formatArn({ service: "ses", resource, resourceName });
  return new PolicyStatement({
    actions: ["ses:SendEmail"],
    resources: [arn("identity", "*"), arn("configuration-set", namesOf(stage).configurationSet)],
    conditions: { StringEquals: { "ses:FromAddress": mailFrom } },
  });
}

/**
 * Leave to see how far the sender and the account have come at SES, and to let mail go again to who said it is welcome. The
 * account and its list of held-back addresses are no resources of IAM's.
 */
export function onMailAccount(stack: Stack, { mailFrom }: Config): PolicyStatement[] {
  const identities = [mailFrom.slice(mailFrom.indexOf("@") + 1), mailFrom];
  return [
    new PolicyStatement({
      actions: ["ses:GetEmailIdentity"],
      resources: identities.map((resourceName) =>
        stack.formatArn({ service: "ses", resource: "identity", resourceName }),
      ),
    }),
    new PolicyStatement({ actions: ["ses:GetAccount", "ses:DeleteSuppressedDestination"], resources: ["*"] }),
  ];
}
