import { gunzipSync } from "node:zlib";
import { CustomerEntity } from "../customer/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems } from "../table/read.ts";
import { jitter, transact, type Write, write } from "../table/transact.ts";
import { idsOf, unlisted } from "./customer-orders.ts";
import { aliasKey, customerItemKey, orderKey, subscriptionKey } from "./keys.ts";
import { AliasEntity, OrderEntity, type OrderItem } from "./order.entity.ts";
import { SubscriptionEntity } from "./subscription.entity.ts";

const rounds = 6;

const bodyKeys = (order: OrderItem): Key[] =>
  order.eventIds.map((event) => ({ pk: `EVT#${event.replace("~", "#")}`, sk: "IN" }));

/** The orders that a checkout's ids name; an id that is not known here names none. */
export async function orderIdsOf(ctx: Context, namespace: string, aliases: readonly string[]): Promise<string[]> {
  const items = await getItems(
    ctx.table,
    aliases.map((alias) => aliasKey(namespace, alias)),
  );
  return [...new Set(items.flatMap((item) => parse(AliasEntity, item)?.orderId ?? []))];
}

async function load(ctx: Context, orderId: string): Promise<OrderItem> {
  const order = parse(OrderEntity, await getItem(ctx.table, orderKey(orderId)));
  assert(order, `the order that an alias names exists: ${orderId}`);
  return order;
}

/** What an order says of its buyer, for the buyer who asks. */
export async function buyerOf(
  ctx: Context,
  orderId: string,
): Promise<{ order: Record<string, unknown>; customerKey: string | undefined }> {
  const order = await load(ctx, orderId);
  const { id, aliases, occurredAt, status, currency, grossMinor, refundedMinor, attribution, clickId } = order;
  return {
    order: {
      id,
      externalIds: aliases,
      occurredAt,
      status,
      currency,
      grossMinor,
      refundedMinor,
      code: attribution?.code ?? null,
      click: clickId ?? null,
      knownByHash: order.customerKey ?? null,
    },
    customerKey: order.customerKey,
  };
}

/** The stored bodies of the webhooks that told of an order, as they came. */
export async function bodiesOf(ctx: Context, orderId: string): Promise<unknown[]> {
  const items = await getItems(ctx.table, bodyKeys(await load(ctx, orderId)));
  return items.flatMap((item) => {
    if (!item?.body) return [];
    try {
      return [JSON.parse(gunzipSync(item.body as Uint8Array).toString("utf8"))];
    } catch {
      return [];
    }
  });
}

/** An order without anything that leads to its buyer. What was paid, and who brought it, stays. */
const withoutBuyer = (order: OrderItem): OrderItem => ({ ...order, customerKey: undefined });

/** How much was erased: nothing the second time. */
export interface Erased {
  orders: number;
  customers: number;
  bodies: number;
}

/**
 * Takes the buyer off an order: the keyed hash, and the bodies of the webhooks that told of it. Doing it again changes nothing.
 * The customer is forgotten in the same transaction, since nothing leads there afterwards.
 * @param everywhere whether the customer goes also where they bought elsewhere; else only with their last order
 */
export async function eraseBuyer(
  ctx: Context,
  orderId: string,
  { everywhere }: { everywhere: boolean },
): Promise<Erased> {
  for (let round = 0; round < rounds; round++) {
    const order = await load(ctx, orderId);
    const bodies = (await getItems(ctx.table, bodyKeys(order))).filter((item) => item !== undefined);
    if (!order.customerKey && bodies.length === 0) return { orders: 0, customers: 0, bodies: 0 };
    const { customers, writes } = await forgetCustomer(ctx, order, everywhere);
    const done = await transact(ctx.table, [
      write.put(
        "order",
        OrderEntity.put({ ...withoutBuyer(order), version: order.version + 1 })
          .where((a, o) => o.eq(a.version, order.version))
          .params({ table: ctx.table.name }),
      ),
      ...(await forgetSubscriber(ctx, order)),
      ...writes,
      ...bodies.map(({ pk, sk }, at) => ({
        name: `body ${at}`,
        item: { Delete: { TableName: ctx.table.name, Key: { pk, sk } } },
      })),
    ]);
    if (done.ok) return { orders: 1, customers, bodies: bodies.length };
    await jitter(round);
  }
  throw new AppError("unavailable", "order.busy", "The order changes too fast to be erased now; it is tried again.", {
    retryAfterMs: 1000,
  });
}

/** A customer who stays known, for what they bought elsewhere, is not known by this order any more. */
async function forgetCustomer(
  ctx: Context,
  order: OrderItem,
  everywhere: boolean,
): Promise<{ customers: number; writes: Write[] }> {
  const customer =
    order.customerKey && parse(CustomerEntity, await getItem(ctx.table, customerItemKey(order.customerKey)));
  if (!customer) return { customers: 0, writes: [] };
  const at = { table: ctx.table.name };
  const orders = unlisted(customer.orders ?? [], order);
  if (everywhere || !orders) {
    const gone = CustomerEntity.delete({ key: customer.key }).where((a, o) => o.eq(a.version, customer.version));
    return { customers: 1, writes: [write.delete("customer", gone.params(at))] };
  }
  if (!idsOf(customer).includes(order.id)) return { customers: 0, writes: [] };
  const next = { ...customer, orders, version: customer.version + 1 };
  const put = CustomerEntity.put(next).where((a, o) => o.eq(a.version, customer.version));
  return { customers: 0, writes: [write.put("customer", put.params(at))] };
}

/** A subscription knows its buyer by the same hash as its payments do. */
async function forgetSubscriber(ctx: Context, order: OrderItem): Promise<Write[]> {
  const { connections } = await ctx.program();
  const connection = connections.find((each) => each.id === order.connectionId);
  if (!order.subscription || !connection) return [];
  const key = subscriptionKey(connection.namespace, order.subscription.id);
  const subscription = parse(SubscriptionEntity, await getItem(ctx.table, key));
  if (!subscription?.customerKey) return [];
  return [
    write.put(
      "subscription",
      SubscriptionEntity.put({ ...subscription, customerKey: undefined, version: subscription.version + 1 })
        .where((a, o) => o.eq(a.version, subscription.version))
        .params({ table: ctx.table.name }),
    ),
  ];
}
