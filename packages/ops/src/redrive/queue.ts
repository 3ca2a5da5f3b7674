import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";

/** A message of a dead-letter queue, taken for a while. */
export interface Letter {
  body: string;
  attributes: Record<string, string>;
  receipt: string;
}

export interface DeadLetters {
  /** Takes all that are there; for so long nobody else is given them. */
  takeAll(hiddenForS: number): Promise<Letter[]>;
  /** They are dealt with. */
  drop(letters: readonly Letter[]): Promise<void>;
  /** They go back as they were, at once. */
  release(letters: readonly Letter[]): Promise<void>;
}

/** @returns undefined where there is no queue of that name */
export async function openDeadLetters(region: string, queueName: string): Promise<DeadLetters | undefined> {
  const sqs = new SQSClient({ region });
  let QueueUrl: string;
  try {
    QueueUrl = (await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }))).QueueUrl!;
  } catch (error) {
    if (["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"].includes((error as Error).name))
      return undefined;
    throw error;
  }
  const inTens = async (
    letters: readonly Letter[],
    send: (
      entries: { Id: string; ReceiptHandle: string }[],
    ) => Promise<{ Failed?: { Message?: string }[] | undefined }>,
  ) => {
    for (let at = 0; at < letters.length; at += 10) {
      const entries = letters.slice(at, at + 10).map(({ receipt }, n) => ({ Id: String(n), ReceiptHandle: receipt }));
      const { Failed = [] } = await send(entries);
      if (Failed.length > 0) throw new Error(`SQS refused ${Failed.length} messages: ${Failed[0]?.Message}`);
    }
  };
  return {
    takeAll: async (hiddenForS) => {
      const letters: Letter[] = [];
      // An empty answer can come from a part of the queue that happens to be empty.
      for (let empty = 0; empty < 3; ) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl,
            MaxNumberOfMessages: 10,
            VisibilityTimeout: hiddenForS,
            WaitTimeSeconds: 1,
            MessageAttributeNames: ["All"],
          }),
        );
        empty = Messages.length === 0 ? empty + 1 : 0;
        for (const { Body = "", ReceiptHandle = "", MessageAttributes = {} } of Messages)
          letters.push({
            body: Body,
            receipt: ReceiptHandle,
            attributes: Object.fromEntries(
              Object.entries(MessageAttributes).map(([name, value]) => [name, value.StringValue ?? ""]),
            ),
          });
      }
      return letters;
    },
    drop: (letters) => inTens(letters, (Entries) => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))),
    release: (letters) =>
      inTens(letters, (entries) =>
        sqs.send(
          new ChangeMessageVisibilityBatchCommand({
            QueueUrl,
            Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 })),
          }),
        ),
      ),
  };
}
