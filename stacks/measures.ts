import type { MetricName } from "@laurel/core/kernel/metrics.ts";
import { Metric, type MetricProps, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { FunctionName } from "./config.ts";
import { type DeadLetterName, deadLetterQueueName } from "./dead-letters.ts";
import { namesOf } from "./names.ts";

type More = Partial<MetricProps>;

/** Everything that is watched of a stage, by names alone: who watches depends on no stack that is watched. */
export const measuresOf = (stage: string) => {
  const names = namesOf(stage);
  const measure = (namespace: string, metricName: string, dimensionsMap: Record<string, string>, more: More): Metric =>
    new Metric({ namespace, metricName, dimensionsMap, statistic: Stats.SUM, period: Duration.minutes(5), ...more });
  return {
    /** What the program tells of itself. Every function records under the one service. */
    own: (name: MetricName, more: More = {}) => measure(names.metricsNamespace, name, { service: "laurel" }, more),
    /** Of one function: `Errors`, `Url5xxCount`, … */
    function: (name: FunctionName, metricName: string, more: More = {}) =>
      measure("AWS/Lambda", metricName, { FunctionName: names.function(name) }, more),
    /** Of all functions of the account in this region, which share its instances. */
    allFunctions: (metricName: string, more: More = {}) => measure("AWS/Lambda", metricName, {}, more),
    dead: (name: DeadLetterName, more: More = {}) =>
      measure(
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        { QueueName: deadLetterQueueName(stage, name) },
        { statistic: Stats.MAXIMUM, ...more },
      ),
    table: (tableName: string, metricName: string, operation?: string) =>
      measure(
        "AWS/DynamoDB",
        metricName,
        { TableName: tableName, ...(operation && { Operation: operation }) },
        { label: operation ? `${metricName} ${operation}` : metricName },
      ),
    /** SES's own view of the account, by which it is stopped from sending. Shares of 1. */
    mail: (metricName: string, more: More = {}) => measure("AWS/SES", metricName, {}, more),
    /** CloudFront's metrics live in us-east-1, wherever the rest is. */
    front: (distributionId: string, metricName: string, more: More = {}) =>
      measure(
        "AWS/CloudFront",
        metricName,
        { DistributionId: distributionId, Region: "Global" },
        { region: "us-east-1", ...more },
      ),
  };
};
