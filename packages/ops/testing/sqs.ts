import { createHash, randomUUID } from "node:crypto";
import { json, jsonError, type Service } from "./aws.ts";

interface Message {
  body: string;
  attributes: Record<string, string>;
  receipt: string;
  hiddenUntil: number;
}

export interface FakeQueues {
  service: Service;
  queues: Map<string, Message[]>;
  put(queue: string, body: unknown, attributes?: Record<string, string>): void;
}

/** Standard queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
export function fakeQueues(names: readonly string[]): FakeQueues {
  const queues = new Map<string, Message[]>(names.map((name) => [name, []]));
  const service: Service = ({ headers, operation, body }) => {
    if (!String(headers["x-amz-target"] ?? "").startsWith("AmazonSQS.")) return undefined;
    const input = JSON.parse(body);
    const name: string = input.QueueName ?? new URL(input.QueueUrl).pathname.split("/").at(-1);
    const messages = queues.get(name);
    if (!messages)
      return {
        ...jsonError("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist."),
        headers: { "x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender" },
      };
    const batch = (act: (message: Message, entry: { VisibilityTimeout?: number }) => void) => {
      if (input.Entries.length > 10) return jsonError("TooManyEntriesInBatchRequest", "Maximum is 10");
      const Successful: { Id: string }[] = [];
      const Failed: object[] = [];
      for (const entry of input.Entries) {
        const message = messages.find(({ receipt }) => receipt === entry.ReceiptHandle);
        if (message) act(message, entry);
        if (message) Successful.push({ Id: entry.Id });
        else Failed.push({ Id: entry.Id, Code: "ReceiptHandleIsInvalid", Message: "gone", SenderFault: true });
      }
      return json({ Successful, Failed });
    };
    switch (operation) {
      case "GetQueueUrl":
        return json({ QueueUrl: `http://${headers.host}/111122223333/${name}` });
      case "ReceiveMessage": {
        const found = messages
          .filter(({ hiddenUntil }) => hiddenUntil <= Date.now())
          .slice(0, input.MaxNumberOfMessages);
        for (const message of found) {
          message.hiddenUntil = Date.now() + input.VisibilityTimeout * 1000;
          message.receipt = randomUUID();
        }
        return json({
          Messages: found.map((message) => ({
            MessageId: randomUUID(),
            Body: message.body,
            MD5OfBody: createHash("md5").update(message.body).digest("hex"),
            ReceiptHandle: message.receipt,
            MessageAttributes: Object.fromEntries(
              Object.entries(message.attributes).map(([key, value]) => [
                key,
                { DataType: "String", StringValue: value },
              ]),
            ),
          })),
        });
      }
      case "DeleteMessageBatch":
        return batch((message) => void messages.splice(messages.indexOf(message), 1));
      case "ChangeMessageVisibilityBatch":
        return batch((message, { VisibilityTimeout = 0 }) => {
          message.hiddenUntil = Date.now() + VisibilityTimeout * 1000;
        });
      default:
        return undefined;
    }
  };
  return {
    service,
    queues,
    put: (queue, body, attributes = {}) =>
      void queues.get(queue)!.push({
        body: typeof body === "string" ? body : JSON.stringify(body),
        attributes,
        receipt: "",
        hiddenUntil: 0,
      }),
  };
}
