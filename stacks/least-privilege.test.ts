import { afterAll, beforeAll, expect, test } from "vitest";
import { type Json, mostSettings, type Synth, synth } from "./synth.testing.ts";

let deployed: Synth;
beforeAll(async () => {
  deployed = await synth({ settings: mostSettings });
}, 60_000);
afterAll(() => deployed.dispose());

const listOf = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

/** An intrinsic as the text that it will roughly be. */
function textOf(value: Json): string {
  if (typeof value === "string") return value;
  if (value.Ref) return value.Ref === "AWS::Partition" ? "aws" : `<${value.Ref}>`;
  if (value["Fn::Join"]) return value["Fn::Join"][1].map(textOf).join(value["Fn::Join"][0]);
  if (value["Fn::GetAtt"]) return `<${value["Fn::GetAtt"].join(".")}>`;
  if (value["Fn::ImportValue"]) return `<${value["Fn::ImportValue"].replace(/^.*ExportsOutput(FnGetAtt|Ref)/, "")}>`;
  return JSON.stringify(value);
}

/** A resource in as few words as tell it apart. */
const short = (resource: string): string =>
  resource
    .replace(/<TableCD\w+?StreamArn\w+>/, "the table's stream")
    .replace(/<TableCD\w+?Arn\w+>/, "the table")
    .replace(/<(\w+?)Log[0-9A-F]{8}\.Arn>/, "its own log")
    .replace(/<(\w+?)Dead[0-9A-F]{8}\.Arn>/, (_, name: string) => `dead letters of ${name.toLowerCase()}`)
    .replace(/^arn:aws:ssm:eu-central-1:123456789012:parameter/, "parameter ")
    .replace(/^arn:aws:(\w+):([\w-]*):\d*:/, (_, service: string, region: string) =>
      region === "us-east-1" ? `${service} in us-east-1 ` : `${service} `,
    );

/** One line for each action on each resource: what it is, and within which bounds. */
function linesOf(statements: Json[]): string[] {
  return statements
    .flatMap(({ Effect, Action, Resource, Condition = {} }) => {
      const bounds = Object.values(Condition as Record<string, Json>).flatMap((each) => Object.values(each).flat());
      return listOf(Resource).map((resource) => {
        const on = `${short(textOf(resource))}${bounds.length > 0 ? ` where ${bounds.join(" ")}` : ""}`;
        return `${Effect === "Deny" ? "never " : ""}${listOf(Action).join(" ")}: ${on}`;
      });
    })
    .sort();
}

const everything =
  "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:ConditionCheckItem";
/** Every function writes its log and its trace. */
const common = [
  "logs:CreateLogStream logs:PutLogEvents: its own log",
  "xray:PutTraceSegments xray:PutTelemetryRecords: *",
];
const lists = (...indexes: string[]) => indexes.map((index) => `dynamodb:Query: the table/index/${index}`);
const read = (...names: string[]) => names.map((name) => `ssm:GetParameter: parameter /laurel/prod/${name}`);
const secrets = "parameter /laurel/prod/connections/*";
const mails = ["identity/*", "configuration-set/prod-laurel"].map(
  (to) => `ses:SendEmail: ses ${to} where hello@shop.example.com`,
);
const stream = [
  "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator: the table's stream",
  "dynamodb:ListStreams: *",
];
const dead = (name: string) => `sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl: dead letters of ${name}`;

/** All that the functions may do. Who changes this says why in the same commit. */
const rights: Record<string, string[]> = {
  alarm: [...read("slack-webhook"), dead("alarm")],
  api: [
    `${everything}: the table`,
    ...lists("gsi1", "gsi2"),
    ...read("keys", "public-origin", "connections/*"),
    `ssm:PutParameter: ${secrets}`,
    "ses:GetEmailIdentity: ses identity/hello@shop.example.com",
    "ses:GetEmailIdentity: ses identity/shop.example.com",
    "ses:GetAccount ses:DeleteSuppressedDestination: *",
  ],
  effects: [
    `${everything}: the table`,
    ...lists("gsi1"),
    ...read("keys", "public-origin", "connections/*"),
    `ssm:PutParameter ssm:DeleteParameter: ${secrets}`,
    ...mails,
    ...stream,
    dead("effects"),
  ],
  day: [
    "dynamodb:Query: the table where PROGRAM",
    "dynamodb:GetItem dynamodb:PutItem: the table where COMPARISON#* JOB#*",
    dead("jobs"),
  ],
  feedback: [
    "dynamodb:GetItem: the table where EMAIL#* PERSON#*",
    "dynamodb:PutItem: the table where PERSON#*",
    ...read("keys", "public-origin"),
    dead("feedback"),
  ],
  global: [
    "acm:DescribeCertificate acm:DeleteCertificate acm:AddTagsToCertificate acm:ListTagsForCertificate: acm in us-east-1 certificate/*",
    "acm:RequestCertificate: *",
    ...["Certificate", "Firewall"].map(
      (part) =>
        `cloudformation:CreateStack cloudformation:UpdateStack cloudformation:DeleteStack cloudformation:DescribeStacks cloudformation:DescribeStackEvents: cloudformation in us-east-1 stack/prod-laurel-${part}-eu-central-1/*`,
    ),
    "route53:ChangeResourceRecordSets route53:GetHostedZone: route53 hostedzone/Z0123456789ABCDEFGHIJ",
    "route53:GetChange: route53 change/*",
    "wafv2:CreateWebACL wafv2:GetWebACL wafv2:UpdateWebACL wafv2:DeleteWebACL wafv2:ListTagsForResource wafv2:TagResource wafv2:UntagResource: wafv2 in us-east-1 global/webacl/prod-laurel-firewall-eu-central-1/*",
  ],
  minute: [
    `${everything}: the table`,
    ...lists("gsi1", "gsi2"),
    ...read("keys", "public-origin", "connections/*"),
    `ssm:PutParameter ssm:DeleteParameter: ${secrets}`,
    ...mails,
    dead("jobs"),
  ],
  redirect: ["dynamodb:GetItem: the table where CODE#* PROGRAM", "dynamodb:PutItem: the table where CLICK#*"],
  rollups: [
    "dynamodb:Query: the table where PROGRAM",
    "dynamodb:PutItem: the table where ROLLED#*",
    "dynamodb:UpdateItem: the table where ROLL#*",
    ...stream,
    dead("rollups"),
  ],
  webhook: [
    "dynamodb:GetItem dynamodb:BatchGetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem: the table",
    "dynamodb:Query: the table where PROGRAM",
    `never ${everything.replace("dynamodb:GetItem ", "")}: the table where PERSON#*`,
    "never dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem: the table where EMAIL#*",
    "never dynamodb:PutItem dynamodb:DeleteItem: the table where PROGRAM",
    ...read("keys", "public-origin", "connections/*"),
  ],
};

test("each function may do what is written here, and nothing else", () => {
  const found = Object.fromEntries(deployed.functions.map(({ name, statements }) => [name, linesOf(statements)]));
  const expected = Object.fromEntries(
    Object.entries(rights).map(([name, lines]) => [name, [...lines, ...common].sort()]),
  );
  expect(found).toEqual(expected);
});

test("a function that gains an action is noticed", () => {
  const { statements } = deployed.functions.find(({ name }) => name === "redirect")!;
  const more = statements.map((each) =>
    each.Action === "dynamodb:PutItem" ? { ...each, Action: [each.Action, "dynamodb:DeleteItem"] } : each,
  );
  expect(linesOf(more)).not.toEqual(linesOf(statements));
  const wider = statements.map(({ Condition: _, ...each }) => each);
  expect(linesOf(wider)).not.toEqual(linesOf(statements));
});

test("no function may scan, change a table, or read another's secrets", () => {
  for (const { statements } of deployed.functions) {
    const actions = statements.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => listOf(Action));
    for (const action of actions)
      expect(action).not.toMatch(/dynamodb:(Scan|.*Table|PartiQL)|secretsmanager|kms:|iam:|sts:|s3:|\*/);
  }
});

/** Open ends in what somebody may do, as `action: resource`, and why each is one. */
const openEnds: Record<string, string> = {
  "xray:PutTraceSegments: *": "X-Ray knows no resources.",
  "xray:PutTelemetryRecords: *": "X-Ray knows no resources.",
  "dynamodb:ListStreams: *": "To list streams can't be limited to one.",
  "ses:GetAccount: *": "The account is no resource.",
  "ses:DeleteSuppressedDestination: *": "The account's list of held-back addresses is no resource.",
  "ses:SendEmail: ses identity/*": "In SES's sandbox recipients are identities too; the sender is a condition.",
  "ssm:GetParameter: parameter /laurel/prod/connections/*": "Connections are made in the portal, after the deployment.",
  "ssm:PutParameter: parameter /laurel/prod/connections/*": "Connections are made in the portal, after the deployment.",
  "ssm:DeleteParameter: parameter /laurel/prod/connections/*": "Connections are made in the portal.",
  "acm:RequestCertificate: *": "A certificate has no id before it is requested.",
  "acm:*Certificate: acm in us-east-1 certificate/*": "ACM chooses the ids of certificates.",
  "cloudformation:*: cloudformation in us-east-1 stack/prod-laurel-Certificate-eu-central-1/*":
    "A stack's id ends in AWS's.",
  "cloudformation:*: cloudformation in us-east-1 stack/prod-laurel-Firewall-eu-central-1/*":
    "A stack's id ends in AWS's.",
  "route53:GetChange: route53 change/*": "Route 53 chooses the ids of changes.",
  "wafv2:*: wafv2 in us-east-1 global/webacl/prod-laurel-firewall-eu-central-1/*": "An ACL's id ends in AWS's.",
  "s3:*: <Files8E6940B8.Arn>": "AWS's own helpers fill and empty the portal's bucket.",
  "s3:*: <Files8E6940B8.Arn>/*": "AWS's own helpers fill and empty the portal's bucket.",
  "s3:*: s3 cdk-hnb659fds-assets-123456789012-eu-central-1": "AWS's own helper reads what was uploaded to be deployed.",
  "s3:*: s3 cdk-hnb659fds-assets-123456789012-eu-central-1/*":
    "AWS's own helper reads what was uploaded to be deployed.",
};

test("no action and no resource is open without a reason", () => {
  const statements = deployed.stacks.flatMap(({ template }) =>
    Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => [
      ...(Type === "AWS::IAM::Policy" ? Properties.PolicyDocument.Statement : []),
      ...(Properties.Policies ?? []).flatMap((each: Json) => each.PolicyDocument.Statement),
    ]),
  );
  const open = statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Resource }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource) => ({ action: String(action), on: short(textOf(resource)) })),
      ),
    )
    .filter(({ action, on }) => action.includes("*") || on.includes("*"));
  const reasonOf = ({ action, on }: { action: string; on: string }) =>
    Object.keys(openEnds).find((key) => {
      const at = key.indexOf(": ");
      return key.slice(at + 2) === on && new RegExp(`^${key.slice(0, at).replaceAll("*", ".*")}$`).test(action);
    });
  expect(open.length).toBeGreaterThan(20);
  expect(open.filter((each) => !reasonOf(each))).toEqual([]);
  // A reason for something that is no more would cover what comes.
  const needed = new Set(open.map(reasonOf));
  expect(Object.keys(openEnds).filter((key) => !needed.has(key))).toEqual([]);
});

test("nobody outside may call a function but by its address, where the origin secret is asked for", () => {
  const permissions = deployed.stacks.flatMap(({ template }) =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === "AWS::Lambda::Permission")
      .map(({ Properties }) => Properties!),
  );
  const open = permissions.filter(({ Principal }) => Principal === "*");
  const calls = open.map(({ Action, FunctionUrlAuthType, InvokedViaFunctionUrl }) => ({
    Action,
    FunctionUrlAuthType,
    InvokedViaFunctionUrl,
  }));
  // Both, since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  for (const call of calls)
    expect([
      { Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE", InvokedViaFunctionUrl: undefined },
      { Action: "lambda:InvokeFunction", FunctionUrlAuthType: undefined, InvokedViaFunctionUrl: true },
    ]).toContainEqual(call);
  const urls = ["ApiF", "Webhook", "Redirect"];
  for (const name of urls)
    expect(open.filter(({ FunctionName }) => FunctionName["Fn::GetAtt"][0].startsWith(name))).toHaveLength(2);
  expect(open).toHaveLength(6);
  for (const { Principal, SourceArn } of permissions.filter((each) => each.Principal !== "*")) {
    expect(Principal).toMatch(/\.amazonaws\.com$/);
    expect(SourceArn).toBeDefined();
  }
  const addresses = Object.values(deployed.template("Http").Resources).filter(
    ({ Type }) => Type === "AWS::Lambda::Url",
  );
  expect(addresses).toHaveLength(3);
  for (const { Properties } of addresses) {
    expect(Properties).toMatchObject({ AuthType: "NONE", InvokeMode: "BUFFERED" });
    expect(Properties!.Cors).toBeUndefined();
  }
});
