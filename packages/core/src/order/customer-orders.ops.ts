import { attribute } from "../attribution/index.ts";
import { type Customer, CustomerEntity } from "../customer/index.ts";
import { intend } from "../effect/effect.ts";
import type { Context } from "../kernel/context.ts";
import { completeRules, findConnection, type ProgramSnapshot } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { jitter, transact, write } from "../table/transact.ts";
import { type Changed, changeOrder, redecided } from "./again.ops.ts";
import { type Binding, bindingAfter, counted, nobody } from "./binding.ts";
import { tierEarnedAt } from "./correct.ts";
import { idsOf, type Sight, sameBinding, sameSight, sightOf } from "./customer-orders.ts";
import { customerItemKey, orderKey } from "./keys.ts";
import { OrderEntity, type OrderItem } from "./order.entity.ts";
import { byHand } from "./order.ts";
import { busy, rounds } from "./outcome.ts";
import { attributionOf } from "./receipt.ts";
import { notRunning, type Retold, signalsOf } from "./retold.ts";
import { type Attributed, attributeBy, customerSignal, withCode } from "./signals.ts";
import type { Subscription } from "./subscription.entity.ts";
import { findSubscription, putSubscription, subscriptionSignal } from "./subscription.ops.ts";

const cause = "An earlier purchase of the customer became known";

/**
 * Decides the orders of a customer in the order in which they were placed, whatever the order in which they came: each sees the
 * customer as those before it left them. Only orders that saw somebody else's customer, or wrongly a new one, are decided
 * again, by the rules that they were decided by; what a person decided stays. May be cut short anywhere and done again.
 * @param orderId any order of the customer
 * @throws AppError unavailable where they change too fast
 */
export async function decideCustomer(ctx: Context, orderId: string): Promise<void> {
  const key = parse(OrderEntity, await getItem(ctx.table, orderKey(orderId)))?.customerKey;
  // Nobody knows any more whose it was.
  if (!key) return;
  for (let round = 0; round < rounds; round++) {
    if (await inOrder(ctx, key)) return;
    await jitter(round);
  }
  throw busy();
}

const find = async (ctx: Context, key: string): Promise<Customer | undefined> =>
  parse(CustomerEntity, await getItem(ctx.table, customerItemKey(key)));

/** @returns false where something moved meanwhile, so that it must be done anew */
async function inOrder(ctx: Context, key: string): Promise<boolean> {
  const customer = await find(ctx, key);
  if (!customer) return true;
  const { timeZone } = (await ctx.program()).program;
  const ids = idsOf(customer);
  const complete = ids.length === customer.orderCount;
  // Where there were orders before the first that is listed, what that one saw is where to begin.
  let binding: Binding | undefined = complete ? nobody : undefined;
  for (const [at, id] of ids.entries()) {
    const first = at === 0 || binding === undefined;
    const sightAt = (order: OrderItem): Sight | undefined => {
      const seen = sightOf(order.receipt);
      // What an import told of the customer is believed as it was seen.
      const newCustomer = first ? (complete && !customer.importedAt ? true : seen.newCustomer) : false;
      if (binding) return { ...binding, newCustomer };
      return order.awaits || order.subscription?.part === "renewal" ? undefined : { ...seen, newCustomer };
    };
    const isTheirs = (order: OrderItem) => order.id === id && order.customerKey === key && counted(order);
    const order = await changeOrder(ctx, id, async ({ order }, snapshot) => {
      const sight = sightAt(order);
      if (!isTheirs(order) || !sight || byHand(order) || order.awaits) return undefined;
      return decideInPlace(ctx, snapshot, order, sight);
    });
    const sight = isTheirs(order) ? sightAt(order) : undefined;
    if (sight)
      binding = bindingAfter(bindingOf(sight), order, completeRules(order.receipt.rules).bindingMonths, timeZone);
  }
  return saveCustomer(ctx, customer, binding, complete ? ids[0] : customer.firstOrderId);
}

const bindingOf = ({ boundAmbassadorId, boundCode, boundAt, boundBy }: Binding): Binding => ({
  boundAmbassadorId,
  boundCode,
  boundAt,
  boundBy,
});

/** The customer as all of their orders leave them, unless one of these moved since they were read. */
async function saveCustomer(
  ctx: Context,
  before: Customer,
  binding: Binding | undefined,
  firstOrderId: string | undefined,
): Promise<boolean> {
  const bound = !binding || (sameBinding(binding, before) && !binding.boundBy) ? {} : binding;
  const next: Customer = { ...before, ...bound, firstOrderId };
  if (sameBinding(next, before) && next.boundBy === before.boundBy && next.firstOrderId === before.firstOrderId)
    return (await find(ctx, before.key))?.version === before.version;
  const done = await transact(ctx.table, [
    write.put(
      "customer",
      CustomerEntity.put({ ...next, version: before.version + 1 })
        .where((a, o) => o.eq(a.version, before.version))
        .params({ table: ctx.table.name }),
    ),
  ]);
  return done.ok;
}

/** An order as it would have been decided had those before it come before it; undefined where it was, or can't be told. */
async function decideInPlace(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  sight: Sight,
): Promise<Changed | undefined> {
  if (order.subscription) return decidePayment(ctx, snapshot, order, sight);
  const { candidates, rules, inputs = {} } = order.receipt;
  if (sameSight(sightOf(order.receipt), sight)) return undefined;
  const { occurredAt, connectionId, id: orderId } = order;
  const made: Retold = {
    candidates,
    told: order,
    rules,
    inputs,
    occurredAt,
    ambassadorId: order.attribution?.ambassadorId,
  };
  const attributed = await seenFrom(ctx, snapshot, made, sight);
  if (!attributed) return undefined;
  const { waitingFor } = attributed;
  const writes = waitingFor ? intend(ctx, "promotion_code.fetch", waitingFor, { connectionId, orderId }) : [];
  const changed = await anew(ctx, snapshot, order, attributed);
  return { ...changed, writes };
}

/**
 * What was decided, by another sight of the customer and the rules of then.
 * @returns undefined where what was kept of the decision does not lead to it: nothing can be said of it, so it stays
 */
async function seenFrom(
  ctx: Context,
  snapshot: ProgramSnapshot,
  made: Retold,
  sight: Sight,
): Promise<Attributed | undefined> {
  const { occurredAt, inputs } = made;
  const rules = completeRules(made.rules);
  const campaigns = [...snapshot.campaigns, notRunning as (typeof snapshot.campaigns)[number]];
  const signals = signalsOf(made);
  const situation = { ...inputs, occurredAt, timeZone: snapshot.program.timeZone, campaigns };
  if (attribute(signals, rules, situation).winner?.ambassadorId !== made.ambassadorId) return undefined;
  const now = [...signals.filter(({ kind }) => kind !== "customer"), ...customerSignal(sight)];
  const found = await attributeBy(ctx, { ...snapshot, campaigns }, now, {
    occurredAt,
    inputs: { ...inputs, newCustomer: sight.newCustomer },
    rules,
  });
  // Of a campaign the receipt keeps which it was, and not how it was asked for just now.
  const campaignOf = (kind: string, ref: string | undefined) =>
    made.candidates.find((each) => each.kind === kind && each.ref === ref)?.campaignId;
  const candidates = found.candidates.map((each) => ({
    ...each,
    campaignId: campaignOf(each.kind, each.ref) ?? (each.campaignId === notRunning.id ? undefined : each.campaignId),
  }));
  return { ...found, candidates };
}

/** An order as a new revision. Who had it before has it as they had it. */
async function anew(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  attributed: Attributed,
): Promise<Changed> {
  const changed = redecided(ctx, snapshot, order, attributed, cause);
  const { winner } = attributed;
  if (!winner) return { ...changed, inPlace: true };
  const { receipt } = changed.order;
  const stays = winner.ambassadorId === order.attribution?.ambassadorId;
  const earned = stays ? order.receipt.tier : await tierEarnedAt(ctx, snapshot, winner.ambassadorId, order);
  receipt.tier = earned ?? receipt.tier;
  return { ...changed, winner: stays ? undefined : await withCode(ctx, winner), inPlace: true };
}

/** A payment of a subscription: with the first one the subscription itself is decided, the others follow it. */
async function decidePayment(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  sight: Sight,
): Promise<Changed | undefined> {
  const { id, part } = order.subscription!;
  const connection = findConnection(snapshot, order.connectionId);
  const stored = connection && (await findSubscription(ctx, connection.namespace, id));
  // A person's word on its first payment decides those that were told after it.
  if (!stored?.decidedAt || stored.corrected) return undefined;
  return part === "start"
    ? decideStart(ctx, snapshot, order, stored, sight)
    : decideRenewal(ctx, snapshot, order, stored);
}

async function decideStart(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  stored: Subscription,
  sight: Sight,
): Promise<Changed | undefined> {
  const { candidates = [], inputs = {}, attribution, beganAt } = stored;
  const ambassadorId = attribution?.ambassadorId;
  if (order.attribution?.ambassadorId !== ambassadorId) return undefined;
  if (sameSight(sightOf(stored), sight) && sameSight(sightOf(order.receipt), sight)) return undefined;
  const { rules } = order.receipt;
  const made: Retold = { candidates, told: stored, rules, inputs, occurredAt: beganAt, ambassadorId };
  const attributed = await seenFrom(ctx, snapshot, made, sight);
  if (!attributed || attributed.waitingFor) return undefined;
  const next: Subscription = {
    ...stored,
    candidates: attributed.candidates,
    inputs: attributed.inputs,
    attribution: attributionOf(attributed),
  };
  const changed = await anew(ctx, snapshot, order, {
    ...attributed,
    inputs: { ...attributed.inputs, subscription: order.receipt.inputs?.subscription },
  });
  return { ...changed, writes: [putSubscription(ctx, next, stored)] };
}

async function decideRenewal(
  ctx: Context,
  snapshot: ProgramSnapshot,
  order: OrderItem,
  stored: Subscription,
): Promise<Changed | undefined> {
  const { candidates, inputs } = order.receipt;
  const seen = candidates.find((each) => each.kind === "subscription");
  const { attribution } = stored;
  const newCustomer = stored.inputs?.newCustomer;
  if (
    seen?.ambassadorId === attribution?.ambassadorId &&
    seen?.code === attribution?.code &&
    inputs?.newCustomer === newCustomer
  )
    return undefined;
  const attributed = await attributeBy(ctx, snapshot, subscriptionSignal(stored), {
    occurredAt: order.occurredAt,
    inputs: { ...stored.inputs, subscription: inputs?.subscription },
    rules: completeRules(order.receipt.rules),
  });
  return anew(ctx, snapshot, order, attributed);
}
