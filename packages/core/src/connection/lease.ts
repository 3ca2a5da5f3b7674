import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { type Connection, ConnectionEntity, connectionKey } from "./connection.entity.ts";

/** Longer than any request and any effect may take. */
const leaseMs = 60_000;
/** Nobody begins to write a secret with less time than this left. */
const enoughMs = 10_000;

/** The stored item. @throws AppError not_found */
export async function loadConnection(ctx: Context, id: string): Promise<Connection> {
  const connection = parse(ConnectionEntity, await getItem(ctx.table, connectionKey(id)));
  if (!connection) throw notFound();
  return connection;
}

/** The connection as it will be, and the write that makes it so, on the version that was read. */
export function replaceConnection(
  ctx: Context,
  read: Connection,
  changes: Partial<Connection>,
): { next: Connection; write: Write } {
  const next: Connection = { ...read, ...changes, version: (read.version ?? 0) + 1 };
  const params = ConnectionEntity.put(next)
    .where((attributes, operation) =>
      read.version === undefined
        ? operation.notExists(attributes.version)
        : operation.eq(attributes.version, read.version),
    )
    .params({ table: ctx.table.name });
  return { next, write: write.put("connection", params) };
}

/** A connection whose secrets nobody else changes meanwhile. */
export interface Held {
  connection: Connection;
  /** To be asked right before a secret is written. @throws AppError unavailable where the lease is all but over */
  inTime(): void;
}

/**
 * Changes a connection's secrets, alone. The store of secrets knows no conditions, so of two changes at once the slower
 * would undo the quicker.
 * @param work ends with a write of the connection that ends the lease too
 * @throws AppError conflict while somebody else is at it
 */
export async function holding<T>(ctx: Context, id: string, work: (held: Held) => Promise<T>): Promise<T> {
  const read = await loadConnection(ctx, id);
  const now = Date.now();
  const leaseUntilMs = now + leaseMs;
  const { next, write } = replaceConnection(ctx, read, { leaseUntilMs });
  if ((read.leaseUntilMs ?? 0) > now || !(await transact(ctx.table, [write])).ok) throw busy();
  try {
    return await work({
      connection: next,
      inTime: () => {
        if (Date.now() > leaseUntilMs - enoughMs)
          throw new AppError("unavailable", "connection.slow", "This took too long. Try again.", {
            retryAfterMs: 5000,
          });
      },
    });
  } catch (error) {
    await release(ctx, next);
    throw error;
  }
}

/** Best effort: where it fails, the lease runs out by itself. */
async function release(ctx: Context, held: Connection): Promise<void> {
  try {
    await transact(ctx.table, [replaceConnection(ctx, held, { leaseUntilMs: undefined }).write]);
  } catch (error) {
    ctx.log.warn("connection.not_released", { connectionId: held.id, error: String(error) });
  }
}

export const busy = () =>
  new AppError(
    "conflict",
    "connection.busy",
    "Somebody or something else is changing this connection. Try again in a minute.",
    { retryAfterMs: 10_000 },
  );
