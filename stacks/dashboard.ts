import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import { Dashboard as CloudWatchDashboard, GraphWidget, Stats, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import { type StackContext, use } from "sst/constructs";
import { configOf } from "./config.ts";
import { Data } from "./data.ts";
import { measuresOf } from "./measures.ts";
import { namesOf } from "./names.ts";
import { Portal } from "./portal.ts";

const day = { period: Duration.days(1) };
const p95 = { statistic: Stats.percentile(95) };
const graph = (title: string, left: IMetric[], right: IMetric[] = [], width = 8) =>
  new GraphWidget({ title, left, right, width, height: 6 });

/**
 * One dashboard: how the program does, then how the machine does. Three of up to 50 metrics each are free in an account.
 * What one day looks like is in the portal; this is for whoever was woken.
 */
export function Dashboard({ stack, app }: StackContext): void {
  const { table } = use(Data);
  const { distributionId } = use(Portal).distribution;
  const of = measuresOf(stack.stage);
  const { runbookUrl = "docs/alarms.md" } = configOf(app);
  const dashboard = new CloudWatchDashboard(stack, "Dashboard", {
    dashboardName: namesOf(stack.stage).other("overview"),
    defaultInterval: Duration.days(3),
  });
  dashboard.addWidgets(
    new TextWidget({
      markdown: `# ${namesOf(stack.stage).other("overview")}\nWhat each alarm means and what to do: ${runbookUrl}`,
      width: 24,
      height: 2,
    }),
  );
  dashboard.addWidgets(
    graph("Sales and reversals a day", [of.own("Sales", day), of.own("Reversals", day)]),
    graph("Commissions a day, in minor units", [of.own("CommissionsMinor", day)]),
    graph("Waiting for a person", [of.own("DeadLetters")], [of.own("FailedTries"), of.own("FoundEvents")]),
  );
  dashboard.addWidgets(
    graph("From the checkout until here", [
      of.own("WebhookLagMs", { statistic: Stats.percentile(50), label: "half of the webhooks" }),
      of.own("WebhookLagMs", { ...p95, label: "95 %" }),
    ]),
    graph("Refused signatures, lost clicks", [of.own("RefusedSignatures"), of.own("LostClicks")]),
    graph(
      "Mail",
      [of.mail("Send"), of.mail("Bounce"), of.mail("Complaint")],
      [
        of.mail("Reputation.BounceRate", { statistic: Stats.MAXIMUM }),
        of.mail("Reputation.ComplaintRate", { statistic: Stats.MAXIMUM }),
      ],
    ),
  );
  dashboard.addWidgets(
    ...(["api", "webhook", "redirect"] as const).map((name) =>
      graph(
        `${name}: requests, errors, time`,
        [of.function(name, "UrlRequestCount"), of.function(name, "Url4xxCount"), of.function(name, "Url5xxCount")],
        [of.function(name, "UrlRequestLatency", p95)],
      ),
    ),
  );
  dashboard.addWidgets(
    graph("Behind by", [
      of.function("effects", "IteratorAge", { statistic: Stats.MAXIMUM, label: "effects" }),
      of.function("rollups", "IteratorAge", { statistic: Stats.MAXIMUM, label: "rollups" }),
    ]),
    graph("Runs that failed", [
      ...(["effects", "rollups", "minute", "day", "feedback"] as const).map((name) =>
        of.function(name, "Errors", { label: name }),
      ),
      of.allFunctions("Throttles", { label: "turned away, whole account" }),
    ]),
    graph(
      "Dead letters",
      (["effects", "rollups", "jobs", "feedback"] as const).map((name) => of.dead(name, { label: name })),
    ),
  );
  dashboard.addWidgets(
    graph(
      "Front door: requests, share of failures (us-east-1)",
      [of.front(distributionId, "Requests")],
      [
        of.front(distributionId, "4xxErrorRate", { statistic: Stats.AVERAGE }),
        of.front(distributionId, "5xxErrorRate", { statistic: Stats.AVERAGE }),
      ],
    ),
    graph(
      "Table: units, calls that it turned away",
      [of.table(table.tableName, "ConsumedReadCapacityUnits"), of.table(table.tableName, "ConsumedWriteCapacityUnits")],
      [
        of.table(table.tableName, "ReadThrottleEvents"),
        of.table(table.tableName, "WriteThrottleEvents"),
        of.own("ThrottledRetries"),
      ],
    ),
    graph("Table: failures of its own", [
      of.table(table.tableName, "SystemErrors", "TransactWriteItems"),
      of.table(table.tableName, "SystemErrors", "BatchGetItem"),
      of.table(table.tableName, "SystemErrors", "Query"),
    ]),
  );
}
