import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { factsAtOnce } from "@laurel/core/rollup";
import { consumed, keys } from "@laurel/core/table";
import { Template } from "aws-cdk-lib/assertions";
import type { DynamoDBRecord } from "aws-lambda";
import { App, getStack } from "sst/constructs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEffects } from "../functions/stream/effects.ts";
import { wakes } from "../functions/stream/records.ts";
import { createRollups } from "../functions/stream/rollups.ts";
import { bulk } from "../packages/core/src/application/index.ts";
import { confirmed } from "../packages/core/src/application/testing.ts";
import { recordClick } from "../packages/core/src/click/record.ts";
import {
  ambassador,
  event,
  openCheckout,
  purchase,
  refund,
  session,
  withCode,
} from "../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { recordsOf } from "../packages/local/testing/stream.ts";
import { runtimeOn, wrapped } from "../packages/local/testing/wrap.ts";
import { provideConfig, readConfig } from "./config.ts";
import { Data } from "./data.ts";
import { matches } from "./event-pattern.testing.ts";
import { Mail } from "./mail.ts";
import { type Json, leastSettings, mostSettings, type Synth, synth } from "./synth.testing.ts";

let least: Synth;
let most: Synth;
beforeAll(async () => {
  least = await synth({ settings: { ...leastSettings } });
  most = await synth({ settings: { ...mostSettings } });
}, 60_000);
afterAll(() => {
  least.dispose();
  most.dispose();
});

/** All resources of a kind in all stacks. */
const all = (of: Synth, type: string): Json[] =>
  of.stacks.flatMap(({ template }) => Object.values(template.Resources).filter((each) => each.Type === type));
const one = (of: Synth, type: string, where: (properties: Json) => boolean): Json => {
  const found = all(of, type).filter(({ Properties }) => where(Properties));
  expect(found).toHaveLength(1);
  return found[0].Properties;
};
const functionNamed = (of: Synth, name: string) => of.functions.find((each) => each.name === name)!;
/** The queue that something refers to. */
function queueOf(of: Synth, stack: string, arn: Json): Json {
  return of.template(stack).Resources[arn["Fn::GetAtt"][0]]!.Properties;
}

describe("dead-letter queues", () => {
  test("are encrypted, keep for 14 days and speak TLS alone", () => {
    const queues = most.stacks.flatMap(({ template }) =>
      Object.entries(template.Resources).filter(([, { Type }]) => Type === "AWS::SQS::Queue"),
    );
    expect(queues.map(([, { Properties }]) => Properties!.QueueName).sort()).toEqual(
      ["alarm", "effects", "feedback", "jobs", "rollups"].map((name) => `prod-laurel-${name}-dead`),
    );
    for (const [id, { Properties }] of queues) {
      expect(Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
      const policy = one(most, "AWS::SQS::QueuePolicy", ({ Queues }) => Queues[0].Ref === id);
      expect(policy.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Action: "sqs:*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });

  test("stand behind everything that wakes a function without waiting for its answer", () => {
    const sources = all(most, "AWS::Lambda::EventSourceMapping");
    expect(sources.map(({ Properties }) => Boolean(Properties.DestinationConfig.OnFailure))).toEqual([true, true]);
    for (const { Properties } of all(most, "AWS::SNS::Subscription"))
      expect(Boolean(Properties.RedrivePolicy)).toBe(Properties.Protocol === "lambda");
    const rules = all(most, "AWS::Events::Rule").flatMap(({ Properties }) => Properties.Targets);
    expect(rules.length).toBeGreaterThan(0);
    for (const target of rules) expect(target.DeadLetterConfig.Arn).toBeDefined();
    // Who is called by a topic or a rule is called asynchronously.
    const called = all(most, "AWS::Lambda::Permission")
      .filter(({ Properties }) => /^(sns|events)\./.test(Properties.Principal))
      .map(({ Properties }) => JSON.stringify(Properties.FunctionName));
    const kept = all(most, "AWS::Lambda::EventInvokeConfig").map(({ Properties }) => Properties);
    expect(called).toHaveLength(4);
    expect(kept).toHaveLength(4);
    for (const { DestinationConfig, MaximumRetryAttempts } of kept) {
      expect(DestinationConfig.OnFailure.Destination["Fn::GetAtt"][0]).toMatch(/Dead/);
      expect(MaximumRetryAttempts).toBeLessThanOrEqual(2);
    }
  });
});

describe("readers of the table's stream", () => {
  const sourceOf = (name: string) =>
    one(least, "AWS::Lambda::EventSourceMapping", ({ FunctionName }) =>
      FunctionName.Ref.startsWith(functionNamed(least, name).logicalId),
    );

  test("are two", () => {
    expect(all(least, "AWS::Lambda::EventSourceMapping")).toHaveLength(2);
  });

  test.each(["rollups", "effects"] as const)("%s: one batch of a shard at a time, with an end to its tries", (name) => {
    const source = sourceOf(name);
    expect(source).toMatchObject({
      StartingPosition: "TRIM_HORIZON",
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      BisectBatchOnFunctionError: true,
      ParallelizationFactor: 1,
      MaximumRetryAttempts: 8,
      MaximumRecordAgeInSeconds: 6 * 3600,
    });
    expect(JSON.stringify(source.EventSourceArn)).toMatch(/Table.*StreamArn/);
    expect(queueOf(least, "Stream", source.DestinationConfig.OnFailure.Destination).QueueName).toBe(
      `prod-laurel-${name}-dead`,
    );
  });

  test("rollups are called with full transactions", () => {
    expect(sourceOf("rollups").BatchSize % factsAtOnce).toBe(0);
    expect(sourceOf("rollups").MaximumBatchingWindowInSeconds).toBe(5);
  });

  test("effects are called at once, and end within the lease that they hold", () => {
    expect(sourceOf("effects").MaximumBatchingWindowInSeconds).toBe(0);
    expect(functionNamed(least, "effects").properties.Timeout).toBeLessThanOrEqual(60);
  });

  test("rollups know no secret", () => {
    const { environment, statements } = functionNamed(least, "rollups");
    expect(Object.keys(environment)).not.toContain("PARAMETERS");
    expect(JSON.stringify(statements)).not.toContain("ssm:");
  });

  describe("are woken", () => {
    let world: World;
    let records: DynamoDBRecord[];
    beforeAll(async () => {
      world = await openWorld();
      records = await live(world);
    }, 60_000);
    afterAll(() => world.close());

    const patternOf = (name: string) => {
      const { Filters } = sourceOf(name).FilterCriteria;
      expect(Filters).toHaveLength(1);
      return JSON.parse(Filters[0].Pattern);
    };
    const kindOf = (record: DynamoDBRecord) => record.dynamodb?.NewImage?.__edb_e__?.S;

    test.each(["rollups", "effects"] as const)(
      "%s: by inserts of its kinds, all of them, and by nothing else",
      (name) => {
        const pattern = patternOf(name);
        const through = records.filter((record) => matches(pattern, record as never));
        expect(new Set(through.map(kindOf))).toEqual(new Set(consumed[name]));
        expect(new Set(through.map(({ eventName }) => eventName))).toEqual(new Set(["INSERT"]));
        expect(through).toEqual(records.filter((record) => wakes(name, record)));
        expect(through.length).toBeLessThan(records.length / 2);
      },
    );

    test.each([
      ["rollups", createRollups],
      ["effects", createEffects],
    ] as const)("%s would do nothing with what its filter holds back", async (name, create) => {
      const pattern = patternOf(name);
      const heldBack = records.filter((record) => !matches(pattern, record as never));
      expect(new Set(heldBack.map(({ eventName }) => eventName))).toEqual(new Set(["INSERT", "MODIFY", "REMOVE"]));
      const calls: string[] = [];
      const watched = wrapped(world.table, async (call, send) => {
        calls.push(call.name);
        return send();
      });
      expect(await create(runtimeOn(world.runtime, watched))({ Records: heldBack })).toEqual({ batchItemFailures: [] });
      expect(calls).toEqual([]);
    });
  });

  test("a pattern with an operator that nobody evaluates here is not taken for a match", () => {
    expect(matches({ a: { b: ["x"] } }, { a: { b: "x" } })).toBe(true);
    expect(matches({ a: { b: ["x"] } }, { a: { b: "y" } })).toBe(false);
    expect(matches({ a: { b: ["x"] } }, { a: "x" })).toBe(false);
    expect(matches({ a: [null, 1] }, { a: 1 })).toBe(true);
    expect(() => matches({ a: [{ prefix: "x" }] }, { a: "x" })).toThrow("Unknown operator");
  });
});

/** What a program writes in its life, as its stream tells it. */
async function live(world: World): Promise<DynamoDBRecord[]> {
  const anna = await ambassador(world, "Anna Muster");
  await recordClick(world.ctx(), { code: anna.code, ambassadorId: anna.id });
  const some = await confirmed(world);
  await bulk(world.ctx(world.staff("manager")), { action: "approve", ids: [some.id] });
  const checkout = openCheckout(world);
  const of = purchase(world.clock.now());
  await checkout.tell(event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at));
  await checkout.tell(event("refund.created", refund(of, 2_000), of.at));
  await world.settle();
  await world.table.client.send(new DeleteCommand({ TableName: world.table.name, Key: keys.code(anna.code) }));
  return recordsOf(world);
}

describe("scheduled work", () => {
  test("the minute is called every minute, by its rule alone", () => {
    const rule = one(least, "AWS::Events::Rule", ({ Name }) => Name === "prod-laurel-minute");
    expect(rule).toMatchObject({ ScheduleExpression: "rate(1 minute)", State: "ENABLED" });
    const { logicalId, properties } = functionNamed(least, "minute");
    expect(rule.Targets[0].Arn["Fn::GetAtt"][0]).toBe(logicalId);
    const permission = one(
      least,
      "AWS::Lambda::Permission",
      ({ FunctionName, Principal }) =>
        Principal === "events.amazonaws.com" && FunctionName["Fn::GetAtt"]?.[0] === logicalId,
    );
    expect(JSON.stringify(permission.SourceArn)).toContain("MinuteRule");
    // 8 minutes of long work, and time for the rest.
    expect(properties.Timeout).toBeGreaterThanOrEqual(10 * 60);
    expect(properties.Timeout).toBeLessThanOrEqual(15 * 60);
  });

  test("the day is called once a day, at night and not at the full hour, and is short: the minute goes on with what it begins", () => {
    const rule = one(least, "AWS::Events::Rule", ({ Name }) => Name === "prod-laurel-day");
    expect(rule).toMatchObject({ ScheduleExpression: "cron(17 3 * * ? *)", State: "ENABLED" });
    const { logicalId, properties } = functionNamed(least, "day");
    expect(rule.Targets[0].Arn["Fn::GetAtt"][0]).toBe(logicalId);
    expect(properties.Timeout).toBeLessThanOrEqual(60);
  });

  test("each rule's queue lets that rule in, and nobody else", () => {
    const policy = one(least, "AWS::SQS::QueuePolicy", ({ Queues }) => Queues[0].Ref.startsWith("JobsDead"));
    const [, ...letsIn] = policy.PolicyDocument.Statement;
    expect(letsIn).toHaveLength(all(least, "AWS::Events::Rule").length);
    for (const { Action, Principal, Condition } of letsIn) {
      expect([Action, Principal]).toEqual(["sqs:SendMessage", { Service: "events.amazonaws.com" }]);
      expect(Condition.ArnEquals["aws:SourceArn"]["Fn::GetAtt"][0]).toMatch(/Rule/);
    }
  });
});

describe("mail", () => {
  const identity = (of: Synth) => one(of, "AWS::SES::EmailIdentity", () => true);
  /** The stack alone, which takes a moment where all of them take seconds. */
  const mailWith = (more: Record<string, string>): Template => {
    const stage = "prod";
    const app = new App({ mode: "remove", region: "eu-central-1", stage, name: "laurel", account: "123456789012" });
    provideConfig(app, readConfig({ stage, region: "eu-central-1" }, { ...leastSettings, ...more }));
    app.stack(Data);
    app.stack(Mail);
    return Template.fromStack(getStack(Mail));
  };

  test("without a domain comes from one address, which AWS has confirmed by a link", () => {
    expect(identity(least)).toMatchObject({
      EmailIdentity: "hello@shop.example.com",
      ConfigurationSetAttributes: { ConfigurationSetName: { Ref: expect.stringMatching(/^ConfigurationSet/) } },
    });
    expect(all(least, "AWS::Route53::RecordSet")).toEqual([]);
  });

  test("with a zone of Route 53 comes from the whole domain, signed, and its three records are made", () => {
    expect(identity(most).EmailIdentity).toBe("shop.example.com");
    const records = all(most, "AWS::Route53::RecordSet").filter(({ Properties }) =>
      JSON.stringify(Properties.Name).includes("DkimDNSTokenName"),
    );
    expect(records).toHaveLength(3);
    for (const { Properties } of records)
      expect(Properties).toMatchObject({ Type: "CNAME", HostedZoneId: "Z0123456789ABCDEFGHIJ" });
  });

  test("from a name below the zone is signed as that name", () => {
    const mail = mailWith({ ...mostSettings, LAUREL_MAIL_FROM: "hello@mail.shop.example.com" });
    mail.hasResourceProperties("AWS::SES::EmailIdentity", { EmailIdentity: "mail.shop.example.com" });
    mail.resourceCountIs("AWS::Route53::RecordSet", 3);
  });

  test("with a domain whose zone is elsewhere, the three records are told", () => {
    const mail = mailWith({
      LAUREL_DOMAIN: "friends.shop.example.com",
      LAUREL_CERTIFICATE_ARN: "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
    });
    mail.hasResourceProperties("AWS::SES::EmailIdentity", { EmailIdentity: "shop.example.com" });
    expect(Object.keys(mail.findOutputs("*")).filter((name) => name.startsWith("Dkim"))).toHaveLength(3);
  });

  test("a sender at a mail provider is one address, whatever the portal's domain", () => {
    const mail = mailWith({ ...mostSettings, LAUREL_MAIL_FROM: "shop@mailprovider.example" });
    mail.hasResourceProperties("AWS::SES::EmailIdentity", { EmailIdentity: "shop@mailprovider.example" });
  });

  test("a sender that exists at SES is left alone", () => {
    mailWith({ LAUREL_SENDER_EXISTS: "on" }).resourceCountIs("AWS::SES::EmailIdentity", 0);
  });

  test("never travels in the clear, and not to whom SES knows to bounce; who complained is left to the program", () => {
    expect(one(least, "AWS::SES::ConfigurationSet", () => true)).toMatchObject({
      Name: "prod-laurel",
      DeliveryOptions: { TlsPolicy: "REQUIRE" },
      SuppressionOptions: { SuppressedReasons: ["BOUNCE"] },
    });
  });

  test("that bounces or is complained of is told to the function that sees to it", () => {
    const { EventDestination } = one(least, "AWS::SES::ConfigurationSetEventDestination", () => true);
    expect(EventDestination).toMatchObject({ Enabled: true, MatchingEventTypes: ["bounce", "complaint"] });
    const topic = EventDestination.SnsDestination.TopicARN.Ref;
    const policy = one(least, "AWS::SNS::TopicPolicy", ({ Topics }) => Topics[0].Ref === topic);
    const [deny, allow] = policy.PolicyDocument.Statement;
    expect(deny).toMatchObject({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
    expect(allow).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "ses.amazonaws.com" },
      Action: "sns:Publish",
    });
    expect(JSON.stringify(allow.Condition)).toContain("configuration-set/");
    expect(one(least, "AWS::SNS::Subscription", ({ TopicArn }) => TopicArn.Ref === topic)).toMatchObject({
      Protocol: "lambda",
      Endpoint: { "Fn::GetAtt": [functionNamed(least, "feedback").logicalId, "Arn"] },
    });
  });

  test("is sent from the one address alone, by those who send", () => {
    const senders = least.functions.filter(({ statements }) => JSON.stringify(statements).includes("ses:SendEmail"));
    expect(senders.map(({ name }) => name)).toEqual(["effects", "minute"]);
    for (const { statements } of senders) {
      const [send] = statements.filter(({ Action }) => Action === "ses:SendEmail");
      expect(send.Condition).toEqual({ StringEquals: { "ses:FromAddress": "hello@shop.example.com" } });
      expect(JSON.stringify(send.Resource)).toContain("configuration-set/prod-laurel");
    }
  });
});
