import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainAddress } from "@laurel/core/gateway/mail/address.ts";
import { expect, test } from "vitest";
import { type ConfigError, environmentOf, readConfig, regionOf } from "./config.ts";
import { leastSettings, mostSettings, synth } from "./synth.testing.ts";

const prod = { stage: "prod", region: "eu-central-1" };
const read = (settings: Record<string, string>, where = prod) => readConfig(where, settings as never);
function faultsOf(settings: Record<string, string>, where = prod): readonly string[] {
  try {
    read(settings, where);
  } catch (error) {
    return (error as ConfigError).faults;
  }
  throw new Error("These settings were taken");
}

test("the least settings make a whole configuration", () => {
  expect(read(leastSettings)).toEqual({
    stage: "prod",
    region: "eu-central-1",
    mailFrom: "hello@shop.example.com",
    alertEmail: "owner@shop.example.com",
    senderExists: false,
    runbookUrl: undefined,
    domain: undefined,
    hostedZone: undefined,
    slack: false,
    budgetUsd: 20,
    waf: false,
    reservedConcurrency: {},
    logRetentionDays: 30,
    table: undefined,
  });
});

test("the sender is as mail is sent from it, for a right that knows another is none", () => {
  const written = "Hello@Shop.Example.COM";
  const { mailFrom } = read({ ...leastSettings, LAUREL_MAIL_FROM: written });
  expect(mailFrom).toBe("Hello@shop.example.com");
  expect(mailFrom).toBe(plainAddress(written));
});

test("every setting is taken over", () => {
  expect(
    read({
      ...mostSettings,
      LAUREL_SENDER_EXISTS: "on",
      LAUREL_RUNBOOK_URL: "https://git.example.com/docs/alarms.md",
      LAUREL_BUDGET_USD: "12.50",
      LAUREL_LOG_RETENTION_DAYS: "90",
      LAUREL_TABLE: "restored",
      LAUREL_TABLE_STREAM_ARN:
        "arn:aws:dynamodb:eu-central-1:123456789012:table/restored/stream/2026-11-22T21:00:00.000",
    }),
  ).toEqual({
    ...prod,
    mailFrom: "hello@shop.example.com",
    alertEmail: "owner@shop.example.com",
    senderExists: true,
    runbookUrl: "https://git.example.com/docs/alarms.md",
    domain: { name: "friends.shop.example.com", certificateArn: undefined },
    hostedZone: { name: "shop.example.com", id: "Z0123456789ABCDEFGHIJ" },
    slack: true,
    budgetUsd: 12.5,
    waf: true,
    reservedConcurrency: { webhook: 20, redirect: 20 },
    logRetentionDays: 90,
    table: {
      name: "restored",
      streamArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/restored/stream/2026-11-22T21:00:00.000",
    },
  });
});

test("all that is wrong is told at once, each by its name", () => {
  const faults = faultsOf(
    {
      LAUREL_ALERT_EMAIL: "nobody",
      LAUREL_DOMAIN: "https://friends.example.com/",
      LAUREL_HOSTED_ZONE: "example.com",
      LAUREL_SLACK: "maybe",
      LAUREL_BUDGET_USD: "a lot",
      LAUREL_LOG_RETENTION_DAYS: "31",
      LAUREL_RESERVED_CONCURRENCY: "webhok=20",
      LAUREL_TABLE: "restored",
    },
    { stage: "Prod_1", region: "frankfurt" },
  );
  const about = [
    "The stage's name",
    "LAUREL_REGION",
    "LAUREL_MAIL_FROM is not set. It is the plain address",
    "LAUREL_ALERT_EMAIL is the address",
    "LAUREL_DOMAIN is a host name",
    "LAUREL_SLACK is on or off",
    "LAUREL_BUDGET_USD is an amount",
    "LAUREL_LOG_RETENTION_DAYS is one of",
    "LAUREL_RESERVED_CONCURRENCY has the form",
    "LAUREL_HOSTED_ZONE and LAUREL_HOSTED_ZONE_ID belong together",
    "LAUREL_TABLE and LAUREL_TABLE_STREAM_ARN belong together",
  ];
  for (const begin of about) expect(faults.join("\n")).toContain(begin);
  expect(faults.every((fault) => fault.endsWith("."))).toBe(true);
});

test.each([
  ["a domain without a zone or a certificate", { LAUREL_DOMAIN: "friends.example.com" }, "LAUREL_DOMAIN needs"],
  [
    "a domain of another zone",
    {
      LAUREL_DOMAIN: "friends.badexample.com",
      LAUREL_HOSTED_ZONE: "example.com",
      LAUREL_HOSTED_ZONE_ID: "Z0123456789",
    },
    "is not in the zone",
  ],
  [
    "a certificate of another region",
    {
      LAUREL_DOMAIN: "friends.example.com",
      LAUREL_CERTIFICATE_ARN: "arn:aws:acm:eu-central-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    },
    "us-east-1",
  ],
  [
    "a stream of another table",
    {
      LAUREL_TABLE: "restored",
      LAUREL_TABLE_STREAM_ARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/other/stream/2026-11-22T21:00:00.000",
    },
    "is not the stream of LAUREL_TABLE",
  ],
  [
    "a stream of another region",
    {
      LAUREL_TABLE: "restored",
      LAUREL_TABLE_STREAM_ARN: "arn:aws:dynamodb:us-east-1:123456789012:table/restored/stream/2026-11-22T21:00:00.000",
    },
    "is of another region",
  ],
  ["a sender with a name", { LAUREL_MAIL_FROM: "Shop <hello@example.com>" }, "plain address"],
  ["a list of senders", { LAUREL_MAIL_FROM: "a@example.com,b@example.com" }, "plain address"],
  ["a budget of nothing", { LAUREL_BUDGET_USD: "0" }, "at least 1"],
  ["no instances", { LAUREL_RESERVED_CONCURRENCY: "webhook=0" }, "has the form"],
])("%s is refused", (_, settings, told) => {
  expect(faultsOf({ ...leastSettings, ...settings })).toEqual([expect.stringContaining(told)]);
});

test.each(["a", "Prod", "prod_1", "1st", "prod-", "a-stage-with-a-very-long-name", "prod laurel"])(
  "no stage is called %j",
  (stage) => {
    expect(faultsOf(leastSettings, { ...prod, stage })).toEqual([expect.stringContaining("The stage's name")]);
  },
);

test("what is wrong stops a deployment before it has a stack", async () => {
  await expect(synth({ settings: {} })).rejects.toThrow(/The stage prod cannot be deployed[\s\S]*LAUREL_MAIL_FROM/);
});

test("files of the stage win over files of all stages, and these over the environment", () => {
  const folder = mkdtempSync(join(tmpdir(), "laurel-config-"));
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  try {
    put(".env", "LAUREL_REGION=eu-west-1\nLAUREL_BUDGET_USD=5\nLAUREL_WAF=on # about 8 USD\n");
    put(".env.prod", 'LAUREL_REGION="eu-north-1"\n');
    const prod = environmentOf("prod", folder, { LAUREL_REGION: "us-east-1", LAUREL_SLACK: "on" });
    expect(prod).toEqual({ LAUREL_REGION: "eu-north-1", LAUREL_BUDGET_USD: "5", LAUREL_WAF: "on", LAUREL_SLACK: "on" });
    expect(environmentOf("try", folder, {}).LAUREL_REGION).toBe("eu-west-1");
    expect(environmentOf(undefined, folder, {}).LAUREL_REGION).toBe("eu-west-1");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the region is Laurel's own setting, or the one of AWS's tools, and never a guess", () => {
  expect(regionOf({ LAUREL_REGION: "eu-north-1", AWS_REGION: "us-east-1" })).toBe("eu-north-1");
  expect(regionOf({ AWS_REGION: "us-east-1" })).toBe("us-east-1");
  expect(regionOf({})).toBeUndefined();
});
