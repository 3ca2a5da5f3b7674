import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { epochS, monthOf } from "../kernel/time.ts";
import { latestConnection } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItems, queryPage } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { bodyOf, decide, forgetRetry, keepLonger, keptStuckS } from "./decide.ts";
import { type Incoming, IncomingEntity, type Retry, RetryEntity } from "./event.entity.ts";
import { fetchBody } from "./fetch.ts";
import { type EventRef, keyOf, refOf } from "./ref.ts";

const maxAttempts = 8;

/**
 * Decides an event that is stored and not decided yet: called for each `IN` that the stream tells of, and by the sweep.
 * A passing failure leaves a retry item, which is visible in the inbox; after the last try it waits for a person.
 */
export async function settleEvent(ctx: Context, ref: EventRef): Promise<void> {
  const [inItem, doneItem, retryItem] = await getItems(ctx.table, [
    keyOf(ref, "IN"),
    keyOf(ref, "DONE"),
    keyOf(ref, "RETRY"),
  ]);
  const incoming = parse(IncomingEntity, inItem);
  const retry = parse(RetryEntity, retryItem);
  if (doneItem) {
    // Another run decided it while this one was put off.
    if (retry) await transact(ctx.table, [forgetRetry(ctx, ref)]);
    return;
  }
  if (!incoming) return;
  try {
    const connection = await latestConnection(ctx, ref.connectionId);
    if (!connection)
      throw new AppError(
        "not_found",
        "connection.gone",
        "The connection that this event came by does not exist any more.",
      );
    const rawBody = bodyOf(incoming);
    const told = rawBody ? { rawBody, type: incoming.type } : await fetchBody(ctx, connection, incoming);
    if (!told)
      throw new AppError(
        "rejected",
        "event.body_too_large",
        "The event was too large to keep; ask the checkout to send it again.",
      );
    await decide(ctx, connection, { ...incoming, type: told.type }, { rawBody: told.rawBody, retry, mayAsk: true });
  } catch (error) {
    ctx.log.warn("event.failed", { ...ref, ...errorOf(error) });
    await keepForLater(ctx, incoming, retry, error);
  }
}

async function keepForLater(
  ctx: Context,
  incoming: Incoming,
  before: Retry | undefined,
  error: unknown,
): Promise<void> {
  const attempts = (before?.attempts ?? 0) + 1;
  const givenUp = attempts >= maxAttempts;
  const next: Retry = {
    connectionId: incoming.connectionId,
    eventId: incoming.eventId,
    type: incoming.type,
    receivedAt: incoming.receivedAt,
    month: monthOf(incoming.receivedAt),
    source: incoming.source,
    status: givenUp ? "failed" : "waiting",
    attempts,
    nextAttemptAt: new Date(ctx.now().getTime() + 5_000 * 2 ** attempts).toISOString(),
    lastError: messageOf(error).slice(0, 300),
    expiresAtEpochS: givenUp ? epochS(ctx.now()) + keptStuckS : undefined,
  };
  const params = before
    ? RetryEntity.put(next)
        .where((a, o) => o.eq(a.attempts, before.attempts))
        .params({ table: ctx.table.name })
    : RetryEntity.create(next).params({ table: ctx.table.name });
  const kept = await transact(ctx.table, [write.put("retry", params), ...(givenUp ? [keepLonger(ctx, incoming)] : [])]);
  // Refused where another run kept it first, which counted it.
  if (!kept.ok) return;
  ctx.metrics.record("FailedTries");
  if (givenUp) ctx.metrics.record("DeadLetters");
}

/** Tries again what is due. Returns how many were tried. */
export async function sweepEvents(ctx: Context): Promise<number> {
  const { items } = await queryPage(
    ctx.table,
    { index: "gsi2", pk: "EVENTS#waiting", skUpTo: `${ctx.now().toISOString()}~` },
    { limit: 50, newestFirst: false },
  );
  for (const item of items) await settleEvent(ctx, refOf(item));
  return items.length;
}

/** For people; what else there is to say of an error stands in the log. */
const messageOf = (error: unknown): string =>
  error instanceof AppError ? error.message : "Something went wrong on our side; the log says what.";
