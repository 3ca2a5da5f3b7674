import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Json, mostSettings, type Synth, synth } from "./synth.testing.ts";

/** The policy of whoever deploys, as `docs/permissions.json` gives it to IAM. */
const text = readFileSync(join(import.meta.dirname, "../docs/permissions.json"), "utf8");
const policy: { Version: string; Statement: Json[] } = JSON.parse(text);

let deployed: Synth;
beforeAll(async () => {
  deployed = await synth({ settings: mostSettings });
}, 60_000);
afterAll(() => deployed.dispose());

const listOf = (value: Json): string[] => (Array.isArray(value) ? value : [value]);
const isLike = (name: string, pattern: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(name);
/** Whether IAM would let it happen, as far as actions and resources go. */
const mayDo = (action: string, resource: string): boolean =>
  policy.Statement.some(
    ({ Effect, Action, Resource }) =>
      Effect === "Allow" &&
      listOf(Action).some((each) => isLike(action, each)) &&
      listOf(Resource).some((each) => isLike(resource, each)),
  );

const here = "eu-central-1:123456789012";
const distribution = (kind: string) => () => `arn:aws:cloudfront::123456789012:${kind}/E2EXAMPLE`;
const named = (before: string, property: string) => (it: Json) => `${before}${it[property]}`;
const queue = named(`arn:aws:sqs:${here}:`, "QueueName");
const topic = named(`arn:aws:sns:${here}:`, "TopicName");
const aTopic = () => `arn:aws:sns:${here}:prod-laurel-alarms`;
const role = (_: Json, stackName: string) => `arn:aws:iam::123456789012:role/${stackName}-Role-1A2B3C`;
const made = (_: Json, stackName: string) => `arn:aws:lambda:${here}:function:${stackName}-Helper-1A2B3C`;
const lambda = (it: Json, stackName: string) =>
  it.FunctionName ? `arn:aws:lambda:${here}:function:${it.FunctionName}` : made(it, stackName);
const bucket = (_: Json, stackName: string) => `arn:aws:s3:::${stackName.toLowerCase()}-files8e6940b8-1a2b3c`;

/**
 * What CloudFormation does in the deployer's name for each kind of resource, and on what. A kind that is not here has to be
 * thought about before it is deployed for the first time.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const deeds: Record<string, [actions: string[], on: (properties: Json, stackName: string) => string]> = {
  "AWS::Budgets::Budget": [
    ["budgets:ModifyBudget", "budgets:ViewBudget"],
    (it) => `arn:aws:budgets::123456789012:budget/${it.Budget.BudgetName}`,
  ],
  "AWS::CloudFront::CachePolicy": [
    ["cloudfront:CreateCachePolicy", "cloudfront:GetCachePolicy", "cloudfront:DeleteCachePolicy"],
    distribution("cache-policy"),
  ],
  "AWS::CloudFront::Distribution": [
    [
      "cloudfront:CreateDistribution",
      "cloudfront:GetDistribution",
      "cloudfront:GetDistributionConfig",
      "cloudfront:UpdateDistribution",
      "cloudfront:DeleteDistribution",
      "cloudfront:TagResource",
      "cloudfront:ListTagsForResource",
    ],
    distribution("distribution"),
  ],
  "AWS::CloudFront::Function": [
    [
      "cloudfront:CreateFunction",
      "cloudfront:DescribeFunction",
      "cloudfront:PublishFunction",
      "cloudfront:UpdateFunction",
      "cloudfront:DeleteFunction",
    ],
    distribution("function"),
  ],
  "AWS::CloudFront::OriginAccessControl": [
    [
      "cloudfront:CreateOriginAccessControl",
      "cloudfront:GetOriginAccessControl",
      "cloudfront:DeleteOriginAccessControl",
    ],
    distribution("origin-access-control"),
  ],
  "AWS::CloudFront::ResponseHeadersPolicy": [
    ["cloudfront:CreateResponseHeadersPolicy", "cloudfront:UpdateResponseHeadersPolicy"],
    distribution("response-headers-policy"),
  ],
  "AWS::CloudWatch::Alarm": [
    ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource"],
    named(`arn:aws:cloudwatch:${here}:alarm:`, "AlarmName"),
  ],
  "AWS::CloudWatch::Dashboard": [
    ["cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards"],
    named("arn:aws:cloudwatch::123456789012:dashboard/", "DashboardName"),
  ],
  "AWS::DynamoDB::Table": [
    [
      "dynamodb:CreateTable",
      "dynamodb:DescribeTable",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:TagResource",
      "dynamodb:DeleteTable",
    ],
    named(`arn:aws:dynamodb:${here}:table/`, "TableName"),
  ],
  "AWS::Events::Rule": [
    ["events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:DeleteRule", "events:DescribeRule"],
    named(`arn:aws:events:${here}:rule/`, "Name"),
  ],
  "AWS::IAM::Policy": [["iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"], role],
  "AWS::IAM::Role": [
    [
      "iam:CreateRole",
      "iam:GetRole",
      "iam:PassRole",
      "iam:AttachRolePolicy",
      "iam:DetachRolePolicy",
      "iam:TagRole",
      "iam:DeleteRole",
    ],
    role,
  ],
  "AWS::Lambda::EventInvokeConfig": [
    ["lambda:PutFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig"],
    made,
  ],
  "AWS::Lambda::EventSourceMapping": [
    ["lambda:CreateEventSourceMapping", "lambda:GetEventSourceMapping", "lambda:DeleteEventSourceMapping"],
    () => `arn:aws:lambda:${here}:event-source-mapping:a1b2`,
  ],
  "AWS::Lambda::Function": [
    [
      "lambda:CreateFunction",
      "lambda:GetFunction",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "lambda:PutFunctionConcurrency",
      "lambda:TagResource",
      "lambda:DeleteFunction",
    ],
    lambda,
  ],
  "AWS::Lambda::LayerVersion": [
    ["lambda:PublishLayerVersion", "lambda:GetLayerVersion", "lambda:DeleteLayerVersion"],
    () => `arn:aws:lambda:${here}:layer:AssetsAwsCliLayer:1`,
  ],
  "AWS::Lambda::Permission": [["lambda:AddPermission", "lambda:RemovePermission"], made],
  "AWS::Lambda::Url": [["lambda:CreateFunctionUrlConfig", "lambda:DeleteFunctionUrlConfig"], made],
  "AWS::Logs::LogGroup": [
    ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:DeleteLogGroup"],
    (it) => `arn:aws:logs:${here}:log-group:${it.LogGroupName}:*`,
  ],
  "AWS::Route53::RecordSet": [
    ["route53:ChangeResourceRecordSets", "route53:GetChange"],
    (it) => `arn:aws:route53:::hostedzone/${it.HostedZoneId}`,
  ],
  "AWS::S3::Bucket": [
    ["s3:CreateBucket", "s3:PutBucketPublicAccessBlock", "s3:PutEncryptionConfiguration", "s3:DeleteBucket"],
    bucket,
  ],
  "AWS::S3::BucketPolicy": [["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"], bucket],
  "AWS::SES::ConfigurationSet": [
    ["ses:CreateConfigurationSet", "ses:DeleteConfigurationSet", "ses:PutConfigurationSetSuppressionOptions"],
    named(`arn:aws:ses:${here}:configuration-set/`, "Name"),
  ],
  "AWS::SES::ConfigurationSetEventDestination": [
    ["ses:CreateConfigurationSetEventDestination", "ses:DeleteConfigurationSetEventDestination"],
    () => `arn:aws:ses:${here}:configuration-set/prod-laurel`,
  ],
  "AWS::SES::EmailIdentity": [
    ["ses:CreateEmailIdentity", "ses:GetEmailIdentity", "ses:DeleteEmailIdentity"],
    () => `arn:aws:ses:${here}:identity/shop.example.com`,
  ],
  "AWS::SNS::Subscription": [["sns:Subscribe", "sns:Unsubscribe", "sns:SetSubscriptionAttributes"], aTopic],
  "AWS::SNS::Topic": [["sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource", "sns:DeleteTopic"], topic],
  "AWS::SNS::TopicPolicy": [["sns:SetTopicAttributes"], aTopic],
  "AWS::SQS::Queue": [["sqs:CreateQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:DeleteQueue"], queue],
  "AWS::SQS::QueuePolicy": [["sqs:SetQueueAttributes"], () => `arn:aws:sqs:${here}:prod-laurel-jobs-dead`],
  "AWS::SSM::Parameter": [
    ["ssm:PutParameter", "ssm:GetParameters", "ssm:AddTagsToResource", "ssm:DeleteParameter"],
    (it) => `arn:aws:ssm:${here}:parameter${it.Name}`,
  ],
};

test("every resource that a deployment has may be made, changed and removed, under the name that it gets", () => {
  const missing = deployed.stacks.flatMap(({ stackName, template }) =>
    Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
      // A resource of our own is a call of its function.
      if (Type.startsWith("Custom::"))
        return mayDo("lambda:InvokeFunction", made(Properties, stackName)) ? [] : [`${id}: lambda:InvokeFunction`];
      const deed = deeds[Type];
      if (!deed) return [`${id}: nobody has thought about ${Type}`];
      const [actions, on] = deed;
      const resource = on(Properties, stackName);
      return actions.filter((action) => !mayDo(action, resource)).map((action) => `${id}: ${action} on ${resource}`);
    }),
  );
  expect(missing).toEqual([]);
});

test("every value that CloudFormation fetches for a template may be read", () => {
  const references = JSON.stringify(deployed.stacks.map(({ template }) => template)).matchAll(
    /\{\{resolve:ssm:([^}]+)\}\}/g,
  );
  for (const [, name] of references)
    expect(mayDo("ssm:GetParameters", `arn:aws:ssm:${here}:parameter${name}`)).toBe(true);
});

test.each([
  // What SST and the CDK do themselves, before and around the stacks.
  ["sts:GetCallerIdentity", "*"],
  ["sts:AssumeRole", "arn:aws:iam::123456789012:role/cdk-hnb659fds-file-publishing-role-123456789012-eu-central-1"],
  ["iam:PassRole", "arn:aws:iam::123456789012:role/cdk-hnb659fds-cfn-exec-role-123456789012-eu-central-1"],
  ["iam:CreateRole", "arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-eu-central-1"],
  ["iam:CreateRole", "arn:aws:iam::123456789012:role/SSTBootstrap-MetadataHandlerServiceRole1A2B-3C4D"],
  ["s3:CreateBucket", "arn:aws:s3:::cdk-hnb659fds-assets-123456789012-eu-central-1"],
  ["s3:PutObject", "arn:aws:s3:::sstbootstrap-eucentral16a1b2-1a2b/appMetadata/app.laurel/stage.prod.json"],
  ["ecr:CreateRepository", `arn:aws:ecr:${here}:repository/cdk-hnb659fds-container-assets-123456789012-eu-central-1`],
  ["ssm:PutParameter", `arn:aws:ssm:${here}:parameter/cdk-bootstrap/hnb659fds/version`],
  ["ssm:GetParameter", `arn:aws:ssm:${here}:parameter/cdk-bootstrap/hnb659fds/version`],
  ["cloudformation:CreateChangeSet", `arn:aws:cloudformation:${here}:stack/CDKToolkit/a1b2`],
  ["cloudformation:CreateStack", `arn:aws:cloudformation:${here}:stack/SSTBootstrap/a1b2`],
  ["cloudformation:CreateStack", `arn:aws:cloudformation:${here}:stack/prod-laurel-Http/a1b2`],
  ["cloudformation:DescribeStackEvents", `arn:aws:cloudformation:${here}:stack/prod-laurel-Http/a1b2`],
  ["cloudformation:DeleteStack", `arn:aws:cloudformation:${here}:stack/try-laurel-Http/a1b2`],
  ["cloudformation:ListImports", "*"],
  ["lambda:CreateFunction", `arn:aws:lambda:${here}:function:SSTBootstrap-MetadataHandlerAFA116B0-1a2b`],
  ["events:PutRule", `arn:aws:events:${here}:rule/SSTBootstrap-MetadataRule-1A2B`],
  // What is looked at before anything is created, and what setup makes.
  ["ssm:GetParameters", `arn:aws:ssm:${here}:parameter/laurel/prod/origin-secret`],
  ["ssm:PutParameter", `arn:aws:ssm:${here}:parameter/laurel/prod/keys`],
])("%s may be done on %s", (action, resource) => {
  expect(mayDo(action, resource)).toBe(true);
});

test.each([
  ["iam:CreateUser", "arn:aws:iam::123456789012:user/somebody"],
  ["iam:CreateAccessKey", "arn:aws:iam::123456789012:user/somebody"],
  ["iam:PassRole", "arn:aws:iam::123456789012:role/Administrator"],
  ["iam:PutRolePolicy", "arn:aws:iam::123456789012:role/Administrator"],
  ["s3:GetObject", "arn:aws:s3:::payroll/2026.csv"],
  ["lambda:UpdateFunctionCode", `arn:aws:lambda:${here}:function:another-app`],
  ["ssm:GetParameter", `arn:aws:ssm:${here}:parameter/another-app/secret`],
  ["dynamodb:Scan", `arn:aws:dynamodb:${here}:table/prod-laurel-table`],
  ["dynamodb:GetItem", `arn:aws:dynamodb:${here}:table/prod-laurel-table`],
  ["cloudformation:DeleteStack", `arn:aws:cloudformation:${here}:stack/another-app/a1b2`],
  ["ec2:RunInstances", "*"],
  ["kms:Decrypt", "*"],
])("%s may not be done on %s", (action, resource) => {
  expect(mayDo(action, resource)).toBe(false);
});

test("IAM takes it as a managed policy", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space is not counted
  expect(text.replaceAll(/\s/g, "").length).toBeLessThanOrEqual(6144);
  expect(policy.Version).toBe("2012-10-17");
  const names = policy.Statement.map(({ Sid }) => Sid);
  expect(new Set(names).size).toBe(names.length);
  for (const statement of policy.Statement) {
    expect(statement.Sid).toMatch(/^[A-Za-z0-9]+$/);
    expect(listOf(statement.Action)).not.toContain("*");
    for (const action of listOf(statement.Action)) expect(action).toMatch(/^[a-z0-9-]+:[A-Za-z*]+$/);
  }
});
