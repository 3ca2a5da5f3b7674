import { type Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { DeadLetterName } from "./dead-letters.ts";
import { measuresOf } from "./measures.ts";

/** An alarm: what is watched, from when on it is wrong, and what it says to whoever is woken. */
export interface AlarmRule {
  /** Also the heading in `docs/alarms.md` that tells what to do. */
  name: string;
  /** What is the matter, and the first thing to do; plain words, since it is read on a phone. */
  says: string;
  metric: Metric;
  /** At this value or above it is wrong… */
  from: number;
  /** …if it was so in so many periods, one after the other. */
  periods?: number;
  /**
   * Where nothing is measured, nothing is wrong; but for what must always run. `at once`: from the first deployment on.
   * `later`: it has to have run once, since it runs seldom.
   */
  silenceIsWrong?: "at once" | "later";
}

const minutes = (count: number) => ({ period: Duration.minutes(count) });

/**
 * What somebody must look at. Each costs 0.10 USD a month beyond the account's ten free ones, since each watches one metric;
 * metric math and composite alarms would cost more, not less. A test counts them.
 */
export function alarmRules(stage: string): AlarmRule[] {
  const of = measuresOf(stage);
  return [
    {
      name: "webhook-errors",
      says: "Webhooks of a checkout could not be stored. Stripe and Shopify send them again for hours, WooCommerce does not. Look at the log of the webhook function.",
      metric: of.function("webhook", "Url5xxCount", minutes(15)),
      from: 2,
    },
    {
      name: "webhook-refused",
      says: "Webhooks arrive with signatures that do not hold. If a webhook secret was changed at the checkout, enter the new one in the portal, under Connections.",
      metric: of.own("RefusedSignatures", minutes(15)),
      from: 3,
    },
    {
      name: "webhook-lost",
      says: "Laurel found events that a checkout never delivered, and took them in. Look at the webhook endpoint there: is it on, and does it go to the address that the portal shows under Connections?",
      metric: of.own("FoundEvents", minutes(60)),
      from: 1,
    },
    {
      name: "webhook-late",
      says: "Sales become known here more than five minutes after they happened. See whether the checkout has an incident or our webhook answered with errors before.",
      metric: of.own("WebhookLagMs", { ...minutes(15), statistic: Stats.percentile(50) }),
      from: 300_000,
    },
    {
      name: "api-errors",
      says: "The portal's API answers with server errors. Look at the log of the api function; a rollback of the last deployment may be the quickest cure.",
      metric: of.function("api", "Url5xxCount"),
      from: 5,
    },
    {
      name: "redirect-errors",
      says: "Ambassadors' links fail, so visitors do not reach the shop. Look at the log of the redirect function.",
      metric: of.function("redirect", "Url5xxCount"),
      from: 5,
    },
    {
      name: "throttled",
      says: "Lambda turned calls away because the account's instances are used up. Ask AWS for a higher quota of concurrent executions.",
      metric: of.allFunctions("Throttles"),
      from: 10,
    },
    {
      name: "table-busy",
      says: "The table throttles calls or fails, and they are tried again. Look at the dashboard's table row and at the AWS Health page.",
      metric: of.own("ThrottledRetries"),
      from: 60,
      periods: 3,
    },
    {
      name: "dead-letters",
      says: "Something was given up and waits for a person: a mail, a code at a checkout, an event, long work. Open the portal's inbox, see why, and press try again.",
      metric: of.own("DeadLetters"),
      from: 1,
    },
    {
      name: "minute-failing",
      says: "The minute's work has failed or not run for 15 minutes: releases, retries and long work stand still. Look at the log of the minute function.",
      metric: of.function("minute", "Errors", { statistic: Stats.MINIMUM }),
      from: 1,
      periods: 3,
      silenceIsWrong: "at once",
    },
    {
      name: "day-failing",
      says: "The daily work has failed or not run: what checkouts never delivered is not found. Look at the log of the day function.",
      metric: of.function("day", "Errors", { ...minutes(24 * 60), statistic: Stats.MINIMUM }),
      from: 1,
      silenceIsWrong: "later",
    },
    {
      name: "effects-late",
      says: "Mail and other effects wait for more than five minutes. The minute's sweep does them meanwhile. Look at the log of the effects function.",
      metric: of.function("effects", "IteratorAge", { statistic: Stats.MAXIMUM }),
      from: 300_000,
      periods: 2,
    },
    {
      name: "rollups-late",
      says: "Figures are more than 15 minutes behind. Money is not affected. Look at the log of the rollups function.",
      metric: of.function("rollups", "IteratorAge", { statistic: Stats.MAXIMUM }),
      from: 900_000,
      periods: 2,
    },
    dead(stage, "effects", "A part of the table's stream was given up, so something may not have been done."),
    dead(stage, "rollups", "A part of the table's stream was given up, so figures are too low. Redrive within a week."),
    dead(stage, "jobs", "A scheduled run failed three times or could not start. The next one does its work."),
    dead(stage, "feedback", "A bounce or a complaint could not be recorded, so we may go on mailing that address."),
    {
      name: "mail-bounces",
      says: "More than 5 % of the mail of this AWS account bounces; at 10 % AWS stops it. See which addresses bounce, and where they came from.",
      metric: of.mail("Reputation.BounceRate", { ...minutes(60), statistic: Stats.MAXIMUM }),
      from: 0.05,
    },
    {
      name: "mail-complaints",
      says: "More than 0.1 % of the mail of this AWS account is reported as spam; at 0.5 % AWS stops it. Send less, and only to those who want it.",
      metric: of.mail("Reputation.ComplaintRate", { ...minutes(60), statistic: Stats.MAXIMUM }),
      from: 0.001,
    },
  ];
}

/** Of a dead-letter queue that is not empty. */
const dead = (stage: string, name: DeadLetterName, says: string, how = ""): AlarmRule => ({
  name: `${name}-dead`,
  says: `${says} Find out why first, then: npm run redrive -- --stage ${stage} --queue ${name}${how}`,
  metric: measuresOf(stage).dead(name),
  from: 1,
});

/** Only where alarms go to Slack. */
export const slackRule = (stage: string): AlarmRule =>
  dead(stage, "alarm", "An alarm could not be posted to Slack; mail is the only one who tells.", " --discard --go");

/** Only in us-east-1: an alarm watches its own region, and CloudFront's metrics are there. Elsewhere the dashboard shows them. */
export const frontRule = (stage: string, distributionId: string): AlarmRule => ({
  name: "front-errors",
  says: "More than 5 % of all requests end in a server error before or behind CloudFront. See which alarm of a function rang with it; if none did, it is the origin secret or the bucket.",
  metric: measuresOf(stage).front(distributionId, "5xxErrorRate", { statistic: Stats.AVERAGE }),
  from: 5,
  periods: 3,
});
