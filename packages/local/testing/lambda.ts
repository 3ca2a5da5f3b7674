import { randomUUID } from "node:crypto";
import { marshall } from "@aws-sdk/util-dynamodb";
import type {
  Context,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  EventBridgeEvent,
  LambdaFunctionURLEvent,
  SNSEvent,
} from "aws-lambda";

/** What reaches a function behind the front door; the rest is as CloudFront and Lambda make it. */
export interface UrlRequest {
  method?: string;
  /** As the address has it, with its query: /r/ANNA15?utm_source=x */
  path: string;
  headers?: Record<string, string>;
  /** One `name=value` each, as Lambda hands them out. */
  cookies?: string[];
  /** Bytes come in base 64, as Lambda hands out whatever is not text. */
  body?: string | Uint8Array;
  /** Text in base 64 all the same. */
  base64?: boolean;
  /** What CloudFront proves itself with; undefined for who goes around it. */
  secret?: string | undefined;
  /** The viewer's address, as CloudFront tells it. */
  viewerIp?: string;
}

/** An event of a Function URL, payload format 2.0: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function urlEvent({
  method = "GET",
  path,
  headers = {},
  cookies,
  body,
  base64 = body instanceof Uint8Array,
  secret,
  viewerIp = "203.0.113.7",
}: UrlRequest): LambdaFunctionURLEvent {
  const { pathname, search, searchParams } = new URL(path, "https://x.example");
  const urlId = "2h6svo6zvbwvz4mzw6dvqmpmje0nfcga";
  const domainName = `${urlId}.lambda-url.eu-central-1.on.aws`;
  const now = Date.now();
  const userAgent = headers["user-agent"] ?? "Amazon CloudFront";
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: pathname,
    rawQueryString: search.slice(1),
    ...(cookies ? { cookies } : {}),
    headers: {
      "x-amzn-trace-id": "Root=1-6921d0a1-0123456789abcdef01234567",
      "x-forwarded-proto": "https",
      "x-forwarded-port": "443",
      "x-forwarded-for": viewerIp,
      via: "2.0 0123456789abcdef.cloudfront.net (CloudFront)",
      "x-amz-cf-id": "0123456789abcdef==",
      host: domainName,
      "user-agent": userAgent,
      "x-laurel-viewer-ip": viewerIp,
      ...(secret === undefined ? {} : { "x-laurel-origin-secret": secret }),
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      ...headers,
    },
    ...(search ? { queryStringParameters: Object.fromEntries(searchParams) } : {}),
    requestContext: {
      accountId: "anonymous",
      apiId: urlId,
      domainName,
      domainPrefix: urlId,
      http: { method, path: pathname, protocol: "HTTP/1.1", sourceIp: "64.252.86.1", userAgent },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: new Date(now).toUTCString(),
      timeEpoch: now,
    },
    ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString("base64") : String(body) }),
    isBase64Encoded: base64,
  } as LambdaFunctionURLEvent;
}

/** What an event source mapping hands out. */
export const streamEvent = (records: readonly DynamoDBRecord[]): DynamoDBStreamEvent => ({ Records: [...records] });

/** A stream's record of an item that was made. */
export const insertRecord = (item: Record<string, unknown>, sequenceNumber: string): DynamoDBRecord => ({
  eventID: sequenceNumber,
  eventName: "INSERT",
  eventVersion: "1.1",
  eventSource: "aws:dynamodb",
  awsRegion: "eu-central-1",
  eventSourceARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/prod-laurel/stream/2026-11-22T00:00:00.000",
  dynamodb: {
    ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
    Keys: marshall({ pk: item.pk, sk: item.sk }) as never,
    NewImage: marshall(item, { removeUndefinedValues: true }) as never,
    SequenceNumber: sequenceNumber,
    SizeBytes: 500,
    StreamViewType: "NEW_IMAGE",
  },
});

/** A rule's scheduled event. */
export const scheduledEvent = (at = new Date()): EventBridgeEvent<"Scheduled Event", Record<string, never>> => ({
  version: "0",
  id: randomUUID(),
  "detail-type": "Scheduled Event",
  source: "aws.events",
  account: "123456789012",
  time: at.toISOString().replace(/\.\d+/, ""),
  region: "eu-central-1",
  resources: ["arn:aws:events:eu-central-1:123456789012:rule/prod-laurel-minute"],
  detail: {},
});

/** A notification of a topic. @param message what was published, JSON where it is no text */
export const snsEvent = (message: unknown, subject?: string): SNSEvent => ({
  Records: [
    {
      EventVersion: "1.0",
      EventSource: "aws:sns",
      EventSubscriptionArn: "arn:aws:sns:eu-central-1:123456789012:prod-laurel-mail-feedback:0f1e2d3c",
      Sns: {
        Type: "Notification",
        MessageId: randomUUID(),
        TopicArn: "arn:aws:sns:eu-central-1:123456789012:prod-laurel-mail-feedback",
        Subject: subject as string,
        Message: typeof message === "string" ? message : JSON.stringify(message),
        Timestamp: new Date().toISOString(),
        SignatureVersion: "1",
        Signature: "c2lnbmF0dXJl",
        SigningCertUrl: "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        UnsubscribeUrl: "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
        MessageAttributes: {},
      },
    },
  ],
});

/** What Lambda tells a function of its invocation. */
export const lambdaContext = (functionName: string): Context =>
  ({
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}`,
    memoryLimitInMB: "1024",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "2026/11/22/[$LATEST]0123456789abcdef",
    getRemainingTimeInMillis: () => 15_000,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  }) as Context;
