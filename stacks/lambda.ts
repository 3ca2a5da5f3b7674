import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { RemovalPolicy } from "aws-cdk-lib/core";
import { type FunctionProps, Function as SstFunction, type Stack } from "sst/constructs";
import { afterBundling, bundling } from "./bundle.ts";
import { configOf, type FunctionName } from "./config.ts";
import { accept } from "./nag.ts";
import { namesOf } from "./names.ts";

/** What is particular to one function. */
export interface FunctionOptions {
  /** What it is for, in a few words; the console shows it. */
  description: string;
  /** The file from the repository's root and what it exports: `functions/api/index.handler` */
  handler: string;
  /** A Lambda has a processor's share by its memory; 1,769 MB are one whole. */
  memoryMb: number;
  timeoutS: number;
  /** Beside STAGE and what Powertools reads. Values are names and references, never secrets in plain text. */
  environment: Record<string, string>;
  /** All that it may do, beside writing its log and its trace. */
  may: readonly PolicyStatement[];
  /** Files that its code reads, beside the bundle. */
  copyFiles?: FunctionProps["copyFiles"];
}

/** Rights with an open end, and why they have one. */
const openEnds: readonly (readonly [string | RegExp, string])[] = [
  ["Resource::*", "X-Ray's traces, the list of DynamoDB's streams and SES's account can't be limited to a resource."],
  [
    /^Resource::.*:parameter\/laurel\/[a-z0-9-]+\/connections\/\*$/,
    "Connections are made in the portal, after the deployment.",
  ],
  [
    /^Resource::.*:ses:.*:identity\/\*$/,
    "In SES's sandbox recipients are identities too; the sender is limited by a condition.",
  ],
];

/** What SST gives every function for its own client, which none of ours uses. */
const unused = ["AWS_NODEJS_CONNECTION_REUSE_ENABLED", "SST_APP", "SST_STAGE", "SST_SSM_PREFIX"];

/**
 * The one way to make a function: Node 24 on arm64, one minified bundle, traced, with a log of its own that ends, and a role
 * of its own that may do what `may` says and nothing else. Named `<stage>-laurel-<name>`; its log is `/aws/lambda/<that>`.
 * Instances are kept for it only where the configuration says so.
 */
export function makeFunction(stack: Stack, name: FunctionName | "global", options: FunctionOptions): SstFunction {
  const config = configOf(stack.node.root);
  const names = namesOf(stack.stage);
  const functionName = names.function(name);
  const id = name[0]!.toUpperCase() + name.slice(1);

  const logGroup = new LogGroup(stack, `${id}Log`, {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: config.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(stack, `${id}Role`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: `What ${functionName} may do`,
  });
  logGroup.grantWrite(role);
  for (const statement of options.may) role.addToPolicy(statement);

  const props: FunctionProps & { _doNotAllowOthersToBind: true } = {
    // Nobody binds to it, so SST need not keep its name in a parameter.
    _doNotAllowOthersToBind: true,
    functionName,
    description: options.description,
    handler: options.handler,
    runtime: "nodejs24.x",
    architecture: "arm_64",
    memorySize: options.memoryMb,
    timeout: options.timeoutS,
    tracing: "active",
    nodejs: bundling,
    hooks: afterBundling,
    copyFiles: options.copyFiles,
    reservedConcurrentExecutions: config.reservedConcurrency[name as FunctionName],
    role,
    logGroup,
    environment: {
      STAGE: stack.stage,
      POWERTOOLS_SERVICE_NAME: `laurel-${name}`,
      POWERTOOLS_METRICS_NAMESPACE: names.metricsNamespace,
      POWERTOOLS_LOG_LEVEL: "INFO",
      ...options.environment,
    },
  };
  const made = new SstFunction(stack, id, props);
  const resource = made.node.defaultChild as CfnFunction;
  for (const variable of unused) resource.addPropertyDeletionOverride(`Environment.Variables.${variable}`);
  accept(made, "AwsSolutions-L1", "Lambda's latest is nodejs24.x, which this version of cdk-nag does not know yet.");
  for (const [finding, reason] of openEnds) accept(role, "AwsSolutions-IAM5", reason, [finding]);
  // Without code, as for tests and removals, SST puts a runtime of its own.
  if (!stack.isActive) resource.addPropertyOverride("Runtime", "nodejs24.x");
  return made;
}
