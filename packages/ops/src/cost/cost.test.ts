import { readFileSync } from "node:fs";
import { metrics } from "@laurel/core/kernel/metrics.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Synth, synth } from "../../../../stacks/synth.testing.ts";
import { billOf } from "./bill.ts";
import { costFile } from "./cost.ts";
import { costDocument } from "./document.ts";
import { estimated, measured } from "./measured.ts";
import { prices, pricesAsOf, regions } from "./prices.ts";
import { deployed, usageOf } from "./usage.ts";

let made: Synth;
beforeAll(async () => {
  made = await synth();
});
afterAll(() => made.dispose());

const all = (type: string) =>
  made.stacks.flatMap(({ template }) => Object.values(template.Resources).filter(({ Type }) => Type === type));

test("docs/cost.md is what npm run cost writes", () => {
  expect(readFileSync(costFile, "utf8")).toBe(costDocument());
});

test("idle it costs at most 3 USD a month in either region, with what is always free", () => {
  for (const region of regions) {
    const { paid, list } = billOf(usageOf(0, region), region);
    expect(paid).toBeGreaterThan(0.5);
    expect(paid).toBeLessThanOrEqual(3);
    expect(list).toBeGreaterThan(paid);
  }
});

test("what is reckoned with is what is deployed", () => {
  for (const { name, properties } of made.functions)
    expect([name, properties.MemorySize]).toEqual([name, deployed.memoryMb[name as keyof typeof deployed.memoryMb]]);
  expect(made.functions.length).toBe(Object.keys(deployed.memoryMb).length - 1);
  expect(all("AWS::CloudWatch::Alarm")).toHaveLength(deployed.alarms["eu-central-1"]);
  expect(all("AWS::CloudWatch::Dashboard")).toHaveLength(deployed.dashboards);
  expect(Object.keys(metrics)).toHaveLength(deployed.metrics);
  expect(all("AWS::Events::Rule").map(({ Properties }) => Properties?.ScheduleExpression)).toEqual([
    "rate(1 minute)",
    "cron(17 3 * * ? *)",
  ]);
});

test("in us-east-1 one alarm more is deployed, and reckoned with", async () => {
  const there = await synth({ region: "us-east-1" });
  there.dispose();
  const alarms = there.stacks.flatMap(({ template }) =>
    Object.values(template.Resources).filter(({ Type }) => Type === "AWS::CloudWatch::Alarm"),
  );
  expect(alarms).toHaveLength(deployed.alarms["us-east-1"]);
});

test("nothing is deployed that has a price by the hour and is not reckoned with", () => {
  const types = new Set(
    made.stacks.flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type)),
  );
  for (const type of types)
    expect(type).not.toMatch(
      /^AWS::(EC2|RDS|ElastiCache|ECS|ElasticLoadBalancing|OpenSearch|Kinesis|MSK|KMS::Key|SecretsManager|WAFv2|Synthetics|ApiGateway)/,
    );
});

test("a bill is its lines, free amounts are taken off once, and more orders cost more", () => {
  const usage = { ...usageOf(0), alarms: 12, mails: 2500, lambdaRequests: 3_000_000 };
  const { lines, list, paid } = billOf(usage, "us-east-1");
  const line = (id: string) => lines.find((each) => each.id === id)!;
  expect(line("alarms")).toMatchObject({ list: expect.closeTo(1.2), paid: expect.closeTo(0.2) });
  expect(line("mails")).toMatchObject({ list: expect.closeTo(0.25), paid: expect.closeTo(0.25) });
  expect(line("lambdaRequests")).toMatchObject({ list: expect.closeTo(0.6), paid: expect.closeTo(0.4) });
  expect(lines.reduce((sum, each) => sum + each.list, 0)).toBeCloseTo(list);
  expect(lines.reduce((sum, each) => sum + each.paid, 0)).toBeCloseTo(paid);
  const paidFor = (orders: number) => billOf(usageOf(orders), "eu-central-1").paid;
  expect(paidFor(1_000)).toBeGreaterThan(paidFor(0));
  expect(paidFor(1_000_000)).toBeGreaterThan(20 * paidFor(1_000));
});

test("an order writes what it and all that comes with it was measured to write", () => {
  const minutes = estimated.daysAMonth * 24 * 60;
  const { sale, saleAfter, release, otherEvent, refund, click, clickCountedAlone } = measured;
  expect(usageOf(1000).tableWrites / 1000).toBeCloseTo(
    sale.writes +
      saleAfter.writes +
      release.writes +
      2 * otherEvent.writes +
      refund.writes / 20 +
      20 * (click.writes + clickCountedAlone.writes),
  );
  expect(usageOf(0).tableReads).toBe(minutes * measured.idleMinute.reads);
});

test("every price has a page of AWS and the month in which it was known", () => {
  expect(pricesAsOf).toMatch(/^20\d\d-\d\d$/);
  for (const { source } of Object.values(prices)) expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9/-]+$/);
});
