import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** The program's one table and the client that reaches it. */
export interface Table {
  name: string;
  client: DynamoDBDocumentClient;
  /** Told of calls that had to be made more than once: how often they were repeated. */
  onRetry?: ((times: number) => void) | undefined;
}

export interface TableConfig {
  tableName: string;
  /** Only for an engine that is not AWS's own; loopback or a test. */
  endpoint?: string | undefined;
  region?: string | undefined;
  onRetry?: Table["onRetry"];
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
export function openTable(
  { tableName, endpoint, region, onRetry }: TableConfig,
  more: DynamoDBClientConfig = {},
): Table {
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
      // Three tries within the five seconds that a checkout waits; an engine of one's own shares its machine with others.
      requestTimeout: endpoint ? 5000 : 1500,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: 128 },
      httpsAgent: { maxSockets: 128 },
    },
    ...more,
  });
  if (onRetry) tellOfRetries(client, onRetry);
  return {
    name: tableName,
    onRetry,
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
  };
}

/** The SDK repeats what was throttled or not answered, and says so only in the metadata of the last answer. */
function tellOfRetries(client: DynamoDBClient, onRetry: (times: number) => void): void {
  const tell = (attempts = 1) => attempts > 1 && onRetry(attempts - 1);
  client.middlewareStack.add(
    (next) => async (call) => {
      try {
        const answer = await next(call);
        tell((answer.output as { $metadata?: { attempts?: number } }).$metadata?.attempts);
        return answer;
      } catch (error) {
        tell((error as { $metadata?: { attempts?: number } }).$metadata?.attempts);
        throw error;
      }
    },
    { step: "initialize", name: "tellOfRetries" },
  );
}
