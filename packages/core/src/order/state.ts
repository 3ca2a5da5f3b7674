import type { Signal } from "../attribution/index.ts";
import { type Commission, CommissionEntity } from "../commission/index.ts";
import { type Customer, CustomerEntity } from "../customer/index.ts";
import { intend } from "../effect/effect.ts";
import type { Context } from "../kernel/context.ts";
import { assert } from "../kernel/errors.ts";
import { AccountEntity, type NewEntry, postAll } from "../ledger/index.ts";
import { completeRules, type ProgramSnapshot } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import type { Key } from "../table/keys.ts";
import { getItem, getItems } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { markAttributed } from "./attributed.ts";
import { bindingAfter, counted } from "./binding.ts";
import { idsOf, listed, movesOthers } from "./customer-orders.ts";
import { accountKey, commissionKeyOf, customerItemKey, orderKey, type Place } from "./keys.ts";
import { type Alias, AliasEntity, OrderEntity, type OrderItem } from "./order.entity.ts";
import { numberKeyOf } from "./order.ts";
import { ParkedEntity } from "./parked.entity.ts";
import { type Settled, settle } from "./settle.ts";

/** An order as it is stored, with all that hangs on it. */
export interface Loaded {
  order: OrderItem;
  /** Of whoever has the order. */
  commission: Commission | undefined;
  /** What stands available on their account. */
  availableMinor: number;
  customer: Customer | undefined;
}

/** Reads an order, or the one that stands for it, with its commission, its account and its customer, consistently. */
export async function load(ctx: Context, orderId: string): Promise<Loaded> {
  const [loaded] = await loadAll(ctx, [orderId]);
  assert(loaded, `the order that an alias names exists: ${orderId}`);
  return loaded;
}

/** The same of several orders, in their order and as few calls as for one. Undefined for what does not exist. */
export async function loadAll(ctx: Context, orderIds: readonly string[]): Promise<(Loaded | undefined)[]> {
  const orders = await findOrders(ctx, orderIds);
  const around = orders.map((order): Key[] => {
    const holder = order?.attribution?.ambassadorId;
    return [
      ...(order?.customerKey ? [customerItemKey(order.customerKey)] : []),
      ...(order && holder ? [commissionKeyOf(holder, order), accountKey(holder, order.currency)] : []),
    ];
  });
  const items = await getItems(ctx.table, around.flat());
  return orders.map((order, at) => {
    const own = items.splice(0, around[at]!.length);
    if (!order) return undefined;
    const customer = order.customerKey ? own.shift() : undefined;
    const [commission, account] = own;
    return {
      order,
      commission: parse(CommissionEntity, commission),
      availableMinor: parse(AccountEntity, account)?.availableMinor ?? 0,
      customer: parse(CustomerEntity, customer),
    };
  });
}

/** Orders by their ids, or the ones that stand for them, in their order; undefined for what does not exist. */
export async function findOrders(ctx: Context, orderIds: readonly string[]): Promise<(OrderItem | undefined)[]> {
  const orders = (await getItems(ctx.table, orderIds.map(orderKey))).map((item) => parse(OrderEntity, item));
  const merged = orders.flatMap((order) => order?.mergedInto ?? []);
  if (merged.length === 0) return orders;
  const others = await findOrders(ctx, merged);
  return orders.map((order) => (order?.mergedInto ? others.shift() : order));
}

/** What becomes of an order. */
export interface Change {
  /** As it was read; undefined for a new one. */
  before: Loaded | undefined;
  order: OrderItem;
  /** Whoever gets the order now, as the decision saw them. */
  winner?: (Signal & { ambassadorId: string }) | undefined;
  /** Whether whoever decides all of the customer's orders in their places changes it, and sees to the customer as well. */
  inPlace?: boolean | undefined;
}

/**
 * The writes that bring the table from what was read to what was decided, about one order or about several that become one.
 * Each conditions on what was read.
 * @param read customers who were read beside, by key; undefined for one of whom nothing is known
 * @returns the orders as they are stored, and the writes
 */
export async function save(
  ctx: Context,
  snapshot: ProgramSnapshot,
  changes: readonly Change[],
  read: ReadonlyMap<string, Customer | undefined> = new Map(),
): Promise<{ orders: OrderItem[]; writes: Write[] }> {
  const { timeZone } = snapshot.program;
  const at = { table: ctx.table.name };
  const writes: Write[] = [];
  const entries: NewEntry[] = [];
  const orders: OrderItem[] = [];
  const met = new Customers(read);
  for (const { before } of changes) if (before) met.know(before.order.customerKey, before.customer);
  for (const change of changes) {
    const { before } = change;
    const settled = await weigh(ctx, snapshot, change);
    const { mergedInto, customerKey } = settled.order;
    const stored: OrderItem = {
      ...settled.order,
      // Nothing leads from the order that stands to those that it stands for, so an erasure would not find them.
      customerKey: mergedInto ? undefined : customerKey,
      numberKey: numberKeyOf(settled.order.number),
      version: (before?.order.version ?? 0) + 1,
    };
    orders.push(stored);
    writes.push(
      write.put(
        `order ${stored.id}`,
        before
          ? OrderEntity.put(stored)
              .where((a, o) => o.eq(a.version, before.order.version))
              .params(at)
          : OrderEntity.create(stored).params(at),
      ),
    );
    for (const { before: stood, after, entry } of settled.commissions) {
      if (after !== stood) writes.push(putCommission(ctx, after, stood));
      const { ambassadorId, currency } = after;
      if (entry) entries.push({ ...entry, ambassadorId, currency, orderIds: [stored.id] });
    }
    await met.look(ctx, customerKey);
    met.meet({ ...stored, customerKey }, before?.order, { timeZone, inPlace: change.inPlace ?? false });
    if (change.winner) writes.push(...markAttributed(ctx, change.winner));
  }
  return { orders, writes: [...writes, ...postAll(ctx, timeZone, entries), ...met.writes(ctx)] };
}

/** What a change does to whom, in figures. Reads, and writes nothing. */
export const weigh = async (ctx: Context, snapshot: ProgramSnapshot, change: Change): Promise<Settled> =>
  settle(change.order, {
    ...(await holderOf(ctx, change)),
    timeZone: snapshot.program.timeZone,
    now: ctx.now(),
    mergedNow: change.order.mergedInto !== change.before?.order.mergedInto,
  });

/** Whose the order is now, and whose it was. Only an order that goes from one to another takes a read. */
async function holderOf(ctx: Context, { before, order }: Change) {
  const now = order.attribution?.ambassadorId;
  const was = before?.order.attribution?.ambassadorId;
  if (!before || now === was) {
    const { commission, availableMinor } = before ?? { commission: undefined, availableMinor: 0 };
    return { commission, availableMinor };
  }
  const [commission, account] = now
    ? await getItems(ctx.table, [commissionKeyOf(now, order), accountKey(now, order.currency)])
    : [];
  return {
    commission: parse(CommissionEntity, commission),
    availableMinor: parse(AccountEntity, account)?.availableMinor ?? 0,
    former: before.commission,
    // What was nobody's and never earned anything has not moved.
    moved: before.commission !== undefined || commission !== undefined,
  };
}

function putCommission(ctx: Context, commission: Commission, before: Commission | undefined): Write {
  const at = { table: ctx.table.name };
  const next: Commission = { ...commission, version: commission.version + 1 };
  return write.put(
    `commission ${next.ambassadorId} ${next.orderId}`,
    before
      ? CommissionEntity.put(next)
          .where((a, o) => o.eq(a.version, before.version))
          .params(at)
      : CommissionEntity.create(next).params(at),
  );
}

/** The customers of a transaction: each is written once, whatever the orders did to it. */
class Customers {
  readonly #before = new Map<string, Customer | undefined>();
  readonly #after = new Map<string, Customer>();
  /** Customers whose orders are to be decided again, and an order of each. */
  readonly #unsettled = new Map<string, string>();

  constructor(read: ReadonlyMap<string, Customer | undefined>) {
    for (const [key, customer] of read) this.#before.set(key, customer);
  }

  /** Takes in what was read; undefined where there is no item of that customer. */
  know(key: string | undefined, customer: Customer | undefined): void {
    if (key && !this.#before.has(key)) this.#before.set(key, customer);
  }

  /** Reads a customer of whom nothing was read yet. */
  async look(ctx: Context, key: string | undefined): Promise<void> {
    if (!key || this.#before.has(key)) return;
    this.#before.set(key, parse(CustomerEntity, await getItem(ctx.table, customerItemKey(key))));
  }

  /** Counts a customer's paid order once, and binds the customer to whom the order belongs, unless somebody has them. */
  meet(
    order: OrderItem,
    before: OrderItem | undefined,
    { timeZone, inPlace }: { timeZone: string; inPlace: boolean },
  ): void {
    const { customerKey: key } = order;
    if (!key) return;
    const customer = this.#after.get(key) ?? this.#before.get(key);
    const counts = counted(order);
    const was = before?.customerKey === key ? before : undefined;
    const change = Number(counts) - Number(was !== undefined && counted(was));
    const next: Customer = {
      ...customer,
      key,
      firstOrderId: customer?.firstOrderId ?? (counts ? order.id : undefined),
      orderCount: (customer?.orderCount ?? 0) + change,
      orders: listed(customer?.orders, order),
      version: customer?.version ?? 0,
    };
    if (order.mergedInto && next.firstOrderId === order.id) next.firstOrderId = order.mergedInto;
    if (!inPlace) {
      const { bindingMonths } = completeRules(order.receipt.rules);
      Object.assign(next, bindingAfter(next, order, bindingMonths, timeZone));
      // What was merged names no customer any more; any other order of theirs leads to them.
      if (movesOthers(order, was, customer)) this.#unsettled.set(key, (order.mergedInto && idsOf(next)[0]) ?? order.id);
    }
    // Whoever is deciding this customer's orders just now finds that something moved, and begins again.
    if (!same(customer, next) || this.#unsettled.has(key)) this.#after.set(key, next);
  }

  writes(ctx: Context): Write[] {
    const at = { table: ctx.table.name };
    const again = [...this.#unsettled.values()].flatMap((orderId) => intend(ctx, "customer.decide", orderId, {}));
    const puts = [...this.#after.values()].map((customer) => {
      const before = this.#before.get(customer.key);
      const next: Customer = { ...customer, version: (before?.version ?? 0) + 1 };
      return write.put(
        `customer ${customer.key}`,
        before
          ? CustomerEntity.put(next)
              .where((a, o) => o.eq(a.version, before.version))
              .params(at)
          : CustomerEntity.create(next).params(at),
      );
    });
    return [...puts, ...again];
  }
}

/** Whether nothing is to be written; an order that is not paid makes no customer. */
function same(a: Customer | undefined, b: Customer): boolean {
  if (!a) return b.orderCount === 0 && !b.boundAmbassadorId;
  const of = (each: Customer) =>
    JSON.stringify([
      each.firstOrderId,
      each.orderCount,
      each.boundAmbassadorId,
      each.boundCode,
      each.boundBy,
      each.orders,
    ]);
  return of(a) === of(b);
}

/** An id of a purchase with its item, where there is one. */
export interface KnownAlias extends Place {
  item: Alias | undefined;
}

/** Makes aliases name an order, taking up what waited on them. */
export const claim = (ctx: Context, aliases: readonly KnownAlias[], orderId: string): Write[] =>
  aliases.flatMap((each) => {
    const { namespace, alias, item } = each;
    if (item?.orderId === orderId) return [];
    return [
      putAlias(ctx, { namespace, alias, orderId, version: (item?.version ?? 0) + 1 }, item),
      ...(item?.parkedAt ? [forgetParked(ctx, each)] : []),
    ];
  });

/** Nothing waits on an alias any more. */
export const forgetParked = (ctx: Context, { namespace, alias }: Place): Write =>
  write.delete(
    `parked ${namespace} ${alias}`,
    ParkedEntity.delete({ namespace, alias }).params({ table: ctx.table.name }),
  );

export const putAlias = (ctx: Context, next: Alias, before: Alias | undefined): Write =>
  write.put(
    `alias ${next.namespace} ${next.alias}`,
    before
      ? AliasEntity.put(next)
          .where((a, o) => o.eq(a.version, before.version))
          .params({ table: ctx.table.name })
      : AliasEntity.create(next).params({ table: ctx.table.name }),
  );
