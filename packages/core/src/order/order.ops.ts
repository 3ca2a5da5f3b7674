import { type Decision as Attributed, attribute, type Candidate, type Signal } from "../attribution/index.ts";
import { ClickEntity } from "../click/index.ts";
import { CodeEntity, type CodeItem, type Promo, PromoEntity } from "../code/index.ts";
import { type Commission, CommissionEntity } from "../commission/index.ts";
import type { Connection } from "../connection/index.ts";
import { type Customer, CustomerEntity } from "../customer/index.ts";
import { intend } from "../effect/effect.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { epochS, monthOf } from "../kernel/time.ts";
import { post } from "../ledger/index.ts";
import { type ProgramSnapshot, rulesOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { type Key, keys } from "../table/keys.ts";
import { getItems, type Item } from "../table/read.ts";
import { jitter, transact, type Write, write } from "../table/transact.ts";
import { markAttributed } from "./attributed.ts";
import type { Fact, Purchase, RefundFact } from "./fact.ts";
import { type Alias, AliasEntity, OrderEntity, type OrderItem } from "./order.entity.ts";
import { withAliases, withEvent, withPurchase, withRefund } from "./order.ts";
import { settle } from "./settle.ts";
import { causeOf } from "./view.ts";

/** What became of an event, for the inbox: one sentence that a person understands. */
export interface Outcome {
  status: "processed" | "ignored" | "unprocessable";
  sentence: string;
  orderId?: string | undefined;
}

export interface Taken {
  /** False when another run had decided the event already. */
  mine: boolean;
  outcome: Outcome | undefined;
}

export const orderKey = (id: string): Key => ({ pk: `ORDER#${id}`, sk: "ORDER" });
export const aliasKey = (namespace: string, alias: string): Key => ({ pk: `ALIAS#${namespace}#${alias}`, sk: "ALIAS" });
export const promoKey = (connectionId: string, id: string): Key => ({ pk: `PROMO#${connectionId}#${id}`, sk: "PROMO" });
const customerItemKey = (key: string): Key => ({ pk: `CUS#${key}`, sk: "CUSTOMER" });
export const commissionKey = (order: Pick<OrderItem, "id" | "occurredAt" | "attribution">): Key | undefined =>
  order.attribution && { pk: `AMB#${order.attribution.ambassadorId}`, sk: `COM#${order.occurredAt}#${order.id}` };

const rounds = 6;
const maxParked = 60;

/**
 * Takes a fact in: everything that follows from it, and the event's own end (`done`), in one transaction.
 * Conditions that fail because something else moved are answered by reading again and deciding again.
 * @param done the writes that mark the event as decided; refused with the name `done` where it is already
 * @throws AppError unavailable when the engine does not answer, or the rounds are used up; the event is then tried again later
 */
export async function take(
  ctx: Context,
  {
    connection,
    eventId,
    fact,
    done,
    deadline,
  }: { connection: Connection; eventId: string; fact: Fact; done: (outcome: Outcome) => Write[]; deadline?: number },
): Promise<Taken> {
  for (let round = 0; round < rounds; round++) {
    const { outcome, writes } = await decide(ctx, connection, `${connection.id}~${eventId}`, fact);
    const committed = await transact(ctx.table, [...writes, ...done(outcome)], deadline);
    if (committed.ok) return { mine: true, outcome };
    if (committed.refusals.some((refusal) => refusal.name === "done")) return { mine: false, outcome: undefined };
    if (deadline !== undefined && Date.now() > deadline) break;
    await jitter(round);
  }
  throw new AppError(
    "unavailable",
    "order.busy",
    "The order changes too fast to be decided now; it is tried again by itself.",
    { retryAfterMs: 1000 },
  );
}

type Decided = { outcome: Outcome; writes: Write[] };

async function decide(ctx: Context, connection: Connection, event: string, fact: Fact): Promise<Decided> {
  if (fact.kind === "ignored" || fact.kind === "unprocessable")
    return { outcome: { status: fact.kind, sentence: fact.why }, writes: [] };
  const snapshot = await ctx.program();
  const known = await look(ctx, connection, fact);
  const orderIds = [...new Set(known.aliases.flatMap((each) => (each.item?.orderId ? [each.item.orderId] : [])))];
  if (orderIds.length > 1)
    return {
      outcome: {
        status: "unprocessable",
        sentence: `It names ids of ${orderIds.length} different orders; a person must look at them.`,
      },
      writes: [],
    };
  if (orderIds[0]) return update(ctx, snapshot, connection, event, fact, known.aliases, orderIds[0]);
  if (fact.kind === "purchase") return create(ctx, snapshot, connection, event, fact, known);
  return park(ctx, connection, event, fact, known.aliases);
}

interface KnownAlias {
  alias: string;
  item: Alias | undefined;
}

interface Known {
  aliases: KnownAlias[];
  signals: Signal[];
  customerKey: string | undefined;
  customer: Customer | undefined;
}

/** Reads all that a decision needs in one consistent batch. A chain of aliases, which is rare, costs one more. */
async function look(ctx: Context, connection: Connection, fact: Purchase | RefundFact): Promise<Known> {
  const email = fact.kind === "purchase" ? fact.signals.email : null;
  const customerKey = email ? emailKey(ctx.keys, email) : undefined;
  const promoIds = fact.kind === "purchase" ? fact.signals.promotionCodeIds : [];
  const clickId = fact.kind === "purchase" ? fact.signals.clickId : null;
  const wanted = [
    ...fact.aliases.map((alias) => aliasKey(connection.namespace, alias)),
    ...promoIds.map((id) => promoKey(connection.id, id)),
    ...(clickId ? [keys.click(clickId)] : []),
    ...(customerKey ? [customerItemKey(customerKey)] : []),
  ];
  const found = await getItems(ctx.table, wanted);
  const next = (count: number): (Item | undefined)[] => found.splice(0, count);
  const aliases: KnownAlias[] = next(fact.aliases.length).map((item, at) => ({
    alias: fact.aliases[at]!,
    item: parse(AliasEntity, item),
  }));
  await follow(ctx, connection, aliases);
  const signals: Signal[] = next(promoIds.length).map((item, at) => promoSignal(promoIds[at]!, item));
  if (clickId) {
    const click = parse(ClickEntity, next(1)[0]);
    const live = click && click.expiresAtEpochS > epochS(ctx.now()) ? click : undefined;
    signals.push({
      kind: "click",
      ref: clickId,
      seenAt: live?.at ?? null,
      found: live ? "ours" : "unknown",
      code: live?.code,
      ambassadorId: live?.ambassadorId,
    });
  }
  const customer = customerKey ? parse(CustomerEntity, next(1)[0]) : undefined;
  if (customer?.boundAmbassadorId)
    signals.push({
      kind: "customer",
      ref: null,
      seenAt: null,
      found: "ours",
      code: customer.boundCode,
      ambassadorId: customer.boundAmbassadorId,
    });
  return { aliases, signals, customerKey, customer };
}

/** Reads where aliases point to, and what that points to in turn, until every one of them is known. */
async function follow(ctx: Context, { namespace }: Connection, aliases: KnownAlias[]): Promise<void> {
  for (;;) {
    const known = new Set(aliases.map((each) => each.alias));
    const elsewhere = [...new Set(aliases.flatMap(({ item }) => item?.sameAs ?? []))].filter(
      (alias) => !known.has(alias),
    );
    if (elsewhere.length === 0) return;
    const more = await getItems(
      ctx.table,
      elsewhere.map((alias) => aliasKey(namespace, alias)),
    );
    aliases.push(...more.map((item, at) => ({ alias: elsewhere[at]!, item: parse(AliasEntity, item) })));
  }
}

function promoSignal(id: string, item: Item | undefined): Signal {
  const promo = parse(PromoEntity, item);
  const seen = { kind: "promotion_code" as const, ref: id, seenAt: null };
  if (!promo) return { ...seen, found: "unknown" };
  if (!promo.ours) return { ...seen, found: "foreign" };
  return {
    ...seen,
    found: "ours",
    code: promo.code,
    ambassadorId: promo.ambassadorId,
    ...copiesOf(promo),
  };
}

/** What a signal must know of the ambassador: the tier earns, the status may rule them out, and who came in lately is marked. */
const copiesOf = ({ tierId, ambassadorStatus, joinedAt }: CodeItem | Promo) => ({ tierId, ambassadorStatus, joinedAt });

/**
 * Attributes by the rules in force. A promotion code carries all that is needed; a click or a known customer names a code whose
 * item tells the tier and the ambassador's status, which costs one more read.
 */
async function attributeBy(
  ctx: Context,
  snapshot: ProgramSnapshot,
  signals: Signal[],
  occurredAt: string,
): Promise<Attributed> {
  const rules = rulesOf(snapshot.program);
  const first = attribute(signals, rules, occurredAt);
  if (!first.winner || first.winner.tierId) return first;
  const codes = [...new Set(signals.flatMap((signal) => (signal.code && !signal.tierId ? [signal.code] : [])))];
  const items = await getItems(ctx.table, codes.map(keys.code));
  const byCode = new Map(items.flatMap((item) => (item ? [[item.code as string, parse(CodeEntity, item)!]] : [])));
  const told = signals.map((signal) => {
    const code = signal.tierId ? undefined : byCode.get(signal.code ?? "");
    return code ? { ...signal, ...copiesOf(code) } : signal;
  });
  return attribute(told, rules, occurredAt);
}

function frozen(
  ctx: Context,
  snapshot: ProgramSnapshot,
  attributed: Attributed,
  before?: OrderItem["receipt"],
): OrderItem["receipt"] {
  const { program, tiers } = snapshot;
  const { winner } = attributed;
  const tier = winner && tiers.find((each) => each.id === winner.tierId);
  if (winner && !tier)
    throw new AppError(
      "unavailable",
      "tier.not_loaded",
      "The tiers have just changed; the order is decided again by itself.",
      { retryAfterMs: 1000 },
    );
  const rules = rulesOf(program);
  return {
    revision: (before?.revision ?? 0) + 1,
    decidedAt: ctx.now().toISOString(),
    candidates: attributed.candidates,
    rules: {
      version: rules.version,
      precedence: rules.precedence,
      clickWindowDays: rules.clickWindowDays,
      holdDays: program.holdDays,
    },
    tier: tier && { id: tier.id, name: tier.name, rateBp: tier.rateBp },
    reversals: before?.reversals,
    cause: before && "The promotion code was looked up at the checkout",
    earlier: before && [
      ...(before.earlier ?? []),
      { revision: before.revision, decidedAt: before.decidedAt, cause: causeOf(before) },
    ],
  };
}

const attributionOf = ({ winner }: Attributed): OrderItem["attribution"] =>
  winner && { kind: winner.kind, ambassadorId: winner.ambassadorId, code: winner.code };

async function create(
  ctx: Context,
  snapshot: ProgramSnapshot,
  connection: Connection,
  event: string,
  purchase: Purchase,
  known: Known,
): Promise<Decided> {
  const attributed = await attributeBy(ctx, snapshot, known.signals, purchase.occurredAt);
  const { signals } = purchase;
  const order: OrderItem = {
    id: ctx.newId("order"),
    connectionId: connection.id,
    aliases: known.aliases.map((each) => each.alias),
    eventIds: [event],
    occurredAt: purchase.occurredAt,
    month: monthOf(purchase.occurredAt),
    status: "pending",
    payment: purchase.payment,
    currency: purchase.currency,
    grossMinor: purchase.grossMinor,
    baseMinor: purchase.baseMinor,
    baseLines: purchase.baseLines.map(({ label, amountMinor }) => [label, amountMinor]),
    refundedMinor: 0,
    customerKey: known.customerKey,
    promotionCodeIds: signals.promotionCodeIds.length > 0 ? signals.promotionCodeIds : undefined,
    clickId: signals.clickId ?? undefined,
    attribution: attributionOf(attributed),
    receipt: frozen(ctx, snapshot, attributed),
    version: 0,
  };
  const fetch = attributed.waitingFor
    ? intend(ctx, "promotion_code.fetch", attributed.waitingFor, { connectionId: connection.id, orderId: order.id })
    : [];
  const saved = save(ctx, snapshot, connection, {
    before: undefined,
    order,
    aliases: known.aliases,
    commission: undefined,
    customer: known.customer,
  });
  return {
    outcome: { status: "processed", sentence: sentenceOf(saved.order, attributed.waitingFor), orderId: order.id },
    // The mark keeps the approval of whose order it is from being undone over it; see there.
    writes: [...saved.writes, ...fetch, ...(attributed.winner ? markAttributed(ctx, attributed.winner) : [])],
  };
}

async function update(
  ctx: Context,
  snapshot: ProgramSnapshot,
  connection: Connection,
  event: string,
  fact: Purchase | RefundFact,
  aliases: KnownAlias[],
  orderId: string,
): Promise<Decided> {
  const { order: before, commission, customer } = await load(ctx, orderId);
  let order = withEvent(
    withAliases(
      before,
      aliases.map((each) => each.alias),
    ),
    event,
  );
  order = fact.kind === "purchase" ? withPurchase(order, fact) : withRefund(order, fact);
  const saved = save(ctx, snapshot, connection, { before, order, aliases, commission, customer });
  return { outcome: { status: "processed", sentence: sentenceOf(saved.order), orderId }, writes: saved.writes };
}

/** Reads an order with its commission and its customer, consistently. */
async function load(
  ctx: Context,
  orderId: string,
): Promise<{ order: OrderItem; commission: Commission | undefined; customer: Customer | undefined }> {
  const order = parse(OrderEntity, (await getItems(ctx.table, [orderKey(orderId)]))[0]);
  assert(order, `the order that an alias names exists: ${orderId}`);
  const commissionAt = commissionKey(order);
  const [commission, customer] = await getItems(ctx.table, [
    commissionAt ?? orderKey(orderId),
    order.customerKey ? customerItemKey(order.customerKey) : orderKey(orderId),
  ]);
  return {
    order,
    commission: commissionAt ? parse(CommissionEntity, commission) : undefined,
    customer: order.customerKey ? parse(CustomerEntity, customer) : undefined,
  };
}

/** The writes that bring the table from what was read to what was decided; each conditions on what was read. */
function save(
  ctx: Context,
  snapshot: ProgramSnapshot,
  connection: Connection,
  state: {
    before: OrderItem | undefined;
    order: OrderItem;
    aliases: KnownAlias[];
    commission: Commission | undefined;
    customer: Customer | undefined;
  },
): { order: OrderItem; writes: Write[] } {
  const at = { table: ctx.table.name };
  const { before } = state;
  let order = state.order;
  for (const { item } of state.aliases)
    for (const parked of item?.parked ?? []) order = withEvent(withRefund(order, parked), parked.event);
  const { timeZone } = snapshot.program;
  const settled = settle(order, state.commission, { timeZone, now: ctx.now() });
  const stored: OrderItem = { ...settled.order, version: (before?.version ?? 0) + 1 };
  const writes: Write[] = [
    write.put(
      "order",
      before
        ? OrderEntity.put(stored)
            .where((a, o) => o.eq(a.version, before.version))
            .params(at)
        : OrderEntity.create(stored).params(at),
    ),
    ...state.aliases.flatMap(({ alias, item }) => claim(ctx, connection, alias, item, stored.id)),
  ];
  const { commission } = settled;
  if (commission && commission !== state.commission) {
    const next: Commission = { ...commission, version: commission.version + 1 };
    writes.push(
      write.put(
        "commission",
        state.commission
          ? CommissionEntity.put(next)
              .where((a, o) => o.eq(a.version, commission.version))
              .params(at)
          : CommissionEntity.create(next).params(at),
      ),
    );
  }
  if (settled.entry && stored.attribution)
    writes.push(
      ...post(ctx, timeZone, {
        ...settled.entry,
        ambassadorId: stored.attribution.ambassadorId,
        currency: stored.currency,
        orderIds: [stored.id],
      }),
    );
  if (stored.customerKey && stored.payment === "paid") writes.push(...meet(ctx, stored, before, state.customer));
  return { order: stored, writes };
}

/** Makes an alias name the order, taking up what waited on it. */
function claim(ctx: Context, connection: Connection, alias: string, item: Alias | undefined, orderId: string): Write[] {
  if (item?.orderId === orderId) return [];
  const next: Alias = { namespace: connection.namespace, alias, orderId, version: (item?.version ?? 0) + 1 };
  return [putAlias(ctx, next, item)];
}

const putAlias = (ctx: Context, next: Alias, before: Alias | undefined): Write =>
  write.put(
    `alias ${next.alias}`,
    before
      ? AliasEntity.put(next)
          .where((a, o) => o.eq(a.version, before.version))
          .params({ table: ctx.table.name })
      : AliasEntity.create(next).params({ table: ctx.table.name }),
  );

/** Counts a customer's paid order once, and binds the customer to the ambassador of the first attributed one. */
function meet(ctx: Context, order: OrderItem, before: OrderItem | undefined, customer: Customer | undefined): Write[] {
  assert(order.customerKey, "an order with a customer");
  const counted = before?.payment === "paid";
  const bound = customer?.boundAmbassadorId !== undefined || !order.attribution;
  if (counted && bound) return [];
  const next: Customer = {
    key: order.customerKey,
    firstOrderId: customer?.firstOrderId ?? order.id,
    orderCount: (customer?.orderCount ?? 0) + (counted ? 0 : 1),
    boundAmbassadorId: customer?.boundAmbassadorId ?? order.attribution?.ambassadorId,
    boundCode: customer?.boundAmbassadorId ? customer.boundCode : order.attribution?.code,
    version: (customer?.version ?? 0) + 1,
  };
  const at = { table: ctx.table.name };
  return [
    write.put(
      "customer",
      customer
        ? CustomerEntity.put(next)
            .where((a, o) => o.eq(a.version, customer.version))
            .params(at)
        : CustomerEntity.create(next).params(at),
    ),
  ];
}

/** Keeps a refund that came before its purchase, on the alias that the purchase will have to claim. */
function park(ctx: Context, connection: Connection, event: string, fact: RefundFact, aliases: KnownAlias[]): Decided {
  const { namespace } = connection;
  const main = aliases.find((each) => each.alias.startsWith("pi_")) ?? aliases[0]!;
  const waiting = aliases.flatMap(({ item }) => item?.parked ?? []);
  const parked = [...waiting.filter((each) => each.event !== event), { ...fact, event }];
  if (parked.length > maxParked)
    return {
      outcome: { status: "unprocessable", sentence: "Too many refunds wait for a purchase that never came." },
      writes: [],
    };
  const writes = aliases.map(({ alias, item }) => {
    const version = (item?.version ?? 0) + 1;
    return alias === main.alias
      ? putAlias(ctx, { namespace, alias, parked, version }, item)
      : putAlias(ctx, { namespace, alias, sameAs: main.alias, version }, item);
  });
  return {
    outcome: { status: "processed", sentence: "The refund is kept until the purchase that it belongs to arrives." },
    writes,
  };
}

function sentenceOf(order: OrderItem, waitingFor?: string): string {
  if (waitingFor)
    return "The order is stored; its promotion code is not known here and is being looked up at the checkout.";
  const whose = order.attribution
    ? `attributed by ${{ promotion_code: "promotion code", click: "click", customer: "known customer" }[order.attribution.kind]}`
    : "attributed to nobody";
  const state = {
    pending: "waits for its payment",
    paid: "is paid",
    partly_refunded: "is refunded in part",
    refunded: "is refunded in full",
    void: "was not paid",
    merged: "is merged",
  }[order.status];
  return `The order ${state} and is ${whose}.`;
}

/**
 * Decides an unattributed order again, now that its promotion code is known. What else was seen stays as it was seen then.
 * Nothing happens where somebody has the order already.
 */
export async function decideAgain(ctx: Context, connection: Connection, orderId: string): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const snapshot = await ctx.program();
    const { order: before, commission, customer } = await load(ctx, orderId);
    if (before.attribution || !before.receipt.candidates.some((each) => each.rule === "not_known_yet")) return;
    const promoIds = before.promotionCodeIds ?? [];
    const promos = await getItems(
      ctx.table,
      promoIds.map((id) => promoKey(connection.id, id)),
    );
    const signals = [
      ...promos.map((item, at) => promoSignal(promoIds[at]!, item)),
      ...before.receipt.candidates.filter((each) => each.kind !== "promotion_code").map(asSeen),
    ];
    const attributed = await attributeBy(ctx, snapshot, signals, before.occurredAt);
    if (attributed.waitingFor) {
      // There is another code that nobody knows yet: it is looked up in its turn.
      await transact(
        ctx.table,
        intend(ctx, "promotion_code.fetch", attributed.waitingFor, { connectionId: connection.id, orderId }),
      );
      return;
    }
    const order: OrderItem = {
      ...before,
      attribution: attributionOf(attributed),
      receipt: frozen(ctx, snapshot, attributed, before.receipt),
    };
    const { writes } = save(ctx, snapshot, connection, { before, order, aliases: [], commission, customer });
    if (attributed.winner) writes.push(...markAttributed(ctx, attributed.winner));
    if ((await transact(ctx.table, writes)).ok) return;
    await jitter(round);
  }
  throw new AppError(
    "unavailable",
    "order.busy",
    "The order changes too fast to be decided now; it is tried again by itself.",
    { retryAfterMs: 1000 },
  );
}

const asSeen = (candidate: Candidate): Signal => ({
  kind: candidate.kind,
  ref: candidate.ref ?? null,
  seenAt: candidate.seenAt ?? null,
  found: candidate.ambassadorId ? "ours" : "unknown",
  code: candidate.code,
  ambassadorId: candidate.ambassadorId,
});
