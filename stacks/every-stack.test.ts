import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { templatesOf } from "./global.ts";
import { type Json, mostSettings, type Synth, synth, type Template } from "./synth.testing.ts";
import { pointersIn, propertyFaults, referenceFaults, specification } from "./valid.testing.ts";

/** What holds for every stack there is, whoever wrote it: as little as can be deployed, as much, and with all its files. */
const kinds = ["least", "most", "deployed"] as const;
const made = {} as Record<(typeof kinds)[number], Synth>;

beforeAll(async () => {
  made.least = await synth({ stage: "try" });
  made.most = await synth({ settings: mostSettings });
  made.deployed = await synth({ mode: "deploy", settings: mostSettings });
}, 120_000);
afterAll(() => {
  for (const each of Object.values(made)) each.dispose();
});

/** Every resource of a type in all stacks, as `Stack/LogicalId`. */
const all = (kind: (typeof kinds)[number], type: string) =>
  made[kind].stacks.flatMap(({ name, template }) =>
    Object.entries(template.Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, resource]) => ({ at: `${name}/${id}`, template, ...resource, Properties: resource.Properties ?? {} })),
  );

/** Functions that AWS's own constructs bring along; they run while a deployment or a removal does. */
const helper = /^Portal\/Custom(S3AutoDeleteObjects|CDKBucketDeployment)/;

describe.each(kinds)("%s", (kind) => {
  test("CloudFormation knows every resource, every property, and what each of them requires", async () => {
    const db = await specification();
    expect(made[kind].stacks.flatMap(({ template }) => propertyFaults(db, template))).toEqual([]);
  });

  test("every reference leads somewhere, and none in a circle, within a stack or between stacks", async () => {
    expect(referenceFaults(await specification(), made[kind].stacks)).toEqual([]);
  });

  test("a stack has at most 400 resources, 200 outputs and a megabyte", () => {
    for (const { template } of made[kind].stacks) {
      expect(Object.keys(template.Resources).length).toBeGreaterThan(0);
      expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(400);
      expect(Object.keys(template.Outputs ?? {}).length).toBeLessThanOrEqual(200);
      expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
    }
  });

  test("cdk-nag finds nothing that has no reason", () => {
    expect(made[kind].stacks.flatMap(({ nags }) => nags)).toEqual([]);
  });

  test("every reason that cdk-nag is given is a sentence", () => {
    const reasons = made[kind].stacks
      .flatMap(({ template }) => Object.values(template.Resources))
      .flatMap(({ Metadata }) => Metadata?.cdk_nag?.rules_to_suppress ?? []);
    expect(reasons.length).toBeGreaterThan(10);
    for (const { reason } of reasons) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  test("every function runs Node 24 on arm64, is traced, and may take as long as whoever waits for it", () => {
    const functions = all(kind, "AWS::Lambda::Function").filter(({ at }) => !helper.test(at));
    expect(functions.length).toBe(made[kind].functions.length);
    for (const { Properties } of functions) {
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        TracingConfig: { Mode: "Active" },
      });
      expect(Properties.FunctionName).toMatch(/^(try|prod)-laurel-[a-z]+$/);
      expect(Properties.Description.length).toBeLessThanOrEqual(256);
      expect(Properties.Timeout).toBeLessThanOrEqual(900);
    }
  });

  test("of what AWS brings along, only the upload of the portal is not on arm64: its command line is AWS's", () => {
    const helpers = all(kind, "AWS::Lambda::Function").filter(({ at }) => helper.test(at));
    const foreign = helpers.filter(({ Properties }) => !Properties.Architectures?.includes("arm64"));
    expect(foreign.map(({ at }) => at.replace(/[0-9A-F]{8}.*$/, ""))).toEqual(["Portal/CustomCDKBucketDeployment"]);
  });

  test("every function writes a log of its own stack that ends", () => {
    for (const { at, template, Properties } of all(kind, "AWS::Lambda::Function")) {
      const group = Properties.LoggingConfig?.LogGroup?.Ref;
      expect(group, at).toBeDefined();
      expect(template.Resources[group]).toMatchObject({ Type: "AWS::Logs::LogGroup" });
    }
    for (const { Properties, DeletionPolicy } of all(kind, "AWS::Logs::LogGroup")) {
      expect(Properties.RetentionInDays).toBe(30);
      // A name that is left behind would stop the next deployment.
      expect(DeletionPolicy).toBe("Delete");
    }
  });

  test("every function has a role of its own, which Lambda alone takes on and no policy of AWS's widens", () => {
    const roles = made[kind].functions.map(({ properties }) => properties.Role["Fn::GetAtt"][0] as string);
    expect(new Set(roles).size).toBe(roles.length);
    for (const { Properties } of all(kind, "AWS::IAM::Role")) {
      const [statement, ...more] = Properties.AssumeRolePolicyDocument.Statement;
      expect(more).toEqual([]);
      expect(Object.keys(statement.Principal)).toEqual(["Service"]);
    }
    const managed = all(kind, "AWS::IAM::Role").filter(({ Properties }) => Properties.ManagedPolicyArns);
    for (const { at } of managed) expect(at).toMatch(helper);
  });

  test("everything with a name has its stage in it, so that two stages never meet", () => {
    const stage = kind === "least" ? "try" : "prod";
    const names = made[kind].stacks.flatMap(({ name, template }) =>
      Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) =>
        Object.entries(Properties)
          .filter(([key, value]) => /^(.*Name|Name)$/.test(key) && typeof value === "string")
          // These are told apart by what they belong to.
          .filter(([key]) => !/^(PolicyName|MetricName|DomainName|AttributeName|QualifiedName)$/.test(key))
          .filter(() => !/Subscription|RecordSet|EventDestination|^Custom::CDKBucket/.test(Type))
          .map(([key, value]) => ({ at: `${name}/${id}.${key}`, value: String(value) })),
      ),
    );
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter(({ value }) => !value.includes(stage))).toEqual([]);
  });

  test("every value of every environment can be resolved", () => {
    const parameters = ["origin-secret", "origin-secret-next"];
    for (const { name, environment, stack } of made[kind].functions) {
      const { template } = made[kind].stacks.find((each) => each.name === stack)!;
      for (const [variable, value] of Object.entries(environment)) {
        const at = `${name}.${variable}`;
        if (typeof value === "string") {
          expect(value, at).not.toBe("");
          for (const [, path] of value.matchAll(/\{\{resolve:ssm:([^}]+)\}\}/g))
            expect(parameters.map((each) => `/laurel/${made[kind].app.stage}/${each}`)).toContain(path);
          expect(value.replaceAll(/\{\{resolve:ssm:[^}]+\}\}/g, ""), at).not.toMatch(/\$\{|\{\{|undefined|Token/);
        } else {
          // Where these lead is looked at with all other references.
          const pointers = pointersIn(value, at);
          expect(pointers.length, at).toBeGreaterThan(0);
          for (const { kind: pointer, to } of pointers)
            expect(pointer === "Fn::ImportValue" || to in template.Resources || to.startsWith("AWS::"), at).toBe(true);
        }
      }
      expect(JSON.stringify(environment).length).toBeLessThan(4096);
      expect(Object.keys(environment).filter((variable) => /^(SST_|AWS_)/.test(variable))).toEqual([]);
    }
  });

  test("secrets come by reference alone", () => {
    const text = JSON.stringify(made[kind].stacks.map(({ template }) => template));
    expect(text).not.toMatch(/ssm-secure|sk_(live|test)_|whsec_|AKIA[0-9A-Z]{16}/);
  });
});

/**
 * Every kind of resource that a deployment may have, and what one of it costs while nobody does anything, as of November 2026.
 * What bills by the hour (gateways, load balancers, databases with servers, keys, secrets, kept instances) is not among them.
 */
const idleUsdAMonth: Record<string, number> = {
  "AWS::Budgets::Budget": 0,
  "AWS::CloudFront::CachePolicy": 0,
  "AWS::CloudFront::Distribution": 0,
  "AWS::CloudFront::Function": 0,
  "AWS::CloudFront::OriginAccessControl": 0,
  "AWS::CloudFront::ResponseHeadersPolicy": 0,
  "AWS::CloudWatch::Alarm": 0.1,
  "AWS::CloudWatch::Dashboard": 3,
  "AWS::DynamoDB::Table": 0,
  "AWS::Events::Rule": 0,
  "AWS::IAM::Policy": 0,
  "AWS::IAM::Role": 0,
  "AWS::Lambda::EventInvokeConfig": 0,
  "AWS::Lambda::EventSourceMapping": 0,
  "AWS::Lambda::Function": 0,
  "AWS::Lambda::LayerVersion": 0,
  "AWS::Lambda::Permission": 0,
  "AWS::Lambda::Url": 0,
  "AWS::Logs::LogGroup": 0,
  "AWS::Route53::RecordSet": 0,
  "AWS::S3::Bucket": 0,
  "AWS::S3::BucketPolicy": 0,
  "AWS::SES::ConfigurationSet": 0,
  "AWS::SES::ConfigurationSetEventDestination": 0,
  "AWS::SES::EmailIdentity": 0,
  "AWS::SNS::Subscription": 0,
  "AWS::SNS::Topic": 0,
  "AWS::SNS::TopicPolicy": 0,
  "AWS::SQS::Queue": 0,
  "AWS::SQS::QueuePolicy": 0,
  "AWS::SSM::Parameter": 0,
  "Custom::CDKBucketDeployment": 0,
  "Custom::Global": 0,
  "Custom::S3AutoDeleteObjects": 0,
};

test("nothing bills while nobody does anything, but for alarms and a dashboard beyond what is always free", () => {
  const types = made.deployed.stacks.flatMap(({ template }) =>
    Object.values(template.Resources).map(({ Type }) => Type),
  );
  expect([...new Set(types)].filter((type) => idleUsdAMonth[type] === undefined)).toEqual([]);
  const count = (type: string) => types.filter((each) => each === type).length;
  // Of every account ten alarms and three dashboards are free for good.
  expect(Math.max(0, count("AWS::CloudWatch::Alarm") - 10) * 0.1).toBeLessThanOrEqual(2);
  expect(count("AWS::CloudWatch::Dashboard")).toBeLessThanOrEqual(3);
});

test("nothing is kept running: no provisioned capacity, no kept instances by default, no key of our own", () => {
  for (const kind of kinds) {
    const text = JSON.stringify(made[kind].stacks.map(({ template }) => template));
    expect(text).not.toMatch(/ProvisionedConcurrency|ProvisionedThroughput|KmsMasterKeyId|SSESpecification|VpcConfig/);
  }
  expect(JSON.stringify(made.least.stacks.map(({ template }) => template))).not.toContain("ReservedConcurrent");
});

test("instances are kept for the functions that the configuration names", () => {
  const kept = Object.fromEntries(
    made.most.functions.map(({ name, properties }) => [name, properties.ReservedConcurrentExecutions]),
  );
  expect(kept).toMatchObject({ webhook: 20, redirect: 20, api: undefined, effects: undefined });
});

test("what lies in us-east-1 is valid too", async () => {
  const config = readConfig({ stage: "prod", region: "eu-central-1" }, mostSettings as never);
  const templates = Object.entries(templatesOf(config)) as unknown as [string, Template][];
  expect(templates.map(([name]) => name)).toEqual(["Certificate", "Firewall"]);
  const db = await specification();
  for (const [name, template] of templates) {
    expect(Object.keys(template.Resources)).toEqual([name]);
    expect(propertyFaults(db, template)).toEqual([]);
    expect(referenceFaults(db, [{ name, stackName: "", template, after: [], nags: [] }])).toEqual([]);
  }
});

test("prod keeps its data and nothing else; another stage keeps nothing", () => {
  const kept = (kind: (typeof kinds)[number]) =>
    made[kind].stacks.flatMap(({ template }) =>
      Object.values(template.Resources)
        .filter(({ DeletionPolicy }) => DeletionPolicy === "Retain" || DeletionPolicy === "Snapshot")
        .map(({ Type }) => Type),
    );
  expect(kept("most")).toEqual(["AWS::DynamoDB::Table"]);
  expect(kept("least")).toEqual([]);
});

test("every function is bundled with what it reads, minified, without a map of its sources", () => {
  expect(made.deployed.functions.length).toBeGreaterThanOrEqual(9);
  for (const { name, bundle, handler } of made.deployed.functions) {
    expect(existsSync(join(bundle!, handler.replace(/\.handler$/, ".mjs"))), name).toBe(true);
    const files = readdirSync(bundle!, { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /\.(map|ts)$|(^|\/)\.env|node_modules/.test(file))).toEqual([]);
    for (const file of files.filter((each) => each.endsWith(".mjs")))
      expect(readFileSync(join(bundle!, file), "utf8"), file).not.toContain("sourceMappingURL");
  }
});

test("the portal is uploaded whole: assets first, its page last and never kept by a browser", () => {
  const { Resources } = made.deployed.template("Portal");
  const uploads = Object.entries(Resources).filter(([, { Type }]) => Type === "Custom::CDKBucketDeployment");
  const [assets, page] = ["Assets", "Page"].map((id) => uploads.find(([each]) => each.startsWith(id))!);
  expect(uploads.length).toBe(2);
  expect(assets![1].Properties).toMatchObject({
    DestinationBucketKeyPrefix: "assets",
    SystemMetadata: { "cache-control": "public, max-age=31536000, immutable" },
    Prune: false,
  });
  expect(page![1].Properties).toMatchObject({ SystemMetadata: { "cache-control": "no-cache" }, Prune: false });
  expect(page![1].DependsOn).toContain(assets![0]);
});

test("the portal that is uploaded runs nothing inline, names nothing that is not there, and tells no sources", () => {
  const folder = made.deployed.portal!;
  const page = readFileSync(join(folder, "index.html"), "utf8");
  expect(page).not.toMatch(/<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=/i);
  const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(2);
  for (const path of named) expect(existsSync(join(folder, path)), path).toBe(true);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
  for (const file of files.filter((each) => /^assets\/.*\.js$/.test(each)))
    expect(readFileSync(join(folder, file), "utf8"), file).not.toContain("sourceMappingURL");
  // What is kept for a year must have another name when it changes.
  for (const file of files.filter((each) => each.startsWith("assets/"))) expect(file).toMatch(/-[\w-]{8}\.\w+$/);
});

test("who is woken by the clock or the stream comes after what it reads", () => {
  for (const name of ["Jobs", "Stream"])
    expect(made.least.stacks.find((each) => each.name === name)!.after).toEqual(
      expect.arrayContaining(["Data", "Portal"]),
    );
});

describe("the rules themselves see", () => {
  const template = (Resources: Template["Resources"]): Template => ({ Resources });
  const queue = (Properties: Record<string, Json>) => template({ Queue: { Type: "AWS::SQS::Queue", Properties } });
  const stack = (name: string, one: Template, after: string[] = []) => ({
    name,
    stackName: name,
    template: one,
    after,
    nags: [],
  });

  test.each([
    ["a resource that is none", template({ Q: { Type: "AWS::SQS::Quue" } }), "Q: there is no AWS::SQS::Quue"],
    ["a property that is none", queue({ QueName: "a" }), "Queue.QueName: there is no such property"],
    ["a value of another kind", queue({ DelaySeconds: "soon" }), 'Queue.DelaySeconds: is not a whole number: "soon"'],
    ["a list that is none", queue({ Tags: "a" }), 'Queue.Tags: is not a list: "a"'],
    [
      "what is required and absent",
      template({ P: { Type: "AWS::Lambda::Permission", Properties: { Action: "a", Principal: "*" } } }),
      "P.FunctionName: is required",
    ],
    [
      "what is wrong deep inside",
      template({ F: { Type: "AWS::Lambda::Function", Properties: { Role: "r", Code: { ZipFil: "x" } } } }),
      "F.Code.ZipFil: there is no such property",
    ],
  ])("%s", async (_, one, fault) => {
    expect(propertyFaults(await specification(), one)).toEqual([fault]);
  });

  test("references to nothing, to attributes that there are not, and circles", async () => {
    const db = await specification();
    const faults = (...stacks: Parameters<typeof stack>[]) =>
      referenceFaults(
        db,
        stacks.map((each) => stack(...each)),
      );
    expect(faults(["A", queue({ QueueName: { Ref: "Nobody" } })])).toEqual([
      "A/Queue.QueueName: Ref Nobody leads nowhere",
    ]);
    expect(faults(["A", queue({ QueueName: { "Fn::GetAtt": ["Queue", "Colour"] } })])[0]).toContain("Queue.Colour");
    expect(faults(["A", queue({ QueueName: { "Fn::Sub": "a-${Other}" } })])[0]).toContain("Ref Other");
    expect(faults(["A", queue({ QueueName: { "Fn::ImportValue": "B:x" } })])[0]).toContain("B:x leads nowhere");
    expect(faults(["A", queue({ QueueName: { "Fn::GetAtt": ["Queue", "Arn"] } })])).toEqual([
      "A: in a circle: Queue → Queue",
    ]);
    const exporting = (Name: string, importing: string): Template => ({
      ...queue({ QueueName: { "Fn::ImportValue": importing } }),
      Outputs: { O: { Value: "x", Export: { Name } } },
    });
    expect(faults(["A", exporting("a", "b")], ["B", exporting("b", "a")])).toEqual(["stacks in a circle: A → B → A"]);
  });
});
