import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { CfnRecordSet } from "aws-cdk-lib/aws-route53";
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from "aws-cdk-lib/aws-ses";
import { Topic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Duration } from "aws-cdk-lib/core";
import { type Stack, type StackContext, use } from "sst/constructs";
import { type Config, configOf } from "./config.ts";
import { Data } from "./data.ts";
import { deadLetters } from "./dead-letters.ts";
import { onItems, onParameters } from "./grants.ts";
import { makeFunction } from "./lambda.ts";
import { namesOf } from "./names.ts";
import { secretsEnvironment } from "./secrets.ts";

/**
 * Mail: who sends it, and what comes back. Bounces and complaints go by a topic to the function that stops mailing an address.
 * The topic is not encrypted at rest by a key: SES publishes to none that AWS owns, and one of our own costs a dollar a month.
 */
export function Mail({ stack, app }: StackContext): void {
  const { table } = use(Data);
  const config = configOf(app);
  const configurationSet = new ConfigurationSet(stack, "ConfigurationSet", {
    configurationSetName: namesOf(stack.stage).configurationSet,
    // Links that sign people in travel by mail: never in the clear.
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    // Who has complained still gets the sign-in links that they ask for, and nothing else: that is Laurel's to decide.
    suppressionReasons: SuppressionReasons.BOUNCES_ONLY,
  });
  if (!config.senderExists) makeIdentity(stack, config, configurationSet);

  const topic = new Topic(stack, "FeedbackTopic", {
    topicName: namesOf(stack.stage).other("mail-feedback"),
    enforceSSL: true,
  });
  configurationSet.addEventDestination("Feedback", {
    configurationSetEventDestinationName: "feedback",
    destination: EventDestination.snsTopic(topic),
    events: [EmailSendingEvent.BOUNCE, EmailSendingEvent.COMPLAINT],
  });

  const dead = deadLetters(stack, "feedback");
  const feedback = makeFunction(stack, "feedback", {
    description: "Stops mailing addresses that bounce or complain",
    handler: "functions/topic/feedback.handler",
    memoryMb: 512,
    timeoutS: 30,
    environment: { TABLE_NAME: table.tableName, ...secretsEnvironment(config) },
    may: [
      onItems(table, ["GetItem"], { partitions: ["EMAIL#*", "PERSON#*"] }),
      onItems(table, ["PutItem"], { partitions: ["PERSON#*"] }),
      onParameters(stack, stack.stage, ["GetParameter"], ["keys", "public-origin"]),
    ],
  });
  feedback.configureAsyncInvoke({
    retryAttempts: 2,
    maxEventAge: Duration.hours(6),
    onFailure: new SqsDestination(dead),
  });
  topic.addSubscription(new LambdaSubscription(feedback, { deadLetterQueue: dead }));
}

/**
 * The sender at SES: its whole domain, signed by DKIM, where the domain is the brand's; else the one address, to which AWS sends a
 * link to click. The three records of a domain are made where its zone is ours to write, and are outputs to be made by hand else.
 */
function makeIdentity(stack: Stack, config: Config, configurationSet: ConfigurationSet): void {
  const { mailFrom, hostedZone } = config;
  const sender = domainOf(mailFrom);
  const zone = hostedZone && isWithin(sender, hostedZone.name) ? hostedZone : undefined;
  // A portal in the same domain shows that it is the brand's and no mail provider's.
  const isOurs = zone !== undefined || (config.domain !== undefined && isWithin(config.domain.name, sender));
  const identity = new EmailIdentity(stack, "Identity", {
    identity: isOurs ? Identity.domain(sender) : Identity.email(mailFrom),
    configurationSet,
  });
  if (!isOurs) return;
  for (const [at, { name, value }] of identity.dkimRecords.entries())
    if (zone)
      new CfnRecordSet(stack, `Dkim${at + 1}`, {
        hostedZoneId: zone.id,
        type: "CNAME",
        name,
        resourceRecords: [value],
        ttl: "1800",
      });
    else stack.addOutputs({ [`Dkim${at + 1}`]: `${name} CNAME ${value}` });
}

const domainOf = (address: string): string => address.slice(address.indexOf("@") + 1).toLowerCase();
const isWithin = (domain: string, zone: string): boolean => domain === zone || domain.endsWith(`.${zone}`);
