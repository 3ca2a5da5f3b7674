import type { Commission as CommissionView, CustomerKind, Order, Receipt } from "@laurel/contract";
import { namesOf } from "../ambassador/index.ts";
import { findCode } from "../code/index.ts";
import { type Commission, CommissionEntity } from "../commission/index.ts";
import type { Context } from "../kernel/context.ts";
import { assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { monthBefore, monthOf } from "../kernel/time.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems, type Item, listPage, type Page, type Partition, queryPage } from "../table/read.ts";
import { findOrder } from "./again.ops.ts";
import { aliasKey, commissionKey, orderKey } from "./keys.ts";
import { AliasEntity, OrderEntity, type OrderItem } from "./order.entity.ts";
import { numberKeyOf } from "./order.ts";
import { viewOrder, viewReceipt } from "./view.ts";

/** Lists of everything go back so far; older orders are found by their ids, codes and ambassadors. */
const months = 36;

export async function list(
  ctx: Context,
  {
    externalId,
    number,
    code,
    ambassadorId,
    customer,
    cursor,
  }: {
    externalId?: string | undefined;
    number?: string | undefined;
    code?: string | undefined;
    ambassadorId?: string | undefined;
    customer?: CustomerKind | undefined;
    cursor?: string | undefined;
  },
): Promise<Page<Order>> {
  authorize(ctx.actor, "order.read");
  const fits = (order: Order): boolean =>
    (!code || order.attribution?.code === code) &&
    (!ambassadorId || order.attribution?.ambassadorId === ambassadorId) &&
    (!customer || order.newCustomer === (customer === "new"));
  if (externalId) return { items: (await byExternalId(ctx, externalId)).filter(fits), cursor: null };
  if (number) {
    const found = await ordersByNumber(ctx, number);
    return { items: (await viewed(ctx, found)).filter(fits), cursor: null };
  }
  const whose = ambassadorId ?? (code ? (await findCode(ctx, code))?.ambassadorId : undefined);
  if (code && !whose) return { items: [], cursor: null };
  if (whose) {
    const page = await ofAmbassador(ctx, whose, cursor, "staff");
    return { ...page, items: page.items.filter(fits) };
  }
  const partitions: Partition[] = [];
  for (let month = monthOf(ctx.now().toISOString()), left = months; left > 0; left--, month = monthBefore(month))
    partitions.push({ index: "gsi1", pk: `ORDERS#${month}` });
  return listPage(ctx.table, partitions, {
    cursor,
    hydrate: async (found) => {
      const orders = await withCommissions(ctx, await getItems(ctx.table, found as unknown as Key[]), "staff");
      return orders.map((order) => (order && fits(order) ? order : undefined));
    },
  });
}

/** The orders of one ambassador, through their commissions: newest first. */
const ofAmbassador = (
  ctx: Context,
  ambassadorId: string,
  cursor: string | undefined,
  audience: "staff" | "ambassador",
): Promise<Page<Order>> =>
  listPage(ctx.table, [{ pk: `AMB#${ambassadorId}`, skPrefix: "COM#" }], {
    cursor,
    hydrate: async (found) => {
      const commissions = found.map((item) => parse(CommissionEntity, item)!);
      const orders = await getItems(
        ctx.table,
        commissions.map((each) => orderKey(each.orderId)),
      );
      return orders.map((item, at) => item && viewOrder(parse(OrderEntity, item)!, commissions[at], audience));
    },
  });

/** So many orders of one number are looked at: shops and years may use a number again. */
const sameNumber = 50;

/** The orders that a shop calls so, newest first, each as it stands now. The index may lag by a moment. */
export async function ordersByNumber(ctx: Context, number: string): Promise<OrderItem[]> {
  const numberKey = numberKeyOf(number);
  if (!numberKey) return [];
  const { items } = await queryPage(ctx.table, { index: "gsi2", pk: `NUMBER#${numberKey}` }, { limit: sameNumber });
  const found = await Promise.all(items.map((item) => findOrder(ctx, (item.pk as string).slice("ORDER#".length))));
  return [...new Map(found.flatMap((order) => (order ? [[order.id, order] as const] : []))).values()];
}

/** Orders as staff see them, with what they earned. */
export const viewed = async (ctx: Context, orders: readonly OrderItem[]): Promise<Order[]> => {
  const commissions = await Promise.all(orders.map((order) => commissionOf(ctx, order)));
  return orders.map((order, at) => viewOrder(order, commissions[at], "staff"));
};

async function byExternalId(ctx: Context, externalId: string): Promise<Order[]> {
  const { connections } = await ctx.program();
  const namespaces = [...new Set(connections.map((each) => each.namespace))];
  const aliases = await getItems(
    ctx.table,
    namespaces.map((namespace) => aliasKey(namespace, externalId)),
  );
  const ids = aliases.flatMap((item) => parse(AliasEntity, item)?.orderId ?? []);
  return (await withCommissions(ctx, await getItems(ctx.table, ids.map(orderKey)), "staff")).filter(
    (each) => each !== undefined,
  );
}

async function withCommissions(
  ctx: Context,
  items: (Item | undefined)[],
  audience: "staff" | "ambassador",
): Promise<(Order | undefined)[]> {
  const orders = items.map((item) => parse(OrderEntity, item));
  const keys = orders.map((order) => order && commissionKey(order));
  const found = await getItems(
    ctx.table,
    keys.filter((key) => key !== undefined),
  );
  const commissions = new Map(
    found.flatMap((item) => (item ? [[item.orderId as string, parse(CommissionEntity, item)!]] : [])),
  );
  return orders.map((order) => order && viewOrder(order, commissions.get(order.id), audience));
}

/**
 * How an order was attributed, and why. Staff may open every receipt; an ambassador only those of their own orders, and
 * anybody else's looks as if it did not exist.
 */
export async function receipt(ctx: Context, orderId: string): Promise<Receipt> {
  authorize(ctx.actor, "receipt.read");
  const { actor } = ctx;
  const order = parse(OrderEntity, await getItem(ctx.table, orderKey(orderId)));
  if (!order) throw notFound();
  const isStaff =
    actor.kind === "system" || (actor.kind === "person" && actor.roles.some((role) => role !== "ambassador"));
  const ownId = actor.kind === "person" ? actor.ambassadorId : null;
  if (!isStaff && (!ownId || order.attribution?.ambassadorId !== ownId)) throw notFound();
  const commission = await commissionOf(ctx, order);
  if (!isStaff && ownId) return viewReceipt(order, commission, { kind: "ambassador", ambassadorId: ownId });
  const names = await namesOf(
    ctx,
    order.receipt.candidates.flatMap((each) => each.ambassadorId ?? []),
  );
  return viewReceipt(order, commission, { kind: "staff", names });
}

async function commissionOf(ctx: Context, order: OrderItem): Promise<Commission | undefined> {
  const key = commissionKey(order);
  return key && parse(CommissionEntity, await getItem(ctx.table, key));
}

/** The signed-in ambassador's own orders. */
export async function mine(ctx: Context, { cursor }: { cursor?: string | undefined }): Promise<Page<Order>> {
  authorize(ctx.actor, "me.earnings");
  return ofAmbassador(ctx, ownId(ctx), cursor, "ambassador");
}

/** The signed-in ambassador's own commissions, newest purchase first. */
export async function myCommissions(
  ctx: Context,
  { cursor }: { cursor?: string | undefined },
): Promise<Page<CommissionView>> {
  authorize(ctx.actor, "me.earnings");
  return listPage(ctx.table, [{ pk: `AMB#${ownId(ctx)}`, skPrefix: "COM#" }], {
    cursor,
    hydrate: async (found) =>
      found.map((item) => {
        const {
          orderId,
          occurredAt,
          code,
          currency,
          baseMinor,
          rateBp,
          earnedMinor,
          reversedMinor,
          state,
          releaseAt,
          releaseDay,
        } = parse(CommissionEntity, item)!;
        return {
          orderId,
          occurredAt,
          code: code ?? null,
          currency,
          baseMinor,
          rateBp,
          earnedMinor,
          reversedMinor,
          state,
          releaseAt,
          releaseDay,
        };
      }),
  });
}

export function ownId(ctx: Context): string {
  assert(ctx.actor.kind === "person" && ctx.actor.ambassadorId, "an ambassador has an ambassador id");
  return ctx.actor.ambassadorId;
}
