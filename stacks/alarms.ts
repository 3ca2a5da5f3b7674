import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription, LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Duration } from "aws-cdk-lib/core";
import { dependsOn, type Stack, type StackContext, use } from "sst/constructs";
import { type AlarmRule, alarmRules, frontRule, slackRule } from "./alarm-list.ts";
import { type Config, configOf } from "./config.ts";
import { deadLetters } from "./dead-letters.ts";
import { onParameters } from "./grants.ts";
import { Jobs } from "./jobs.ts";
import { makeFunction } from "./lambda.ts";
import { namesOf } from "./names.ts";
import { Portal } from "./portal.ts";

/** Who is told when something is wrong: a topic with the alert address, Slack where it is on, and the alarms. */
export function Alarms({ stack, app }: StackContext): void {
  // The minute runs before it is watched, so that its silence means something.
  dependsOn(Jobs);
  const config = configOf(app);
  const topic = makeTopic(stack, config);
  if (config.slack) postToSlack(stack, config, topic);
  const rules = alarmRules(stack.stage);
  if (config.slack) rules.push(slackRule(stack.stage));
  if (config.region === "us-east-1") rules.push(frontRule(stack.stage, use(Portal).distribution.distributionId));
  for (const rule of rules) ring(stack, config, topic, rule);
}

/**
 * The topic that alarms go to. Not encrypted at rest by a key: CloudWatch publishes to none that AWS owns, and one of our own
 * costs a dollar a month; what is told is an alarm's name and our own words.
 */
function makeTopic(stack: Stack, { alertEmail }: Config): Topic {
  const topic = new Topic(stack, "Topic", { topicName: namesOf(stack.stage).other("alarms"), enforceSSL: true });
  // A policy of one's own replaces the one that would let the account's alarms in.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "AlarmsOfThisAccount",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  topic.addSubscription(new EmailSubscription(alertEmail));
  stack.addOutputs({ AlarmTopic: topic.topicArn });
  return topic;
}

function postToSlack(stack: Stack, { stage }: Config, topic: Topic): void {
  const dead = deadLetters(stack, "alarm");
  const made = makeFunction(stack, "alarm", {
    description: "Posts alarms to Slack",
    handler: "functions/topic/alarm.handler",
    memoryMb: 256,
    timeoutS: 15,
    environment: { PARAMETERS: namesOf(stage).parameters },
    may: [onParameters(stack, stage, ["GetParameter"], ["slack-webhook"])],
  });
  made.configureAsyncInvoke({
    retryAttempts: 2,
    maxEventAge: Duration.hours(1),
    onFailure: new SqsDestination(dead),
  });
  topic.addSubscription(new LambdaSubscription(made, { deadLetterQueue: dead }));
}

const missing = {
  never: TreatMissingData.NOT_BREACHING,
  "at once": TreatMissingData.BREACHING,
  later: TreatMissingData.MISSING,
} as const;

/** The alarm of a rule, which rings and tells when it is over, and says where to read on. */
function ring(stack: Stack, { stage, runbookUrl }: Config, topic: Topic, rule: AlarmRule): void {
  const { name, says, metric, from, periods = 1, silenceIsWrong } = rule;
  const id = name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
  const read = runbookUrl ? `${runbookUrl}#${name}` : `See docs/alarms.md#${name}`;
  const alarm = new Alarm(stack, `${id}Alarm`, {
    alarmName: namesOf(stage).other(name),
    alarmDescription: `${says}\n${read}`,
    metric,
    threshold: from,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: missing[silenceIsWrong ?? "never"],
  });
  const tell = new SnsAction(topic);
  alarm.addAlarmAction(tell);
  alarm.addOkAction(tell);
  // A new alarm begins without data, which rings nobody; to lose them again does.
  if (silenceIsWrong === "later") alarm.addInsufficientDataAction(tell);
}
