import type { Job } from "@laurel/contract";
import { type Comparison, ComparisonEntity, comparisonKey } from "../comparison/index.ts";
import { type Connection, isActive } from "../connection/index.ts";
import { missedEvents, settleEvent } from "../event/index.ts";
import { stripeIdentity, stripeListedTypes } from "../gateway/stripe/facts.ts";
import { findJob, finished, inputOf, type JobItem, newJob, type Progress, shown } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { activeConnections, latestConnection } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { type FoundOnPage, onItsWayMs, receiveFound, takePage } from "./page.ts";

const permission = "event.replay" as const;
const dayMs = 86_400_000;
/** Each comparison looks back so far, however short a time ago the last one was: checkouts try again for three days. */
const overlapMs = 3 * dayMs;
/** Stripe lists no more. */
const reachMs = 30 * dayMs;
/** Called twice, a day's work is begun once. */
const onceInMs = dayMs / 2;
const tries = 3;

/** What a comparison was begun for: times are those of the checkout. */
interface Span {
  connectionId: string;
  since: string;
  until: string;
}

/**
 * The day's work: begins, for each checkout, to compare what came from it with its own list, and to take in what did not
 * come. Whoever calls a second time on a day begins nothing more, unless the first one failed.
 * @returns how many were begun
 */
export async function beginComparisons(ctx: Context): Promise<number> {
  let begun = 0;
  for (const connection of activeConnections(await ctx.program()))
    if ((await begin(ctx, connection, { onceInMs })).begun) begun++;
  return begun;
}

/**
 * The same for one checkout and at once, such as after an outage. One that is under way is the one that is meant.
 * @throws AppError not_found; conflict where nothing can be asked of the checkout
 */
export async function compareNow(ctx: Context, connectionId: string): Promise<{ job: Job }> {
  authorize(ctx.actor, permission);
  const connection = await latestConnection(ctx, connectionId);
  if (!connection) throw notFound();
  if (!isActive(connection))
    throw new AppError("conflict", "connection.not_active", "Nothing can be asked of this checkout. Connect it first.");
  const { job } = await begin(ctx, connection, { onceInMs: 0 });
  return { job: await shown(ctx, job) };
}

/** Begins one, unless one is under way or was begun a short time ago: then that is the job. */
async function begin(
  ctx: Context,
  connection: Connection,
  { onceInMs }: { onceInMs: number },
): Promise<{ job: JobItem; begun: boolean }> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = await find(ctx, connection.id);
    const last = before && (await findJob(ctx, before.jobId));
    const now = ctx.now();
    if (last && !finished(last)) return { job: last, begun: false };
    const longAgo = !before || now.getTime() - Date.parse(before.begunAt) >= onceInMs;
    if (last && last.state !== "failed" && !longAgo) return { job: last, begun: false };
    const until = new Date(now.getTime() - onItsWayMs);
    const span: Span = {
      connectionId: connection.id,
      since: sinceOf(connection, before, until).toISOString(),
      until: until.toISOString(),
    };
    const { job, writes } = newJob(ctx, { kind: "connection.compare", input: span, total: 0 });
    const next: Comparison = {
      ...before,
      connectionId: connection.id,
      jobId: job.id,
      begunAt: now.toISOString(),
      version: (before?.version ?? 0) + 1,
    };
    if ((await transact(ctx.table, [...writes, put(ctx, next, before)])).ok) return { job, begun: true };
  }
  throw new AppError("unavailable", "catch_up.busy", "Too much is happening at once. Try again in a moment.", {
    retryAfterMs: 1000,
  });
}

/** From the last comparison on, and at least some days; what happened before the connection was made is none of ours. */
function sinceOf({ connectedAt }: Connection, before: Comparison | undefined, until: Date): Date {
  const { comparedUntil } = before ?? {};
  const wanted = Math.min(until.getTime(), comparedUntil ? Date.parse(comparedUntil) : until.getTime()) - overlapMs;
  return new Date(Math.max(wanted, until.getTime() - reachMs, connectedAt ? Date.parse(connectedAt) : 0));
}

const find = async (ctx: Context, connectionId: string): Promise<Comparison | undefined> =>
  parse(ComparisonEntity, await getItem(ctx.table, comparisonKey(connectionId)));

function put(ctx: Context, next: Comparison, before: Comparison | undefined): Write {
  const at = { table: ctx.table.name };
  return write.put(
    "comparison",
    before
      ? ComparisonEntity.put(next)
          .where((a, o) => o.eq(a.version, before.version))
          .params(at)
      : ComparisonEntity.create(next).params(at),
  );
}

/**
 * Long work: one page of the checkout's list at a time. What is found is taken in as if its webhook had come, so whatever is
 * done twice, or by two at once, or comes by webhook after all, is one event.
 */
export const compareConnection = {
  permission,
  names: async () => new Map<string, string>(),
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const span = await inputOf<Span>(ctx, job);
    const connection = activeConnections(await ctx.program()).find(({ id }) => id === span.connectionId);
    if (!connection) return { cursor: job.cursor, done: true, counts: { done: 0, refused: 0 } };
    const since = new Date(span.since);
    const upTo = new Date(span.until);
    const page =
      connection.provider === "stripe"
        ? await takeEvents(ctx, connection, { since, upTo, after: job.after })
        : await takePage(ctx, connection, { since, upTo, after: job.after });
    const cursor = job.cursor + page.seen;
    const done = page.next === undefined;
    if (done) await complete(ctx, job, span, { seen: cursor, found: job.done + page.fresh });
    return { cursor, after: page.next, done, counts: { done: page.fresh, refused: 0 } };
  },
};

/**
 * One page of a Stripe account's events. They are believed because they were asked for with the connection's own key. Stripe
 * lists the newest first; what is missing is taken in oldest first. What came and was lost on its way is decided by what came.
 */
async function takeEvents(
  ctx: Context,
  connection: Connection,
  { since, upTo, after }: { since: Date; upTo: Date; after: string | undefined },
): Promise<FoundOnPage> {
  const page = await ctx.gateways.stripe.listEvents(connection, {
    types: stripeListedTypes,
    since,
    until: upTo,
    after,
  });
  // The API leaves the account out of events that are asked for in its name.
  const { account } = connection;
  const listed = page.events.map((event) => {
    const rawBody = Buffer.from(JSON.stringify(account ? { account, ...event } : event));
    const { eventId, type, happenedAt } = stripeIdentity(rawBody);
    return { eventId, type, rawBody, at: happenedAt ?? upTo };
  });
  const { unknown, lost } = await missedEvents(
    ctx,
    connection.id,
    listed.map(({ eventId }) => eventId),
  );
  for (const eventId of lost) await settleEvent(ctx, { connectionId: connection.id, eventId });
  const missing = listed.filter(({ eventId }) => unknown.includes(eventId)).reverse();
  const fresh = await receiveFound(ctx, connection, missing);
  return { seen: listed.length, fresh, next: page.next };
}

/** Notes that a comparison came to its end. Noted twice, the first one counts. */
async function complete(
  ctx: Context,
  job: JobItem,
  { connectionId, until }: Span,
  { seen, found }: { seen: number; found: number },
): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const before = await find(ctx, connectionId);
    if (!before || before.completedJobId === job.id) break;
    const next: Comparison = {
      ...before,
      comparedUntil: until,
      completedAt: ctx.now().toISOString(),
      completedJobId: job.id,
      seen,
      found,
      version: before.version + 1,
    };
    if ((await transact(ctx.table, [put(ctx, next, before)])).ok) break;
  }
  if (found > 0) ctx.log.warn("catch_up.compared", { connectionId, seen, found });
}
