import type { Connection } from "../connection/index.ts";
import { type Customer, CustomerEntity } from "../customer/index.ts";
import { intend } from "../effect/effect.ts";
import type { Context } from "../kernel/context.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { monthOf } from "../kernel/time.ts";
import { findConnection, type ProgramSnapshot, rulesOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { jitter, transact, type Write } from "../table/transact.ts";
import type { Fact, Link, MoneyFact, OrderFact, Purchase } from "./fact.ts";
import { aliasKey, customerItemKey, placesOf, subscriptionKey, textOf } from "./keys.ts";
import { areApart, joinOrders } from "./merge.ts";
import { withMoney } from "./money.ts";
import { AliasEntity, type OrderItem } from "./order.entity.ts";
import {
  byHand,
  type CountedPurchase,
  keptSignals,
  sameSignals,
  withAliases,
  withEvent,
  withPurchase,
} from "./order.ts";
import { type AttributedOrder, busy, type Decided, findCheckout, type Outcome, rounds, type Taken } from "./outcome.ts";
import { park } from "./park.ts";
import { attributionOf, freeze, waitingReceipt } from "./receipt.ts";
import { attributeBy, type Read, readAll, see, signalKeys } from "./signals.ts";
import { type Change, claim, type KnownAlias, type Loaded, load, save } from "./state.ts";
import { endSubscription, followSubscription, startSubscription } from "./subscription.ops.ts";

/** So many orders can be found to be one at once; more is nothing that a purchase does. */
const maxJoined = 4;

/**
 * Takes a fact in: everything that follows from it, and the event's own end (`done`), in one transaction.
 * Conditions that fail because something else moved are answered by reading again and deciding again.
 * @param eventId the event that told it; undefined for what was asked for at the checkout
 * @param done the writes that mark the event as decided; refused with the name `done` where it is already
 * @throws AppError unavailable when the engine does not answer, or the rounds are used up; the event is then tried again later
 */
export async function take(
  ctx: Context,
  {
    connection,
    eventId,
    fact,
    done = () => [],
    deadline,
  }: {
    connection: Connection;
    eventId?: string | undefined;
    fact: Fact;
    done?: (outcome: Outcome) => Write[];
    deadline?: number;
  },
): Promise<Taken> {
  const event = eventId === undefined ? undefined : `${connection.id}~${eventId}`;
  for (let round = 0; round < rounds; round++) {
    const { outcome, writes } = await decide(ctx, connection, event, fact);
    const all = [...writes, ...done(outcome)];
    if (all.length === 0) return { mine: true, outcome };
    const committed = await transact(ctx.table, all, deadline);
    if (committed.ok) return { mine: true, outcome };
    if (committed.refusals.some((refusal) => refusal.name === "done")) return { mine: false, outcome: undefined };
    if (deadline !== undefined && Date.now() > deadline) break;
    await jitter(round);
  }
  throw busy();
}

async function decide(ctx: Context, connection: Connection, event: string | undefined, fact: Fact): Promise<Decided> {
  if (fact.kind === "ignored" || fact.kind === "unprocessable")
    return { outcome: { status: fact.kind, sentence: fact.why }, writes: [] };
  const snapshot = await ctx.program();
  if (fact.kind === "subscription_end") return endSubscription(ctx, connection, fact);
  if (fact.kind === "subscription_start") {
    const started = await startSubscription(ctx, snapshot, connection, fact);
    if (fact.aliases.length === 0) return started;
    const linked = await decideFacts(ctx, snapshot, connection, event, [{ kind: "link", aliases: fact.aliases }]);
    return { outcome: started.outcome, writes: [...started.writes, ...linked.writes] };
  }
  return decideFacts(ctx, snapshot, connection, event, fact.kind === "several" ? fact.facts : [fact]);
}

/** Everything that a decision about a purchase has read. */
interface Known {
  aliases: KnownAlias[];
  read: Read;
  customerKey: string | undefined;
  /** Customers who were read, by key. */
  customers: Map<string, Customer | undefined>;
}

async function decideFacts(
  ctx: Context,
  snapshot: ProgramSnapshot,
  connection: Connection,
  event: string | undefined,
  facts: readonly OrderFact[],
): Promise<Decided> {
  const purchase = facts.find((fact) => fact.kind === "purchase");
  const known = await look(ctx, connection, facts, purchase);
  const named = [...new Set(known.aliases.flatMap(({ item }) => item?.orderId ?? []))];
  const found = await Promise.all(named.map((id) => load(ctx, id)));
  // An order that is merged stands for none: the one that it was merged into was read in its place.
  const loaded = [...new Map(found.map((each) => [each.order.id, each])).values()];
  loaded.sort((a, b) => (a.order.id < b.order.id ? -1 : 1));
  const orders = loaded.map((each) => each.order);
  if (loaded.length > maxJoined || areApart(orders, known.aliases))
    return {
      outcome: {
        status: "unprocessable",
        sentence: "It names ids of different orders, which can't be one purchase; a person must look at them.",
      },
      writes: [],
    };
  const money = facts.filter((fact): fact is MoneyFact => fact.kind !== "purchase" && fact.kind !== "link");
  const [oldest, ...others] = loaded;
  const waits = facts.filter((fact): fact is MoneyFact | Link => fact.kind !== "purchase");
  if (!oldest && !purchase) return park(ctx, connection, event, waits, known.aliases);

  let order = oldest ? oldest.order : created(ctx, snapshot, connection, event, purchase!, known);
  const joined = await joinOrders(ctx, oldest, others, known.aliases);
  if (joined) order = joined.order;
  order = withAliases(
    order,
    known.aliases.map((place) => textOf(place, namespaceOf(order, snapshot, connection))),
  );
  if (event) order = withEvent(order, event);
  if (oldest && purchase) order = withPurchase(order, asCounted(snapshot, purchase), known.customerKey);
  for (const fact of money) order = withMoney(order, fact);
  for (const { item } of known.aliases)
    for (const { event: told, ...parked } of item?.parked ?? []) {
      if (parked.kind !== "link") order = withMoney(order, parked as MoneyFact);
      if (told) order = withEvent(order, told);
    }
  const decided = await attributeOrder(ctx, snapshot, { before: oldest, order, read: known.read, connection });
  const changes: Change[] = [
    ...(joined?.others ?? []),
    { before: oldest, order: decided.order, winner: decided.winner },
  ];
  const saved = await save(ctx, snapshot, changes, known.customers);
  const stored = saved.orders.at(-1)!;
  return {
    outcome: {
      status: "processed",
      sentence: joined ? "Two orders turned out to be one purchase; they are one now." : sentenceOf(stored, decided),
      orderId: stored.id,
    },
    writes: [
      ...saved.writes,
      ...claim(ctx, [...known.aliases, ...(joined?.aliases ?? [])], stored.id),
      ...decided.writes,
    ],
  };
}

/** Reads all that a decision needs in one consistent batch. A chain of aliases, which is rare, costs one more. */
async function look(
  ctx: Context,
  connection: Connection,
  facts: readonly OrderFact[],
  purchase: Purchase | undefined,
): Promise<Known> {
  const email = purchase?.signals.email;
  const customerKey = email ? emailKey(ctx.keys, email) : undefined;
  const places = placesOf(connection, facts);
  const read = await readAll(ctx, [
    ...places.map(({ namespace, alias }) => aliasKey(namespace, alias)),
    ...(purchase ? signalKeys(connection.id, keptSignals(purchase.signals, customerKey)) : []),
    ...(purchase?.subscription ? [subscriptionKey(connection.namespace, purchase.subscription.id)] : []),
  ]);
  const aliases = places.map(
    (place): KnownAlias => ({ ...place, item: parse(AliasEntity, read(aliasKey(place.namespace, place.alias))) }),
  );
  await follow(ctx, aliases);
  const customers = new Map<string, Customer | undefined>();
  if (customerKey) customers.set(customerKey, parse(CustomerEntity, read(customerItemKey(customerKey))));
  return { aliases, read, customerKey, customers };
}

/** Reads where aliases point to, and what points there, until every one of them is known. */
async function follow(ctx: Context, aliases: KnownAlias[]): Promise<void> {
  for (;;) {
    const known = new Set(aliases.map(({ namespace, alias }) => `${namespace}#${alias}`));
    const elsewhere = aliases.flatMap(({ namespace, item }) =>
      [...(item?.sameAs ? [item.sameAs] : []), ...(item?.others ?? [])].flatMap((alias) =>
        known.has(`${namespace}#${alias}`) ? [] : [{ namespace, alias }],
      ),
    );
    const next = [...new Map(elsewhere.map((place) => [`${place.namespace}#${place.alias}`, place])).values()];
    if (next.length === 0) return;
    const more = await getItems(
      ctx.table,
      next.map(({ namespace, alias }) => aliasKey(namespace, alias)),
    );
    aliases.push(...more.map((item, at) => ({ ...next[at]!, item: parse(AliasEntity, item) })));
  }
}

/** The amounts of a purchase as the program counts them: with what was paid outside of the checkout, where its rules say so. */
function asCounted(snapshot: ProgramSnapshot, purchase: Purchase): CountedPurchase {
  const { outOfBand: outside, ...told } = purchase;
  if (!outside || outside.grossMinor === 0) return told;
  const counted = rulesOf(snapshot.program).countOutOfBand;
  const outOfBand = { ...outside, counted };
  if (!counted) return { ...told, outOfBand };
  return {
    ...told,
    outOfBand,
    grossMinor: told.grossMinor + outside.grossMinor,
    baseMinor: told.baseMinor + outside.baseMinor,
    baseLines: [
      ...told.baseLines,
      { label: "Paid outside of the checkout, which counts here", amountMinor: outside.baseMinor },
    ],
  };
}

/** A new order, with nothing decided about it. */
function created(
  ctx: Context,
  snapshot: ProgramSnapshot,
  connection: Connection,
  event: string | undefined,
  told: Purchase,
  known: Known,
): OrderItem {
  const purchase = asCounted(snapshot, told);
  return {
    id: ctx.newId("order"),
    connectionId: connection.id,
    aliases: [],
    eventIds: event ? [event] : [],
    occurredAt: purchase.occurredAt,
    month: monthOf(purchase.occurredAt),
    status: "pending",
    payment: purchase.payment,
    currency: purchase.currency,
    grossMinor: purchase.grossMinor,
    baseMinor: purchase.baseMinor,
    baseLines: purchase.baseLines.map(({ label, amountMinor }) => [label, amountMinor]),
    refundedMinor: 0,
    outOfBand: purchase.outOfBand,
    number: purchase.number,
    amountsAt: purchase.at,
    subscription: purchase.subscription,
    awaits: purchase.attributedElsewhere ? "checkout" : undefined,
    ...keptSignals(purchase.signals, known.customerKey),
    // Taken over by the decision, which follows at once.
    receipt: freeze(ctx, snapshot, {
      candidates: [],
      winner: undefined,
      rules: rulesOf(snapshot.program),
      inputs: {},
    }),
    version: 0,
  };
}

/** The namespace of the connection that told of an order first, which may be another one than tells of it now. */
const namespaceOf = (order: OrderItem, snapshot: ProgramSnapshot, connection: Connection): string =>
  order.connectionId === connection.id
    ? connection.namespace
    : (findConnection(snapshot, order.connectionId)?.namespace ?? connection.namespace);

/** Decides whose an order is, where that is new or what it rests on has grown; else leaves it as it stands. */
async function attributeOrder(
  ctx: Context,
  snapshot: ProgramSnapshot,
  {
    before,
    order,
    read,
    connection,
  }: { before: Loaded | undefined; order: OrderItem; read: Read; connection: Connection },
): Promise<AttributedOrder> {
  if (byHand(order)) return { order: { ...order, awaits: undefined }, writes: [] };
  if (order.subscription) {
    const namespace = namespaceOf(order, snapshot, connection);
    return followSubscription(ctx, snapshot, { before: before?.order, order, namespace, read });
  }
  const was = before?.order;
  const grown = !was || !sameSignals(was, order);
  if (order.awaits) {
    if (!grown) return { order, writes: [] };
    const seen = await see(ctx, order.connectionId, order, await covering(ctx, was, order, read), {
      own: [order.id],
      at: order.occurredAt,
    });
    return {
      order: { ...order, receipt: waitingReceipt(ctx, snapshot, seen.signals, seen.inputs) },
      writes: was ? [] : findCheckout(ctx, order.id),
    };
  }
  if (was && !grown && was.awaits === order.awaits) return { order, writes: [] };
  const seen = await see(ctx, order.connectionId, order, await covering(ctx, was, order, read), {
    own: [order.id],
    at: order.occurredAt,
  });
  const inputs = { ...seen.inputs, ...was?.receipt.inputs };
  const attributed = await attributeBy(ctx, snapshot, seen.signals, { occurredAt: order.occurredAt, inputs });
  const decided: OrderItem = {
    ...order,
    attribution: attributionOf(attributed),
    receipt: freeze(ctx, snapshot, attributed, {
      // What waited was no decision yet.
      before: was?.awaits ? undefined : was?.receipt,
      cause: "More became known of the purchase",
    }),
  };
  return {
    order: decided,
    winner: attributed.winner,
    waitingFor: attributed.waitingFor,
    writes: attributed.waitingFor
      ? intend(ctx, "promotion_code.fetch", attributed.waitingFor, {
          connectionId: order.connectionId,
          orderId: order.id,
        })
      : [],
  };
}

/** What was read, where that is enough: an order that knew something before needs that read as well. */
const covering = async (ctx: Context, was: OrderItem | undefined, order: OrderItem, read: Read): Promise<Read> =>
  was ? readAll(ctx, signalKeys(order.connectionId, order)) : read;

const waysWords = {
  promotion_code: "promotion code",
  click: "click",
  customer: "known customer",
  subscription: "the subscription that it is a payment of",
  manual: "hand",
} as const;

function sentenceOf(order: OrderItem, { waitingFor }: Pick<AttributedOrder, "waitingFor">): string {
  if (waitingFor)
    return "The order is stored; its promotion code is not known here and is being looked up at the checkout.";
  if (order.awaits)
    return "The order is stored; whose it is will be decided when the checkout that it came from is known.";
  const whose = order.attribution ? `attributed by ${waysWords[order.attribution.kind]}` : "attributed to nobody";
  const state = {
    pending: "waits for its payment",
    paid: "is paid",
    partly_refunded: "is refunded in part",
    refunded: "is refunded in full",
    void: order.payment === "paid" ? "was called off" : "was not paid",
    merged: "is merged",
  }[order.status];
  return `The order ${state} and is ${whose}.`;
}
