import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metrics } from "@laurel/core/kernel/metrics.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { metricsService } from "../functions/invocation.ts";
import { slackMessage } from "../functions/topic/alarm-message.ts";
import { type Json, leastSettings, mostSettings, type Synth, synth } from "./synth.testing.ts";

let least: Synth;
/** Everything on, in the region in which CloudFront's metrics are. */
let most: Synth;
beforeAll(async () => {
  least = await synth({ settings: { ...leastSettings } });
  most = await synth({
    region: "us-east-1",
    settings: { ...mostSettings, LAUREL_RUNBOOK_URL: "https://example.com/laurel/docs/alarms.md" },
  });
}, 60_000);
afterAll(() => {
  least.dispose();
  most.dispose();
});

const runbook = readFileSync(join(import.meta.dirname, "..", "docs", "alarms.md"), "utf8");
const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);

const all = (of: Synth, type: string): Json[] =>
  of.stacks.flatMap(({ template }) =>
    Object.values(template.Resources).flatMap((each) => (each.Type === type ? [each.Properties] : [])),
  );
const alarmsOf = (of: Synth) => all(of, "AWS::CloudWatch::Alarm");
const nameOf = (alarm: Json): string => alarm.AlarmName.replace(/^prod-laurel-/, "");
const dimensionsOf = (of: Json): Record<string, Json> =>
  Object.fromEntries((of.Dimensions ?? []).map(({ Name, Value }: Json) => [Name, Value]));

describe("alarms", () => {
  test("each rings and tells when it is over, at the one topic", () => {
    const [topic] = Object.entries(most.template("Alarms").Resources).filter(
      ([, each]) => each.Type === "AWS::SNS::Topic",
    );
    for (const alarm of [...alarmsOf(least), ...alarmsOf(most)]) {
      expect(alarm.AlarmActions).toEqual([{ Ref: topic![0] }]);
      expect(alarm.OKActions).toEqual(alarm.AlarmActions);
    }
  });

  test("each says what to do and where to read on, and each chapter is of an alarm", () => {
    expect(alarmsOf(most).map(nameOf).sort()).toEqual([...headings].sort());
    for (const alarm of alarmsOf(least)) {
      expect(alarm.AlarmDescription).toMatch(new RegExp(`\\S[.!] .*\\nSee docs/alarms\\.md#${nameOf(alarm)}$`));
      expect(headings).toContain(nameOf(alarm));
    }
    for (const alarm of alarmsOf(most)) {
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
      expect(alarm.AlarmDescription.length).toBeLessThanOrEqual(1024);
      const told = slackMessage({ message: JSON.stringify({ ...alarm, NewStateValue: "ALARM" }) });
      expect(JSON.stringify(told)).toContain(`https://example.com/laurel/docs/alarms.md#${nameOf(alarm)}|What to do>`);
    }
  });

  test("every consumer has one for what it gave up, and every reader of the stream one for falling behind", () => {
    const queues = all(most, "AWS::SQS::Queue").map(({ QueueName }) => QueueName);
    const watched = alarmsOf(most).map((alarm) => dimensionsOf(alarm));
    expect(queues).toHaveLength(5);
    for (const queue of queues) expect(watched).toContainEqual({ QueueName: queue });
    expect(
      alarmsOf(most)
        .filter(({ MetricName }) => MetricName === "IteratorAge")
        .map((alarm) => dimensionsOf(alarm).FunctionName),
    ).toEqual(["prod-laurel-effects", "prod-laurel-rollups"]);
    expect(all(most, "AWS::Lambda::EventSourceMapping")).toHaveLength(2);
  });

  test("each watches something that exists, so that none is silent for good", () => {
    const functions = most.functions.map(({ functionName }) => functionName);
    const queues = all(most, "AWS::SQS::Queue").map(({ QueueName }) => QueueName);
    for (const alarm of alarmsOf(most)) {
      const { FunctionName, QueueName, service, DistributionId, ...rest } = dimensionsOf(alarm);
      if (FunctionName) expect(functions).toContain(FunctionName);
      if (QueueName) expect(queues).toContain(QueueName);
      if (service) {
        expect([alarm.Namespace, service]).toEqual(["Laurel/prod", metricsService]);
        expect(Object.keys(metrics)).toContain(alarm.MetricName);
      }
      if (DistributionId) expect(JSON.stringify(DistributionId)).toContain("Front");
      expect(rest).toEqual(DistributionId ? { Region: "Global" } : {});
    }
  });

  test("only the silence of what always runs is wrong: of the day, which runs seldom, once it has run", () => {
    const silent: Record<string, string> = { "minute-failing": "breaching", "day-failing": "missing" };
    for (const alarm of alarmsOf(most)) {
      expect(alarm.TreatMissingData).toBe(silent[nameOf(alarm)] ?? "notBreaching");
      expect(alarm.InsufficientDataActions).toEqual(nameOf(alarm) === "day-failing" ? alarm.AlarmActions : undefined);
    }
  });

  test("cost what the runbook says: one metric each, ten of them free", () => {
    for (const alarm of alarmsOf(most)) expect([alarm.Metrics, typeof alarm.MetricName]).toEqual([undefined, "string"]);
    expect(alarmsOf(least)).toHaveLength(19);
    expect(alarmsOf(most)).toHaveLength(19 + 2);
    expect(all(most, "AWS::CloudWatch::CompositeAlarm")).toEqual([]);
    const monthly = ((alarmsOf(least).length - 10) * 0.1).toFixed(2);
    expect(runbook).toContain(`A stage has 19 (20 with Slack, one more in us-east-1): ${monthly} USD a month`);
  });

  test("the topic lets CloudWatch in, and only by TLS", () => {
    const [policy] = Object.values(least.template("Alarms").Resources).filter(
      ({ Type }) => Type === "AWS::SNS::TopicPolicy",
    );
    expect(policy!.Properties!.PolicyDocument.Statement).toEqual([
      expect.objectContaining({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
      expect.objectContaining({
        Effect: "Allow",
        Action: "sns:Publish",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      }),
    ]);
  });

  test("go to the alert address, and to Slack where it is on", () => {
    const listeners = (of: Synth) =>
      Object.values(of.template("Alarms").Resources)
        .filter(({ Type }) => Type === "AWS::SNS::Subscription")
        .map(({ Properties }) => [Properties!.Protocol, JSON.stringify(Properties!.Endpoint)]);
    expect(listeners(least)).toEqual([["email", '"owner@shop.example.com"']]);
    expect(listeners(most)).toEqual([
      ["email", '"owner@shop.example.com"'],
      ["lambda", expect.stringContaining("Alarm")],
    ]);
    const { environment, statements } = most.functions.find(({ name }) => name === "alarm")!;
    expect(environment.TABLE_NAME).toBeUndefined();
    expect(JSON.stringify(statements)).not.toContain("dynamodb:");
    expect(
      statements.filter(({ Action }) => Action === "ssm:GetParameter").map(({ Resource }) => JSON.stringify(Resource)),
    ).toEqual([expect.stringMatching(/parameter\/laurel\/prod\/slack-webhook/)]);
  });
});

describe("the dashboard", () => {
  /** As CloudWatch will read it; references are replaced by their names. */
  function body(): Json {
    const [dashboard] = all(least, "AWS::CloudWatch::Dashboard");
    const parts = dashboard.DashboardBody["Fn::Join"][1].map((part: Json) =>
      typeof part === "string" ? part : (part.Ref ?? part["Fn::ImportValue"]),
    );
    return JSON.parse(parts.join(""));
  }
  const shown = () => body().widgets.flatMap(({ properties }: Json) => properties.metrics ?? []);

  test("shows what the program tells of itself, all of it", () => {
    const own = shown().filter(([namespace]: string[]) => namespace === "Laurel/prod");
    expect(new Set(own.map(([, name]: string[]) => name))).toEqual(new Set(Object.keys(metrics)));
  });

  test("shows every function, every dead-letter queue, the table, mail and the front door", () => {
    const text = JSON.stringify(shown());
    for (const { functionName } of least.functions) expect(text).toContain(`"${functionName}"`);
    for (const { QueueName } of all(least, "AWS::SQS::Queue")) expect(text).toContain(`"${QueueName}"`);
    for (const namespace of ["AWS/DynamoDB", "AWS/SES", "AWS/CloudFront"]) expect(text).toContain(namespace);
    const front = shown().filter(([namespace]: string[]) => namespace === "AWS/CloudFront");
    for (const metric of front) expect(metric.at(-1).region).toBe("us-east-1");
  });

  test("is one, of at most fifty metrics, which is free", () => {
    expect(all(least, "AWS::CloudWatch::Dashboard")).toHaveLength(1);
    expect(shown().length).toBeLessThanOrEqual(50);
  });
});

test("the budget tells the alert address at 80 %, and when the month will cost more", () => {
  const [budget] = all(most, "AWS::Budgets::Budget");
  expect(budget.Budget).toMatchObject({
    BudgetName: "prod-laurel-month",
    BudgetType: "COST",
    TimeUnit: "MONTHLY",
    BudgetLimit: { Amount: 20, Unit: "USD" },
  });
  expect(
    budget.NotificationsWithSubscribers.map(({ Notification, Subscribers }: Json) => [
      Notification.NotificationType,
      Notification.Threshold,
      Subscribers,
    ]),
  ).toEqual([
    ["ACTUAL", 80, [{ SubscriptionType: "EMAIL", Address: "owner@shop.example.com" }]],
    ["FORECASTED", 100, [{ SubscriptionType: "EMAIL", Address: "owner@shop.example.com" }]],
  ]);
});
