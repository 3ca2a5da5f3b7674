import { Stack } from "aws-cdk-lib/core";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { expect, test, vi } from "vitest";
import { readConfig } from "./config.ts";
import { mayOf, templatesOf } from "./global.ts";
import { createGlobalHandler } from "./global-handler.ts";
import { type Json, leastSettings, mostSettings } from "./synth.testing.ts";

const name = "prod-laurel-Certificate-eu-central-1";
const Properties = { StackName: name, Template: '{"Resources":{}}', Tags: [{ Key: "sst:stage", Value: "prod" }] };

/** CloudFormation as far as it is asked: each answer a status, after which it is what comes next. */
function region(statuses: (string | undefined)[], { refuse, events = [] }: { refuse?: string; events?: Json[] } = {}) {
  const calls: string[] = [];
  const answers: Json[] = [];
  const left = [...statuses];
  const client = {
    send: async (command: Json) => {
      const call = command.constructor.name.replace(/Command$/, "");
      calls.push(call);
      expect(command.input.StackName).toBe(name);
      if (call === "DescribeStackEvents") return { StackEvents: events };
      if (call !== "DescribeStacks") {
        if (refuse) throw new Error(refuse);
        return {};
      }
      const StackStatus = left.length > 1 ? left.shift() : left[0];
      if (!StackStatus) throw new Error(`Stack with id ${name} does not exist`);
      return { Stacks: [{ StackStatus, Outputs: [{ OutputKey: "Arn", OutputValue: "arn:aws:acm:a" }] }] };
    },
  };
  const handler = createGlobalHandler({
    client: client as never,
    answer: async (url, body) => {
      expect(url).toBe("https://cloudformation.example/answer");
      answers.push(JSON.parse(body));
    },
    pause: async () => {},
  });
  const ask = async (RequestType: "Create" | "Update" | "Delete", remainingMs = 900_000) => {
    const event = {
      RequestType,
      ResponseURL: "https://cloudformation.example/answer",
      StackId: "stack",
      RequestId: "request",
      LogicalResourceId: "GlobalCertificate",
      ResourceProperties: Properties,
    };
    vi.spyOn(console, "log").mockImplementation(() => {});
    await handler(event as unknown as CloudFormationCustomResourceEvent, {
      getRemainingTimeInMillis: () => remainingMs,
    });
    vi.restoreAllMocks();
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({
      StackId: "stack",
      RequestId: "request",
      LogicalResourceId: "GlobalCertificate",
      PhysicalResourceId: name,
    });
    return answers[0];
  };
  return { ask, made: () => calls.filter((call) => !call.startsWith("Describe")) };
}

test("it is made, waited for, and its outputs handed back", async () => {
  const { ask, made } = region([undefined, "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]);
  expect(await ask("Create")).toMatchObject({ Status: "SUCCESS", Data: { Arn: "arn:aws:acm:a" } });
  expect(made()).toEqual(["CreateStack"]);
});

test("it is changed where it exists", async () => {
  const { ask, made } = region(["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]);
  expect(await ask("Update")).toMatchObject({ Status: "SUCCESS" });
  expect(made()).toEqual(["UpdateStack"]);
});

test("what was replaced is not waited for: it can't go before the distribution, which waits for the answer, lets go", async () => {
  const { ask, made } = region(["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]);
  expect(await ask("Update", 40_000)).toMatchObject({ Status: "SUCCESS", Data: { Arn: "arn:aws:acm:a" } });
  expect(made()).toEqual(["UpdateStack"]);
});

test("the same again changes nothing and is no failure", async () => {
  const { ask } = region(["UPDATE_COMPLETE"], { refuse: "No updates are to be performed." });
  expect(await ask("Create")).toMatchObject({ Status: "SUCCESS", Data: { Arn: "arn:aws:acm:a" } });
});

test("what is still on its way from before is waited for first", async () => {
  const { ask, made } = region(["CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]);
  expect(await ask("Create")).toMatchObject({ Status: "SUCCESS" });
  expect(made()).toEqual(["UpdateStack"]);
});

test("what failed at its first making is made anew", async () => {
  const { ask, made } = region([
    "ROLLBACK_COMPLETE",
    "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS",
    undefined,
    "CREATE_COMPLETE",
  ]);
  expect(await ask("Create")).toMatchObject({ Status: "SUCCESS" });
  expect(made()).toEqual(["DeleteStack", "CreateStack"]);
});

test("a failure says what failed first, not what was cancelled for it", async () => {
  const { ask } = region([undefined, "ROLLBACK_COMPLETE"], {
    events: [
      {
        LogicalResourceId: "Firewall",
        ResourceStatus: "CREATE_FAILED",
        ResourceStatusReason: "Resource creation cancelled",
      },
      {
        LogicalResourceId: "Certificate",
        ResourceStatus: "CREATE_FAILED",
        ResourceStatusReason: "The zone is not found",
      },
      { LogicalResourceId: name, ResourceStatus: "CREATE_IN_PROGRESS" },
    ],
  });
  expect(await ask("Create")).toMatchObject({
    Status: "FAILED",
    Reason: expect.stringMatching(/us-east-1 is ROLLBACK_COMPLETE: Certificate: The zone is not found/),
  });
});

test("a certificate that is not issued in time is a failure that says what to look at", async () => {
  const { ask } = region([undefined, "CREATE_IN_PROGRESS"]);
  expect(await ask("Create", 31_000)).toMatchObject({
    Status: "FAILED",
    Reason: expect.stringMatching(/still CREATE_IN_PROGRESS.*certificate is issued when .*deploy again/),
  });
});

test("it is removed, and waited for", async () => {
  const { ask, made } = region(["CREATE_COMPLETE", "DELETE_IN_PROGRESS", undefined]);
  expect(await ask("Delete")).toMatchObject({ Status: "SUCCESS" });
  expect(made()).toEqual(["DeleteStack"]);
});

test("what is gone already is removed", async () => {
  const { ask, made } = region([undefined]);
  expect(await ask("Delete")).toMatchObject({ Status: "SUCCESS" });
  expect(made()).toEqual([]);
});

test("an answer comes whatever happens, without the end of a long story", async () => {
  const { ask } = region([undefined], { refuse: "AccessDenied: ".padEnd(5000, "x") });
  const { Status, Reason } = await ask("Create");
  expect(Status).toBe("FAILED");
  expect(Reason).toMatch(/^AccessDenied/);
  expect(Reason.length).toBeLessThanOrEqual(1000);
});

const config = (settings: Json) => readConfig({ stage: "prod", region: "eu-central-1" }, settings);

test("the firewall counts by address, lets webhooks be, and keeps no sample of anybody's request", () => {
  const { Firewall } = templatesOf(config(mostSettings)).Firewall!.Resources as Json;
  const { Rules, Scope, DefaultAction, VisibilityConfig: whole } = Firewall.Properties;
  expect({ Scope, DefaultAction }).toEqual({ Scope: "CLOUDFRONT", DefaultAction: { Allow: {} } });
  expect(Rules.map(({ Name, Priority }: Json) => [Priority, Name])).toEqual([
    [0, "sign-in"],
    [1, "apply"],
    [2, "any"],
  ]);
  // https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html: names that AWS keeps for itself.
  for (const { MetricName } of [whole, ...Rules.map((rule: Json) => rule.VisibilityConfig)])
    expect(["all", "default_action"]).not.toContain(MetricName.toLowerCase());
  for (const { Statement, Action, VisibilityConfig } of Rules) {
    expect(Statement.RateBasedStatement).toMatchObject({ AggregateKeyType: "IP", EvaluationWindowSec: 300 });
    expect(Action.Block.CustomResponse.ResponseCode).toBe(429);
    expect(VisibilityConfig.SampledRequestsEnabled).toBe(false);
  }
  const { ScopeDownStatement } = Rules[2].Statement.RateBasedStatement;
  expect(ScopeDownStatement.NotStatement.Statement.ByteMatchStatement.SearchString).toBe("/webhooks/");
});

test("there is only what is wanted", () => {
  const kinds = (settings: Json) => Object.keys(templatesOf(config(settings)));
  expect(kinds(leastSettings)).toEqual([]);
  expect(kinds({ ...leastSettings, LAUREL_WAF: "on" })).toEqual(["Firewall"]);
  expect(kinds({ ...mostSettings, LAUREL_WAF: "off" })).toEqual(["Certificate"]);
});

test("what is switched off stays whole until the distribution has let go of it, with the rights to remove it", () => {
  const of = (settings: Json) => ({
    ...templatesOf(config(settings)),
    rights: mayOf(new Stack(), config(settings)).map((statement) => statement.toJSON()),
  });
  const { Certificate, Firewall, rights } = of(mostSettings);
  // CloudFormation removes what left a template after everything else was changed, and what left another's while it is changed.
  expect(of({ ...mostSettings, LAUREL_WAF: "off" })).toEqual({ Certificate, rights });
  const { LAUREL_DOMAIN: _, ...withoutDomain } = mostSettings;
  expect(of(withoutDomain)).toEqual({ Firewall, rights });
});
