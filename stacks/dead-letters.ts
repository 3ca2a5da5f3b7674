import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Duration } from "aws-cdk-lib/core";
import type { Stack } from "sst/constructs";
import { accept } from "./nag.ts";
import { namesOf } from "./names.ts";

/** Who has a dead-letter queue, and so an alarm and a way back (`npm run redrive`). */
export const deadLetterNames = ["rollups", "effects", "jobs", "feedback", "alarm"] as const;
export type DeadLetterName = (typeof deadLetterNames)[number];

export const deadLetterQueueName = (stage: string, name: DeadLetterName): string =>
  namesOf(stage).other(`${name}-dead`);

/** Where what a consumer could not do after all its tries is kept: as long as SQS keeps anything, encrypted, by TLS alone. */
export function deadLetters(stack: Stack, name: DeadLetterName): Queue {
  const id = `${name[0]!.toUpperCase()}${name.slice(1)}Dead`;
  const queue = new Queue(stack, id, {
    queueName: deadLetterQueueName(stack.stage, name),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  accept(queue, "AwsSolutions-SQS3", "It is a dead-letter queue itself, of an event source or of asynchronous calls.");
  stack.addOutputs({ [`${id}Url`]: queue.queueUrl });
  return queue;
}
