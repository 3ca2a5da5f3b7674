import { gunzipSync } from "node:zlib";
import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { epochS, monthOf } from "../kernel/time.ts";
import { type Outcome, take } from "../order/index.ts";
import { type Write, write } from "../table/transact.ts";
import { type Done, DoneEntity, type Incoming, type Retry, RetryEntity } from "./event.entity.ts";
import { fetchFact } from "./fetch.ts";
import { isNotice, takeNotice } from "./notice.ts";
import { type EventRef, keyOf } from "./ref.ts";
import { factOf } from "./translate.ts";

const dayS = 86_400;
const keptDoneS = 90 * dayS;
export const keptStuckS = 28 * dayS;

/** Decides a stored event: its fact, what follows from it and its end, in one transaction. */
export async function decide(
  ctx: Context,
  connection: Connection,
  incoming: Incoming,
  {
    rawBody,
    deadline,
    mayAsk = false,
    again,
    retry,
    beside = () => [],
  }: {
    rawBody: Uint8Array;
    deadline?: number;
    /** Whether the checkout may be asked for what the event only names. Never while it waits for our answer. */
    mayAsk?: boolean;
    again?: Done | undefined;
    retry?: Retry | undefined;
    /** What else belongs into the transaction. */
    beside?: (outcome: Outcome) => Write[];
  },
): Promise<Outcome | undefined> {
  const stored = { type: incoming.type, rawBody, receivedAt: new Date(incoming.receivedAt) };
  const named = factOf(connection, stored, ctx.now());
  if (named.kind === "fetch" && !mayAsk) return undefined;
  const told = named.kind === "fetch" ? await fetchFact(ctx, connection, named) : named;
  const done = (outcome: Outcome): Write[] => {
    const at = { table: ctx.table.name };
    const item: Done = {
      connectionId: incoming.connectionId,
      eventId: incoming.eventId,
      type: incoming.type,
      receivedAt: incoming.receivedAt,
      month: monthOf(incoming.receivedAt),
      source: incoming.source,
      hash: incoming.hash,
      status: outcome.status,
      outcome: outcome.sentence,
      orderId: outcome.orderId ?? again?.orderId,
      attempts: (again?.attempts ?? retry?.attempts ?? 0) + 1,
      expiresAtEpochS: epochS(ctx.now()) + (outcome.status === "unprocessable" ? keptStuckS : keptDoneS),
    };
    return [
      again
        ? write.put(
            "done",
            DoneEntity.put(item)
              .where((a, o) => o.eq(a.attempts, again.attempts))
              .params(at),
          )
        : write.put("done", DoneEntity.create(item).params(at)),
      ...(retry ? [forgetRetry(ctx, incoming)] : []),
      ...(outcome.status === "unprocessable" ? [keepLonger(ctx, incoming)] : []),
      ...beside(outcome),
    ];
  };
  const end = { connection, eventId: incoming.eventId, done, ...(deadline ? { deadline } : {}) };
  const taken = isNotice(told)
    ? await takeNotice(ctx, { ...end, told, receivedAt: incoming.receivedAt })
    : await take(ctx, { ...end, fact: told });
  if (taken.outcome?.status === "unprocessable" && !again) ctx.metrics.record("DeadLetters");
  return taken.outcome;
}

export const forgetRetry = (ctx: Context, { connectionId, eventId }: EventRef): Write =>
  write.delete("retry", RetryEntity.delete({ connectionId, eventId }).params({ table: ctx.table.name }));

/** What could not be decided is kept until a person has had the time to look at it. */
export const keepLonger = (ctx: Context, ref: EventRef): Write =>
  write.update("incoming", {
    TableName: ctx.table.name,
    Key: keyOf(ref, "IN"),
    UpdateExpression: "SET expiresAtEpochS = :until",
    ConditionExpression: "attribute_exists(pk)",
    ExpressionAttributeValues: { ":until": epochS(ctx.now()) + keptStuckS },
  });

/** The stored body; undefined where it is no longer kept. */
export const bodyOf = (incoming: Incoming | undefined): Uint8Array | undefined =>
  incoming?.body ? gunzipSync(incoming.body as Uint8Array) : undefined;
