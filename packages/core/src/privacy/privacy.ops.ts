import { gunzipSync, gzipSync } from "node:zlib";
import type { Id, PrivacyExport, PrivacyRequest as Shown } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import type { Connection } from "../connection/index.ts";
import { type Customer, CustomerEntity } from "../customer/index.ts";
import { intend } from "../effect/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { epochS, monthBefore, monthOf } from "../kernel/time.ts";
import { bodiesOf, buyerOf, type Erased, eraseBuyer, orderIdsOf } from "../order/index.ts";
import { findConnection } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, type Item, listPage, type Page, queryAll, queryPage } from "../table/read.ts";
import { transact, type Write, write } from "../table/transact.ts";
import { ExportEntity, PrivacyEntity, type PrivacyItem } from "./privacy.entity.ts";
import type { PrivacyRequest } from "./request.ts";

const exportKeptS = 30 * 86_400;
/** An item has at most 400 KB. */
const partBytes = 300_000;
const sliceMs = 20_000;
const pageSize = 50;
/** Orders are looked through so far back when a shop is erased. */
const oldestMonth = "2020-01";

const keyOf = (id: string): Key => ({ pk: `PRIVACY#${id}`, sk: "REQUEST" });
const customerKeyOf = (key: string): Key => ({ pk: `CUS#${key}`, sk: "CUSTOMER" });
const incomingKeyOf = (eventKey: string): Key => ({ pk: `EVT#${eventKey.replace("~", "#")}`, sk: "IN" });

/**
 * Takes a request in: recorded, audited, and fulfilled by an effect. Told again it is fulfilled again, which changes nothing more.
 * @param event `con_…~…`
 */
export function admit(
  ctx: Context,
  connection: Connection,
  { event, receivedAt, told }: { event: string; receivedAt: string; told: PrivacyRequest },
): { sentence: string; writes: Write[] } {
  const nothing = !told.ofThisShop;
  const sentence = nothing
    ? "Recorded. It is about a shop that was never connected here, so nothing is kept of it."
    : `Recorded. ${{ export: "What is kept of the buyer is put together", erase_customer: "What is kept of the buyer is erased", erase_shop: "What is kept of the shop's buyers is erased" }[told.request]} by an effect of its own.`;
  const item: PrivacyItem = {
    id: event,
    connectionId: connection.id,
    request: told.request,
    reference: told.reference ?? undefined,
    state: nothing ? "done" : "waiting",
    receivedAt,
    doneAt: nothing ? ctx.now().toISOString() : undefined,
    outcome: nothing ? sentence : undefined,
    aliases: nothing ? [] : told.aliases,
    customerKey: told.email && !nothing ? emailKey(ctx.keys, told.email) : undefined,
    counts: { orders: 0, customers: 0, bodies: 0 },
    version: 1,
  };
  return {
    sentence,
    writes: [
      write.put("privacy", PrivacyEntity.put(item).params({ table: ctx.table.name })),
      recordAudit(ctx, {
        action: "privacy.requested",
        subject: event,
        after: { request: told.request, orders: item.aliases.length, ofThisShop: told.ofThisShop },
      }),
      ...(nothing ? [deleteBody(ctx, event)] : intend(ctx, "privacy.fulfil", event, {})),
    ],
  };
}

/** The stored body of an event, which may hold an address; its end, which holds none, stays. */
const deleteBody = (ctx: Context, event: string): Write => ({
  name: `body ${event}`,
  item: { Delete: { TableName: ctx.table.name, Key: incomingKeyOf(event) } },
});

/**
 * Does what a request asks for. Every step may be done again: what was erased stays so, and the end is recorded once.
 * Money, and who an order belongs to, is no buyer's data and stays.
 */
export async function fulfil(ctx: Context, id: string): Promise<void> {
  assert(ctx.actor.kind === "system", "requests are fulfilled by the program itself");
  const before = parse(PrivacyEntity, await getItem(ctx.table, keyOf(id)));
  if (!before || before.state === "done") return;
  const connection = findConnection(await ctx.program(), before.connectionId);
  if (!connection)
    throw new AppError(
      "not_found",
      "connection.gone",
      "The connection that this request came by does not exist any more.",
    );
  switch (before.request) {
    case "export":
      return exportBuyer(ctx, connection, before);
    case "erase_customer":
      return eraseCustomer(ctx, connection, before);
    case "erase_shop":
      return eraseShop(ctx, connection, before);
  }
}

async function exportBuyer(ctx: Context, connection: Connection, before: PrivacyItem): Promise<void> {
  const orderIds = await orderIdsOf(ctx, connection.namespace, before.aliases);
  const orders = [];
  const customers = new Set(before.customerKey ? [before.customerKey] : []);
  let bodies = 0;
  for (const orderId of orderIds) {
    const { order, customerKey } = await buyerOf(ctx, orderId);
    const payloads = await bodiesOf(ctx, orderId);
    if (customerKey) customers.add(customerKey);
    bodies += payloads.length;
    orders.push({ ...order, webhooks: payloads });
  }
  const known = await customersOf(ctx, customers);
  const document = {
    request: before.reference ?? before.id,
    shop: connection.shopUrl ?? connection.name,
    generatedAt: ctx.now().toISOString(),
    customers: known.map(({ orderCount, firstOrderId, boundCode }) => ({
      orderCount,
      firstOrderId,
      belongsToCode: boundCode ?? null,
    })),
    orders,
  };
  const packed = gzipSync(JSON.stringify(document));
  const expiresAtEpochS = epochS(ctx.now()) + exportKeptS;
  const at = { table: ctx.table.name };
  const count = Math.ceil(packed.length / partBytes);
  for (let part = 0; part < count; part++)
    await transact(ctx.table, [
      write.put(
        "export",
        ExportEntity.put({
          id: before.id,
          part,
          body: packed.subarray(part * partBytes, (part + 1) * partBytes),
          expiresAtEpochS,
        }).params(at),
      ),
    ]);
  await end(
    ctx,
    before,
    { orders: orders.length, customers: known.length, bodies },
    "What is kept was put together; it can be fetched for 30 days.",
  );
}

async function customersOf(ctx: Context, keys: ReadonlySet<string>): Promise<Customer[]> {
  const items = await getItems(ctx.table, [...keys].map(customerKeyOf));
  return items.flatMap((item) => parse(CustomerEntity, item) ?? []);
}

async function eraseCustomer(ctx: Context, connection: Connection, before: PrivacyItem): Promise<void> {
  const counts = { ...before.counts };
  for (const orderId of await orderIdsOf(ctx, connection.namespace, before.aliases))
    add(counts, await eraseBuyer(ctx, orderId, { everywhere: true }));
  for (const customer of await customersOf(ctx, new Set(before.customerKey ? [before.customerKey] : []))) {
    await forgetCustomer(ctx, customer);
    counts.customers++;
  }
  await end(ctx, before, counts, "What was kept of the buyer is erased. Amounts stay, without a name to them.");
}

function add(counts: PrivacyItem["counts"], erased: Erased): void {
  counts.orders += erased.orders;
  counts.customers += erased.customers;
  counts.bodies += erased.bodies;
}

const forgetCustomer = (ctx: Context, { key }: Customer) =>
  transact(ctx.table, [write.delete("customer", CustomerEntity.delete({ key }).params({ table: ctx.table.name }))]);

/** The places that a shop's erasure goes through: bodies of webhooks, which are a month old at most, then orders. */
function nextPlace(ctx: Context, place: Place): Place | undefined {
  const now = monthOf(ctx.now().toISOString());
  if (place.of === "EVENTS")
    return place.month === now ? { of: "EVENTS", month: monthBefore(now) } : { of: "ORDERS", month: now };
  const month = monthBefore(place.month);
  return month < oldestMonth ? undefined : { of: "ORDERS", month };
}
type Place = NonNullable<PrivacyItem["cursor"]>;

/** Goes on where it was, for some seconds; then it saves its place and lets a next effect go on, in one transaction. */
async function eraseShop(ctx: Context, connection: Connection, before: PrivacyItem): Promise<void> {
  const until = Date.now() + sliceMs;
  const counts = { ...before.counts };
  let place: Place | undefined = before.cursor ?? { of: "EVENTS", month: monthOf(ctx.now().toISOString()) };
  while (place && Date.now() < until) {
    const page: { items: Item[]; last: Item | undefined } = await queryPage(
      ctx.table,
      { index: "gsi1", pk: `${place.of}#${place.month}` },
      { limit: pageSize, after: place.after },
    );
    if (place.of === "EVENTS") counts.bodies += await eraseBodies(ctx, connection, page.items);
    else await eraseOrders(ctx, connection, page.items, counts);
    place = page.last ? { ...place, after: page.last } : nextPlace(ctx, place);
  }
  if (!place)
    return end(
      ctx,
      before,
      counts,
      "What was kept of the shop's buyers is erased. Amounts stay, without names to them.",
      // Nothing more will come of it, so the secret that proves it is not needed either.
      intend(ctx, "connection.close", connection.id, { erased: true }),
    );
  const done = await transact(ctx.table, [
    put(ctx, before, { counts, cursor: place }),
    ...intend(ctx, "privacy.fulfil", before.id, {}),
  ]);
  if (!done.ok) ctx.log.info("privacy.elsewhere", { id: before.id });
}

async function eraseBodies(ctx: Context, connection: Connection, found: readonly Item[]): Promise<number> {
  const keys = found
    .filter((item) => (item.pk as string).startsWith(`EVT#${connection.id}#`))
    .map((item) => ({ pk: item.pk as string, sk: "IN" }));
  const there = (await getItems(ctx.table, keys)).filter((item) => item !== undefined);
  if (there.length > 0)
    await transact(
      ctx.table,
      there.map(({ pk }, at) => ({
        name: `body ${at}`,
        item: { Delete: { TableName: ctx.table.name, Key: { pk, sk: "IN" } } },
      })),
    );
  return there.length;
}

async function eraseOrders(
  ctx: Context,
  connection: Connection,
  found: readonly Item[],
  counts: PrivacyItem["counts"],
): Promise<void> {
  const orders = await getItems(
    ctx.table,
    found.map(({ pk, sk }) => ({ pk, sk })),
  );
  // Who bought elsewhere too stays known there.
  for (const order of orders)
    if (order?.connectionId === connection.id) add(counts, await eraseBuyer(ctx, order.id, { everywhere: false }));
}

const put = (ctx: Context, before: PrivacyItem, change: Partial<PrivacyItem>): Write =>
  write.put(
    "privacy",
    PrivacyEntity.put({ ...before, ...change, version: before.version + 1 })
      .where((a, o) => o.eq(a.version, before.version))
      .params({ table: ctx.table.name }),
  );

/** The request's own webhook named the buyer, so its body goes too, and the keyed hash with it. */
async function end(
  ctx: Context,
  before: PrivacyItem,
  counts: PrivacyItem["counts"],
  outcome: string,
  more: Write[] = [],
): Promise<void> {
  const done = await transact(ctx.table, [
    put(ctx, before, {
      state: "done",
      doneAt: ctx.now().toISOString(),
      outcome,
      counts,
      customerKey: undefined,
      cursor: undefined,
    }),
    deleteBody(ctx, before.id),
    recordAudit(ctx, {
      action: before.request === "export" ? "privacy.exported" : "privacy.erased",
      subject: before.id,
      after: { ...counts },
    }),
    ...more,
  ]);
  if (!done.ok) ctx.log.info("privacy.elsewhere", { id: before.id });
}

/** The requests that came by checkouts, newest first, and what became of each. */
export async function list(ctx: Context, { cursor }: { cursor?: string | undefined } = {}): Promise<Page<Shown>> {
  authorize(ctx.actor, "privacy.read");
  return listPage(ctx.table, [{ index: "gsi1", pk: "PRIVACYREQUESTS" }], {
    cursor,
    hydrate: async (found) =>
      (
        await getItems(
          ctx.table,
          found.map(({ pk, sk }) => ({ pk, sk })),
        )
      ).map((item) => {
        const request = parse(PrivacyEntity, item);
        return request && serialize(request);
      }),
  });
}

const serialize = (item: PrivacyItem): Shown => ({
  id: item.id,
  connectionId: item.connectionId as Id<"connection">,
  request: item.request,
  reference: item.reference ?? null,
  state: item.state,
  receivedAt: item.receivedAt,
  doneAt: item.doneAt ?? null,
  outcome: item.outcome ?? null,
  counts: item.counts,
});

/** What was put together for a buyer who asked. @throws AppError not_found where there is none, or its 30 days are over */
export async function exported(ctx: Context, id: string): Promise<PrivacyExport> {
  authorize(ctx.actor, "privacy.read");
  const parts = await queryAll(ctx.table, { pk: `PRIVACY#${id}`, skPrefix: "EXPORT#" });
  const live = parts
    .flatMap((item) => parse(ExportEntity, item) ?? [])
    .filter((part) => part.expiresAtEpochS > epochS(ctx.now()));
  if (live.length === 0) throw notFound();
  return JSON.parse(gunzipSync(Buffer.concat(live.map((part) => part.body as Uint8Array))).toString("utf8"));
}
