import type { Event, EventDetail, EventSource, EventStatus } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { epochS, monthBefore, monthOf } from "../kernel/time.ts";
import type { Outcome } from "../order/index.ts";
import { findConnection, type ProgramSnapshot } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItems, type Item, listPage, type Page, type Partition } from "../table/read.ts";
import type { Write } from "../table/transact.ts";
import { bodyOf, decide } from "./decide.ts";
import { DoneEntity, IncomingEntity, RetryEntity } from "./event.entity.ts";
import { fetchBody } from "./fetch.ts";
import { redact } from "./redact.ts";
import { idOf, keyOf, refOf, refOfId } from "./ref.ts";

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
