import { gunzipSync, gzipSync } from "node:zlib";
import { CodeEntity, type CodeItem } from "../code/index.ts";
import { CommissionEntity } from "../commission/index.ts";
import { CustomerEntity } from "../customer/index.ts";
import { inputOf, type JobItem, jobKey, type Progress } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { epochS, monthOf } from "../kernel/time.ts";
import {
  commissionKeyOf,
  customerItemKey,
  OrderEntity,
  type OrderItem,
  SubscriptionEntity,
  subscriptionKey,
} from "../order/index.ts";
import { findConnection, type ProgramSnapshot } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { type Key, keys } from "../table/keys.ts";
import { getItems, type Item, queryAll, queryPage } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { decide, type Story } from "./decide.ts";
import { addUp, resultOf } from "./figures.ts";
import { Memory } from "./memory.ts";
import type { Proposal } from "./proposal.ts";
import { SimulationMemoryEntity, SimulationResultEntity } from "./simulation.entity.ts";

const dayMs = 86_400_000;
/** A slice is short against the lease, however many orders it came to. */
const sliceMs = 8_000;
/** A chunk fits into an item whatever compressing it gives, and several into a transaction. */
const chunkLength = 300_000;
const chunksAtOnce = 8;
const maxChunks = 20_000;
const maxCodes = 20_000;

/** Where the next page of orders begins. */
interface Place {
  month: string;
  /** The last key of the page before; absent at the beginning of a month. */
  after?: Item | undefined;
}

/** What a run keeps at hand from one of its slices to the next. The next run reads it from the table. */
interface AtHand {
  cursor: number;
  proposal: Proposal;
  memory: Memory;
  codes: Map<string, CodeItem | undefined>;
}
const atHand = new WeakMap<Context, AtHand>();

/**
 * Looks at the next orders, the oldest first, and stores what it learned. Nothing but the job's own items is written, and
 * those only while the job is still in the hands of whoever claimed it.
 */
export async function simulate(ctx: Context, job: JobItem): Promise<Progress> {
  const kept = atHand.get(ctx);
  const run = kept?.cursor === job.cursor ? kept : await recall(ctx, job);
  const { proposal, memory } = run;
  const snapshot = await ctx.program();
  const until = Date.now() + sliceMs;
  let place: Place | undefined = job.after ? (JSON.parse(job.after) as Place) : { month: monthOf(proposal.from) };
  let at = proposal.until;
  for (let looked = 0; place && looked < proposal.sizes.slice && Date.now() < until; ) {
    const page = await ordersFrom(ctx, place, proposal);
    for (const story of await storiesOf(ctx, snapshot, page.orders)) await take(ctx, run, story);
    looked += page.orders.length;
    place = page.next;
    at = page.orders.at(-1)?.occurredAt ?? at;
  }
  if (place) await remember(ctx, job, memory);
  else await save(ctx, job, [resultWrite(ctx, job, run)]);
  const cursor = job.cursor + 1;
  atHand.set(ctx, { ...run, cursor });
  const behind = place ? Math.floor((Date.parse(at) - Date.parse(proposal.from)) / dayMs) : job.total;
  const days = Math.max(behind, job.done) - job.done;
  return { cursor, after: place && JSON.stringify(place), done: !place, counts: { done: days, refused: 0 } };
}

/** Decides an order, reading the codes that only this decision asks for. */
async function take(ctx: Context, { proposal, memory, codes }: AtHand, story: Story): Promise<void> {
  for (;;) {
    const decided = decide(story, proposal, memory, codes);
    if (!("needs" in decided)) return addUp(memory, decided);
    if (codes.size > maxCodes) codes.clear();
    const items = await getItems(ctx.table, decided.needs.map(keys.code));
    for (const [n, text] of decided.needs.entries()) codes.set(text, parse(CodeEntity, items[n]));
  }
}

async function ordersFrom(
  ctx: Context,
  { month, after }: Place,
  { from, until, sizes }: Proposal,
): Promise<{ orders: OrderItem[]; next: Place | undefined }> {
  const { items, last } = await queryPage(
    ctx.table,
    { index: "gsi1", pk: `ORDERS#${month}`, skFrom: from, skUpTo: `${until}~` },
    { limit: sizes.page, newestFirst: false, after },
  );
  const orders = (await getItems(ctx.table, items as unknown as Key[])).flatMap(
    (item) => parse(OrderEntity, item) ?? [],
  );
  if (last) return { orders, next: { month, after: last } };
  return { orders, next: month < monthOf(until) ? { month: monthAfter(month) } : undefined };
}

function monthAfter(month: string): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + 1);
  return at.toISOString().slice(0, 7);
}

/** Orders with all that hangs on them, read together. */
async function storiesOf(ctx: Context, snapshot: ProgramSnapshot, orders: readonly OrderItem[]): Promise<Story[]> {
  const wanted = orders.map((order) => {
    const { subscription, customerKey } = order;
    const namespace = findConnection(snapshot, order.connectionId)?.namespace;
    return {
      commissions: earnersOf(order).map((id) => commissionKeyOf(id, order)),
      subscription: subscription && namespace !== undefined ? subscriptionKey(namespace, subscription.id) : undefined,
      customer: subscription && customerKey !== undefined ? customerItemKey(customerKey) : undefined,
    };
  });
  const all = wanted.flatMap(({ commissions, subscription, customer }) =>
    [...commissions, subscription, customer].filter((key) => key !== undefined),
  );
  const found = await getItems(ctx.table, all);
  const byKey = new Map(all.map((key, n) => [`${key.pk}\n${key.sk}`, found[n]]));
  const read = (key: Key | undefined): Item | undefined => key && byKey.get(`${key.pk}\n${key.sk}`);
  return orders.map((order, n) => {
    const { commissions, subscription, customer } = wanted[n]!;
    return {
      order,
      commissions: commissions.flatMap((key) => parse(CommissionEntity, read(key)) ?? []),
      subscription: parse(SubscriptionEntity, read(subscription)),
      customer: parse(CustomerEntity, read(customer)),
    };
  });
}

/** Whoever has a commission of an order: who has it, and all who had earned by it before. */
function earnersOf({ attribution, formerly = [], payment }: OrderItem): string[] {
  if (payment !== "paid") return [];
  return [...new Set([...(attribution ? [attribution.ambassadorId] : []), ...formerly])];
}

/** What the slices before have stored. */
async function recall(ctx: Context, job: JobItem): Promise<AtHand> {
  const proposal = await inputOf<Proposal>(ctx, job);
  const memory = new Memory(job.id);
  const items = await queryAll(ctx.table, { pk: `JOB#${job.id}`, skPrefix: "MEMORY#" }, { atMost: maxChunks });
  const chunks = items.map((item) => parse(SimulationMemoryEntity, item)!);
  const bySlice = Map.groupBy(chunks, ({ place }) => Number(place.split("#")[0]));
  for (let slice = 0; slice < job.cursor; slice++) {
    const all = bySlice.get(slice) ?? [];
    // One that began the slice before may have stored more chunks than the one that ended it.
    const own = all.slice(0, all[0]?.chunks ?? 0);
    if (own.length === 0 || own.length < own[0]!.chunks)
      throw new AppError("rejected", "simulation.forgotten", "It has taken too long. Begin it again.");
    for (const { entries } of own) memory.recall(gunzipSync(entries as Uint8Array).toString("utf8"));
  }
  return { cursor: job.cursor, proposal, memory, codes: new Map() };
}

const placeOf = (slice: number, chunk: number): string =>
  `${String(slice).padStart(6, "0")}#${String(chunk).padStart(6, "0")}`;
const keptS = 7 * 86_400;

async function remember(ctx: Context, job: JobItem, memory: Memory): Promise<void> {
  const texts = memory.changes(chunkLength);
  const writes = texts.map((text, chunk) =>
    write.put(
      `memory ${chunk}`,
      SimulationMemoryEntity.put({
        jobId: job.id,
        place: placeOf(job.cursor, chunk),
        chunks: texts.length,
        entries: gzipSync(text),
        expiresAtEpochS: epochS(ctx.now()) + keptS,
      }).params({ table: ctx.table.name }),
    ),
  );
  for (let at = 0; at < writes.length; at += chunksAtOnce) await save(ctx, job, writes.slice(at, at + chunksAtOnce));
}

const resultWrite = (ctx: Context, job: JobItem, { memory, proposal }: AtHand): Write =>
  write.put(
    "result",
    SimulationResultEntity.put({
      jobId: job.id,
      result: resultOf(memory, proposal.currency),
      expiresAtEpochS: job.expiresAtEpochS,
    }).params({ table: ctx.table.name }),
  );

/** Writes only while the job is in the hands of this run: a slow one must not write over what another has learned. */
async function save(ctx: Context, job: JobItem, writes: Write[]): Promise<void> {
  const mine = write.check("job", {
    TableName: ctx.table.name,
    Key: jobKey(job.id),
    ConditionExpression: "#fence = :fence",
    ExpressionAttributeNames: { "#fence": "fence" },
    ExpressionAttributeValues: { ":fence": job.fence },
  });
  const done = await transact(ctx.table, [mine, ...writes]);
  if (done.ok) return;
  assert(
    done.refusals.every((each) => each.name === "job"),
    "only the job itself is in the way",
  );
  throw new AppError("conflict", "job.taken_over", "Somebody else goes on with it.");
}
