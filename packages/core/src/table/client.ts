import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** The program's one table and the client that reaches it. */
export interface Table {
  name: string;
  client: DynamoDBDocumentClient;
}

export interface TableConfig {
  tableName: string;
  /** Only for an engine that is not AWS's own; loopback or a test. */
  endpoint?: string | undefined;
  region?: string | undefined;
}

/**
 * The SDK writes no log of its own accord, and yet copies what goes in and out of every call for `info` and `error`.
 * Where these two are missing it does not; a tenth of its time is saved.
 */
const silent = { trace: () => {}, debug: () => {}, warn: () => {} } as unknown as NonNullable<
  DynamoDBClientConfig["logger"]
>;

/**
 * Opens the table. Nothing is sent until the first call.
 * Time-outs are short: a webhook must answer before its sender gives up, and every caller can try again.
 */
export function openTable({ tableName, endpoint, region }: TableConfig, more: DynamoDBClientConfig = {}): Table {
  const client = new DynamoDBClient({
    ...(endpoint
      ? { endpoint, region: region ?? "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } }
      : region
        ? { region }
        : {}),
    maxAttempts: 3,
    logger: silent,
    requestHandler: {
      connectionTimeout: 1000,
      requestTimeout: 3000,
      httpAgent: { maxSockets: 128 },
      httpsAgent: { maxSockets: 128 },
    },
    ...more,
  });
  return {
    name: tableName,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  };
}
