import type { FunctionUrl } from "aws-cdk-lib/aws-lambda";
import { FunctionUrlAuthType, InvokeMode } from "aws-cdk-lib/aws-lambda";
import { type Function as SstFunction, type StackContext, use } from "sst/constructs";
import { docsFiles } from "./bundle.ts";
import { configOf } from "./config.ts";
import { Data } from "./data.ts";
import { everyItemAction, neverOnItems, onIndexes, onItems, onMailAccount, onParameters } from "./grants.ts";
import { makeFunction } from "./lambda.ts";
import { originSecrets, secretsEnvironment } from "./secrets.ts";

/**
 * What answers requests: the API, the receiver of webhooks and the redirect, each at a Function URL of its own. The URLs are
 * open to everybody, since CloudFront's signature would demand a hash of the body from every sender, which Stripe does not
 * send; instead each function refuses what does not carry the origin secret, before it reads anything else.
 */
export function Http({ stack, app }: StackContext): { api: FunctionUrl; webhook: FunctionUrl; redirect: FunctionUrl } {
  const { table } = use(Data);
  const config = configOf(app);
  const environment = { TABLE_NAME: table.tableName, ORIGIN_SECRETS: originSecrets(stack.stage) };

  const api = makeFunction(stack, "api", {
    description: "The API behind the portal",
    handler: "functions/api/index.handler",
    memoryMb: 1024,
    timeoutS: 29,
    environment: { ...environment, ...secretsEnvironment(config) },
    may: [
      onItems(table, everyItemAction),
      onIndexes(table, ["gsi1", "gsi2"]),
      onParameters(stack, stack.stage, ["GetParameter"], ["keys", "public-origin", "connections/*"]),
      onParameters(stack, stack.stage, ["PutParameter"], ["connections/*"]),
      ...onMailAccount(stack, config),
    ],
    copyFiles: docsFiles,
  });
  const webhook = makeFunction(stack, "webhook", {
    description: "Receives the webhooks of checkouts",
    handler: "functions/webhook/index.handler",
    memoryMb: 1024,
    timeoutS: 15,
    environment: { ...environment, ...secretsEnvironment(config) },
    may: [
      onItems(table, ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"]),
      onItems(table, ["Query"], { partitions: ["PROGRAM"] }),
      // Anybody may send it anything: whatever that makes of it, it signs nobody in and changes no person and no rule. Sessions,
      // sign-ins and answers lie with their person, of whom it reads one item alone, by its whole key: are they an ambassador?
      neverOnItems(
        table,
        everyItemAction.filter((action) => action !== "GetItem"),
        ["PERSON#*"],
      ),
      neverOnItems(table, ["PutItem", "UpdateItem", "DeleteItem"], ["EMAIL#*"]),
      neverOnItems(table, ["PutItem", "DeleteItem"], ["PROGRAM"]),
      onParameters(stack, stack.stage, ["GetParameter"], ["keys", "public-origin", "connections/*"]),
    ],
  });
  const redirect = makeFunction(stack, "redirect", {
    description: "Follows an ambassador's link",
    handler: "functions/redirect.handler",
    memoryMb: 1024,
    timeoutS: 10,
    environment,
    may: [
      onItems(table, ["GetItem"], { partitions: ["CODE#*", "PROGRAM"] }),
      onItems(table, ["PutItem"], { partitions: ["CLICK#*"] }),
    ],
  });
  return { api: urlOf(api), webhook: urlOf(webhook), redirect: urlOf(redirect) };
}

/** Open, whole answers, and no CORS: the portal is of the same origin, and nobody else has business here. */
const urlOf = (made: SstFunction): FunctionUrl =>
  made.addFunctionUrl({ authType: FunctionUrlAuthType.NONE, invokeMode: InvokeMode.BUFFERED });
