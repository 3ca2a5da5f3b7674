import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { keys } from "../table/keys.ts";
import { asUnavailable, type Committed, transact, type Write } from "../table/transact.ts";
import type { Context } from "./context.ts";
import { AppError, assert } from "./errors.ts";
import { epochS } from "./time.ts";

const keptForS = 24 * 3600;

/**
 * Ends an operation: all of its writes in one transaction, and with them the memory of the caller's Idempotency-Key,
 * so that a crash can leave both or neither.
 * @param result what a repetition of the request is told; ids and states only, nothing personal
 */
export async function commit(ctx: Context, writes: Write[], result: unknown = null): Promise<Committed> {
  if (!ctx.idempotency) return transact(ctx.table, writes);
  const done = await transact(ctx.table, [...writes, memory(ctx, result)]);
  if (!done.ok && done.refusals.some((refusal) => refusal.name === memoryName))
    throw new AppError(
      "conflict",
      "idempotency.in_progress",
      "The same request is being worked on. Ask again in a moment.",
      { retryAfterMs: 1000 },
    );
  return done;
}

const memoryName = "idempotency";

function memory(ctx: Context, result: unknown): Write {
  assert(ctx.idempotency, "a request with a key");
  return {
    name: memoryName,
    item: {
      Put: {
        TableName: ctx.table.name,
        Item: {
          ...keys.idempotency(ctx.idempotency.key),
          bodyHash: ctx.idempotency.bodyHash,
          result: JSON.stringify(result),
          expiresAtEpochS: epochS(ctx.now()) + keptForS,
        },
        ConditionExpression: "attribute_not_exists(pk) OR expiresAtEpochS < :now",
        ExpressionAttributeValues: { ":now": epochS(ctx.now()) },
      },
    },
  };
}

/**
 * What an earlier request with the same key was told, before the operation looks at anything else.
 * @throws AppError rejected when the key was used with another body
 */
export async function remembered<T>(ctx: Context): Promise<{ result: T } | undefined> {
  if (!ctx.idempotency) return undefined;
  try {
    const { Item } = await ctx.table.client.send(
      new GetCommand({ TableName: ctx.table.name, Key: keys.idempotency(ctx.idempotency.key), ConsistentRead: true }),
    );
    if (!Item || Item.expiresAtEpochS < epochS(ctx.now())) return undefined;
    if (Item.bodyHash !== ctx.idempotency.bodyHash)
      throw new AppError(
        "rejected",
        "idempotency.other_body",
        "This Idempotency-Key was used with another request. Use a new key for a new request.",
      );
    return { result: JSON.parse(Item.result as string) as T };
  } catch (error) {
    throw asUnavailable(error);
  }
}
