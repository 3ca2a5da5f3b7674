import { type AttributeValue, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { TransactWriteCommand, type TransactWriteCommandInput } from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { AppError, assert } from "../kernel/errors.ts";
import type { Table } from "./client.ts";

type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];
/** What `Entity.create(…).params()` and its kin return. */
// biome-ignore lint/suspicious/noExplicitAny: ElectroDB types its params as a plain record
type Params = Record<string, any>;

/** One item of a transaction. `name` is how a failed condition is told apart. */
export interface Write {
  name: string;
  item: TransactItem;
}

const withOld = (params: Params) => ({ ...params, ReturnValuesOnConditionCheckFailure: "ALL_OLD" });

export const write = {
  put: (name: string, params: Params): Write => ({ name, item: { Put: withOld(params) } as TransactItem }),
  update: (name: string, params: Params): Write => ({ name, item: { Update: withOld(params) } as TransactItem }),
  delete: (name: string, params: Params): Write => ({ name, item: { Delete: withOld(params) } as TransactItem }),
  check: (name: string, params: Params): Write => ({ name, item: { ConditionCheck: withOld(params) } as TransactItem }),
};

/** A condition did not hold; `item` is what stood there, undefined where nothing did. */
export interface Refusal {
  name: string;
  item: Record<string, unknown> | undefined;
}

export type Committed = { ok: true } | { ok: false; refusals: Refusal[] };

/** So many items a transaction has at most: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */
export const mostWrites = 100;
const tries = 5;
const passing = new Set(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]);
const passingErrors = new Set([
  "TransactionInProgressException",
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "InternalServerError",
  "TransactionConflictException",
]);

/** Full jitter, 20 ms doubling: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/ */
export const jitter = (attempt: number): Promise<void> =>
  new Promise((done) => setTimeout(done, Math.random() * 20 * 2 ** attempt));

/**
 * Writes all or nothing. Conflicts with other transactions and throttling are retried; conditions that fail are an answer.
 * @param deadline epoch ms of the real clock after which it is not tried again
 * @throws AppError unavailable when the engine does not answer or the tries are used up. Whether it was written is then unknown.
 */
export async function transact(table: Table, writes: Write[], deadline = Date.now() + 10_000): Promise<Committed> {
  assert(writes.length > 0 && writes.length <= mostWrites, "a transaction has 1 to 100 items");
  assert(
    new Set(writes.map((each) => each.name)).size === writes.length,
    "each write of a transaction has a name of its own",
  );
  for (let attempt = 0; ; attempt++) {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems: writes.map((each) => each.item) }));
      return { ok: true };
    } catch (error) {
      const again = attempt + 1 < tries && Date.now() < deadline;
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        const refusals = reasons.flatMap((reason, at) =>
          reason.Code === "ConditionalCheckFailed" ? [{ name: writes[at]!.name, item: plain(reason.Item) }] : [],
        );
        if (refusals.length > 0) return { ok: false, refusals };
        if (!reasons.some((reason) => passing.has(reason.Code ?? ""))) throw error;
        if (!again) throw busy(error);
      } else if (passingErrors.has((error as Error).name)) {
        if (!again) throw busy(error);
      } else throw asUnavailable(error);
      table.onRetry?.(1);
      await jitter(attempt);
    }
  }
}

const busy = (cause: unknown) =>
  new AppError("unavailable", "table.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
    cause,
  });

/** Whether the condition of a single write did not hold. */
export const wasRefused = (error: unknown): boolean =>
  (error as Error | undefined)?.name === "ConditionalCheckFailedException";

/** Errors of the connection and of the service are ours to wait out; what the engine refuses is a bug and goes up as it is. */
export function asUnavailable(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { name, $metadata, code } = error as { name?: string; code?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  const network = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"].includes(
    code ?? "",
  );
  if (
    network ||
    name === "TimeoutError" ||
    name === "AbortError" ||
    (status !== undefined && status >= 500) ||
    passingErrors.has(name ?? "")
  )
    return new AppError(
      "unavailable",
      "table.unavailable",
      "The data store does not answer. Nothing was lost; try again in a moment.",
      {
        retryAfterMs: 5000,
        cause: error,
      },
    );
  return error;
}

/** The document client unmarshalls answers, but not the items inside an exception. */
function plain(item: unknown): Record<string, unknown> | undefined {
  return item ? unmarshall(item as Record<string, AttributeValue>) : undefined;
}
