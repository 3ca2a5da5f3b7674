import { gunzipSync, gzipSync } from "node:zlib";
import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Event, EventDetail, EventSource, EventStatus } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { authorize } from "../kernel/permission.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { epochS, monthBefore, monthOf } from "../kernel/time.ts";
import { type Outcome, take } from "../order/index.ts";
import { findConnection, latestConnection, type ProgramSnapshot } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, type Item, listPage, type Page, type Partition, queryPage } from "../table/read.ts";
import { asUnavailable, transact, type Write, wasRefused, write } from "../table/transact.ts";
import { type Done, DoneEntity, type Incoming, IncomingEntity, type Retry, RetryEntity } from "./event.entity.ts";
import { aboutOf, fetchBody, fetchFact } from "./fetch.ts";
import { takeNotice } from "./notice.ts";
import { redact } from "./redact.ts";
import { essenceOf, factOf } from "./translate.ts";

const dayS = 86_400;
const keptIncomingS = 14 * dayS;
const keptDoneS = 90 * dayS;
const keptStuckS = 28 * dayS;
/** Above this the compressed body does not fit an item; the event is then stored without it and fetched from the provider. */
const maxBodyBytes = 350_000;
/** A repeated delivery decides by itself only when the first one has had its chance. */
const graceMs = 10_000;
const maxAttempts = 8;

export interface EventRef {
  connectionId: string;
  eventId: string;
}

const keyOf = (ref: EventRef, sk: "IN" | "DONE" | "RETRY"): Key => ({
  pk: `EVT#${ref.connectionId}#${ref.eventId}`,
  sk,
});

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

/** Of events by their ids, those that have never come here: neither decided nor waiting. */
export async function unknownEvents(
  ctx: Context,
  connectionId: string,
  eventIds: readonly string[],
): Promise<string[]> {
  const unknownBy = async (ids: readonly string[], sk: "DONE" | "IN") => {
    const items = await getItems(
      ctx.table,
      ids.map((eventId) => keyOf({ connectionId, eventId }, sk)),
    );
    return ids.filter((_, at) => items[at] === undefined);
  };
  // What was decided is small; the bodies are read of the few others alone.
  return unknownBy(await unknownBy(eventIds, "DONE"), "IN");
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

/** Decides a stored event: its fact, what follows from it and its end, in one transaction. */
async function decide(
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
  const taken =
    told.kind === "privacy" || told.kind === "disconnected"
      ? await takeNotice(ctx, { ...end, told, receivedAt: incoming.receivedAt })
      : await take(ctx, { ...end, fact: told });
  if (taken.outcome?.status === "unprocessable" && !again) ctx.metrics.record("DeadLetters");
  return taken.outcome;
}

const forgetRetry = (ctx: Context, { connectionId, eventId }: EventRef): Write =>
  write.delete("retry", RetryEntity.delete({ connectionId, eventId }).params({ table: ctx.table.name }));

/** What could not be decided is kept until a person has had the time to look at it. */
const keepLonger = (ctx: Context, ref: EventRef): Write =>
  write.update("incoming", {
    TableName: ctx.table.name,
    Key: keyOf(ref, "IN"),
    UpdateExpression: "SET expiresAtEpochS = :until",
    ConditionExpression: "attribute_exists(pk)",
    ExpressionAttributeValues: { ":until": epochS(ctx.now()) + keptStuckS },
  });

/** The stored body; undefined where it is no longer kept. */
const bodyOf = (incoming: Incoming | undefined): Uint8Array | undefined =>
  incoming?.body ? gunzipSync(incoming.body as Uint8Array) : undefined;

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

function refOf(item: Item): EventRef {
  const [, connectionId, ...rest] = (item.pk as string).split("#");
  return { connectionId: connectionId!, eventId: rest.join("#") };
}

/** `con_…~evt_…`: what the API calls an event. */
const idOf = (ref: EventRef): string => `${ref.connectionId}~${ref.eventId}`;
function refOfId(id: string): EventRef {
  const cut = id.indexOf("~");
  if (cut < 1) throw notFound();
  return { connectionId: id.slice(0, cut), eventId: id.slice(cut + 1) };
}

const months = 15;

/** Which events are meant. Times are when they came here, both included. */
export interface EventFilter {
  status?: EventStatus | "dead" | undefined;
  connectionId?: string | undefined;
  source?: EventSource | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** What waits for a person: it could not be understood, or was given up. */
const dead: readonly EventStatus[] = ["unprocessable", "failed"];
const hasStatus = (event: Event, status: EventFilter["status"]): boolean =>
  status === undefined || (status === "dead" ? dead.includes(event.status) : event.status === status);

/**
 * The inbox, newest first. Each status that needs a person has an index of its own, and of several each stands by itself; the
 * common ones are filtered.
 * @param limit 25 without
 */
export async function list(
  ctx: Context,
  { cursor, limit, ...filter }: EventFilter & { cursor?: string | undefined; limit?: number | undefined },
): Promise<Page<Event>> {
  authorize(ctx.actor, "event.read");
  const { status, connectionId, source, from, to } = filter;
  const snapshot = await ctx.program();
  const hydrate = async (items: Item[]) => {
    // Whose an event is stands in its key: others are not even read.
    const ours = items.filter((item) => !connectionId || refOf(item).connectionId === connectionId);
    const found = await getItems(ctx.table, ours as unknown as Key[]);
    return found.map((item) => {
      const expired = item?.expiresAtEpochS !== undefined && item.expiresAtEpochS <= epochS(ctx.now());
      const event = item && !expired && serialize(snapshot, item);
      if (!event || !hasStatus(event, status) || (source && event.source !== source)) return undefined;
      return (from && event.receivedAt < from) || (to && event.receivedAt > to) ? undefined : event;
    });
  };
  const page = { cursor, hydrate, ...(limit ? { limit } : {}) };
  if (status === "dead" || status === "unprocessable" || status === "failed" || status === "waiting") {
    const partitions = (status === "dead" ? dead : [status]).map((each) => `EVENTS#${each}`);
    return listPage(
      ctx.table,
      partitions.map((pk) => ({ index: "gsi2" as const, pk })),
      page,
    );
  }
  return listPage(ctx.table, monthsOf(ctx, { from, to }), page);
}

/** The partitions of the months from one time back to another, at most fifteen. */
function monthsOf(ctx: Context, { from, to }: Pick<EventFilter, "from" | "to">): Partition[] {
  const partitions: Partition[] = [];
  let month = monthOf(to ?? ctx.now().toISOString());
  for (let left = months; left > 0 && !(from && month < monthOf(from)); left--, month = monthBefore(month))
    partitions.push({ index: "gsi1", pk: `EVENTS#${month}`, ...(to ? { skUpTo: `${to}~` } : {}) });
  return partitions;
}

function serialize(snapshot: ProgramSnapshot, item: Item): Event {
  const ref = refOf(item);
  const common = {
    id: idOf(ref),
    connectionId: ref.connectionId,
    provider: findConnection(snapshot, ref.connectionId)?.provider ?? ("stripe" as const),
    providerEventId: ref.eventId,
    source: (item.source as EventSource | undefined) ?? ("webhook" as const),
  };
  if (item.sk === "DONE") {
    const done = parse(DoneEntity, item)!;
    return {
      ...common,
      type: done.type,
      receivedAt: done.receivedAt,
      status: done.status,
      outcome: done.outcome,
      orderId: done.orderId ?? null,
      attempts: done.attempts,
      nextAttemptAt: null,
    };
  }
  if (item.sk === "RETRY") {
    const retry = parse(RetryEntity, item)!;
    const outcome =
      retry.status === "failed"
        ? `Given up after ${retry.attempts} tries: ${retry.lastError}`
        : `Will be tried again: ${retry.lastError}`;
    return {
      ...common,
      type: retry.type,
      receivedAt: retry.receivedAt,
      status: retry.status,
      outcome,
      orderId: null,
      attempts: retry.attempts,
      nextAttemptAt: retry.status === "waiting" ? retry.nextAttemptAt : null,
    };
  }
  const incoming = parse(IncomingEntity, item)!;
  return {
    ...common,
    type: incoming.type,
    receivedAt: incoming.receivedAt,
    status: "waiting",
    outcome: "Stored; it is decided in a moment.",
    orderId: null,
    attempts: 0,
    nextAttemptAt: null,
  };
}

async function loadEvent(ctx: Context, id: string) {
  const ref = refOfId(id);
  const [incoming, done, retry] = await getItems(ctx.table, [
    keyOf(ref, "IN"),
    keyOf(ref, "DONE"),
    keyOf(ref, "RETRY"),
  ]);
  const shown = done ?? retry ?? incoming;
  if (!shown) throw notFound();
  const live = incoming && incoming.expiresAtEpochS > epochS(ctx.now()) ? parse(IncomingEntity, incoming) : undefined;
  return { ref, shown, incoming: live, done: parse(DoneEntity, done), retry: parse(RetryEntity, retry) };
}

export async function get(ctx: Context, id: string): Promise<EventDetail> {
  authorize(ctx.actor, "event.read");
  const { shown, incoming } = await loadEvent(ctx, id);
  const body = bodyOf(incoming);
  const event = serialize(await ctx.program(), shown);
  const flag = incoming?.otherHash ? " Another body came under the same id later; the first one counts." : "";
  return { ...event, outcome: event.outcome + flag, payload: body ? redact(body) : null };
}

/**
 * Decides an event again from its stored body. Harmless for one that was decided well: the same purchase and the same refunds
 * are found again and change nothing.
 */
export async function replay(ctx: Context, id: string): Promise<Event> {
  authorize(ctx.actor, "event.replay");
  await decideAgain(ctx, id, (before) => [recordAudit(ctx, { action: "event.replayed", subject: id, before })]);
  return serialize(await ctx.program(), (await loadEvent(ctx, id)).shown);
}

/**
 * The same, for who has asked for leave and writes more beside it.
 * @param beside what else belongs into the transaction, by how the event stood before and what becomes of it
 * @throws AppError not_found; conflict where the connection or the body is gone, or where it was decided by somebody else
 * each time; what the checkout says where it has to be asked
 */
export async function decideAgain(
  ctx: Context,
  id: string,
  beside: (before: { status: EventStatus }, outcome: Outcome) => Write[],
): Promise<Outcome> {
  for (let round = 0; round < 3; round++) {
    const { ref, incoming, done, retry } = await loadEvent(ctx, id);
    const connection = findConnection(await ctx.program(), ref.connectionId);
    if (!connection)
      throw new AppError(
        "conflict",
        "connection.gone",
        "The connection that this event came by does not exist any more.",
      );
    const rawBody = bodyOf(incoming);
    const told = incoming && (rawBody ? { rawBody, type: incoming.type } : await fetchBody(ctx, connection, incoming));
    if (!told)
      throw new AppError(
        "conflict",
        "event.body_gone",
        "The body of this event is no longer kept. Ask the checkout to send it again.",
      );
    const before = { status: done?.status ?? retry?.status ?? ("waiting" as const) };
    const outcome = await decide(
      ctx,
      connection,
      { ...incoming, type: told.type },
      {
        rawBody: told.rawBody,
        again: done,
        retry,
        mayAsk: true,
        beside: (outcome) => beside(before, outcome),
      },
    );
    if (outcome) return outcome;
  }
  throw new AppError(
    "conflict",
    "event.busy",
    "Somebody else is deciding this event just now. Look again in a moment.",
  );
}
