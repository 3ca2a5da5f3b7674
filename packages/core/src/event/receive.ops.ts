import { gzipSync } from "node:zlib";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { errorOf } from "../kernel/failure.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { epochS } from "../kernel/time.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems } from "../table/read.ts";
import { asUnavailable, wasRefused } from "../table/transact.ts";
import { bodyOf, decide } from "./decide.ts";
import { type Incoming, IncomingEntity, RetryEntity } from "./event.entity.ts";
import { aboutOf } from "./fetch.ts";
import { keyOf } from "./ref.ts";
import { essenceOf } from "./translate.ts";

const keptIncomingS = 14 * 86_400;
/** Above this the compressed body does not fit an item; the event is then stored without it and fetched from the provider. */
const maxBodyBytes = 350_000;
/** A repeated delivery decides by itself only when the first one has had its chance. */
const graceMs = 10_000;

/**
 * Keeps a verified event, then decides it within the deadline. Whatever deciding gives, the event is stored: the stream's
 * consumer and the retries see to the rest.
 * @param happenedAt when it happened at the checkout, where the checkout says so
 * @param source where the checkout did not deliver it, but was asked for it
 * @param rawBody the bytes that were signed, or that the checkout gave to whoever holds its key
 * @returns whether it was not known before
 * @throws AppError unavailable only where the event could not be stored; the sender then tries again
 */
export async function receive(
  ctx: Context,
  connection: Connection,
  {
    happenedAt,
    ...event
  }: { eventId: string; type: string; happenedAt?: Date | undefined; source?: "comparison" | undefined },
  rawBody: Uint8Array,
  deadline = Date.now() + 2_500,
): Promise<boolean> {
  const now = ctx.now();
  const body = gzipSync(rawBody);
  const incoming: Incoming = {
    connectionId: connection.id,
    ...event,
    receivedAt: now.toISOString(),
    hash: sha256(rawBody),
    ...(body.length <= maxBodyBytes ? { body } : { about: aboutOf(connection, rawBody) }),
    expiresAtEpochS: epochS(now) + keptIncomingS,
  };
  const stored = await store(ctx, incoming);
  if (!stored && happenedAt) ctx.metrics.record("WebhookLagMs", Math.max(0, now.getTime() - happenedAt.getTime()));
  try {
    if (!stored) await decide(ctx, connection, incoming, { rawBody, deadline });
    else await receiveAgain(ctx, connection, stored, { rawBody, hash: incoming.hash, deadline });
  } catch (error) {
    ctx.log.warn("event.decide_later", {
      connectionId: connection.id,
      eventId: event.eventId,
      ...errorOf(error),
    });
  }
  return stored === undefined;
}

/**
 * Of events by their ids, those that have never come here, and those that came and are lost: neither decided nor tried again,
 * because whoever was to decide them could not even say so.
 */
export async function missedEvents(
  ctx: Context,
  connectionId: string,
  eventIds: readonly string[],
): Promise<{ unknown: string[]; lost: string[] }> {
  const without = async (ids: readonly string[], sk: "DONE" | "IN" | "RETRY") => {
    const items = await getItems(
      ctx.table,
      ids.map((eventId) => keyOf({ connectionId, eventId }, sk)),
    );
    return ids.filter((_, at) => items[at] === undefined);
  };
  // What was decided is small; the bodies are read of the few others alone.
  const undecided = await without(eventIds, "DONE");
  const unknown = await without(undecided, "IN");
  const came = undecided.filter((id) => !unknown.includes(id));
  return { unknown, lost: await without(came, "RETRY") };
}

/** A further delivery: nothing to do, unless the first one was left undecided. The first body counts. */
async function receiveAgain(
  ctx: Context,
  connection: Connection,
  stored: Incoming,
  { rawBody, hash, deadline }: { rawBody: Uint8Array; hash: string; deadline: number },
): Promise<void> {
  const first = stored.hash === hash ? rawBody : bodyOf(stored);
  if (!first || (first !== rawBody && essenceOf(connection, first) !== essenceOf(connection, rawBody)))
    await flagOtherBody(ctx, stored, hash);
  if (!first || ctx.now().getTime() - Date.parse(stored.receivedAt) < graceMs) return;
  const [done, retry] = await getItems(ctx.table, [keyOf(stored, "DONE"), keyOf(stored, "RETRY")]);
  if (!done) await decide(ctx, connection, stored, { rawBody: first, deadline, retry: parse(RetryEntity, retry) });
}

/** Puts the event if it is new; otherwise returns what is there. */
async function store(ctx: Context, incoming: Incoming): Promise<Incoming | undefined> {
  try {
    const params = IncomingEntity.create(incoming).params({ table: ctx.table.name });
    await ctx.table.client.send(new PutCommand(params as never));
    return undefined;
  } catch (error) {
    if (!wasRefused(error)) throw asUnavailable(error);
    const item = parse(IncomingEntity, await getItem(ctx.table, keyOf(incoming, "IN")));
    return item ?? incoming;
  }
}

async function flagOtherBody(ctx: Context, stored: Incoming, otherHash: string): Promise<void> {
  ctx.log.warn("event.other_body", { connectionId: stored.connectionId, eventId: stored.eventId });
  try {
    await ctx.table.client.send(
      new UpdateCommand({
        TableName: ctx.table.name,
        Key: keyOf(stored, "IN"),
        UpdateExpression: "SET otherHash = :other",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeValues: { ":other": otherHash },
      }),
    );
  } catch (error) {
    ctx.log.error("event.flag_failed", errorOf(error));
  }
}
