import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Commission } from "../commission/index.ts";
import type { Account, Entry } from "../ledger/index.ts";
import type { Alias, OrderItem } from "../order/index.ts";
import type { Table } from "../table/client.ts";
import type { Item } from "../table/read.ts";

export interface Checked {
  entries: number;
  accounts: number;
  commissions: number;
  orders: number;
  /** One sentence for each thing that does not add up. Empty is green. */
  differences: string[];
}

const kinds = ["entry", "account", "commission", "order", "alias"] as const;
type Found = { entry: Entry[]; account: Account[]; commission: Commission[]; order: OrderItem[]; alias: Alias[] };

/**
 * Recomputes every balance and every commission from nothing but postings and refunds, and tells each difference.
 * Written apart from the code that posts, on purpose: it knows only what an entry is. Reads the whole table, so it is a tool and
 * never part of a function; on a table in use, differences may be movements that it saw by halves.
 */
export async function checkLedger(table: Table): Promise<Checked> {
  const found = await readAll(table);
  const differences = [...checkAccounts(found), ...checkCommissions(found), ...checkOrders(found)];
  return {
    entries: found.entry.length,
    accounts: found.account.length,
    commissions: found.commission.length,
    orders: found.order.length,
    differences,
  };
}

async function readAll(table: Table): Promise<Found> {
  const found: Found = { entry: [], account: [], commission: [], order: [], alias: [] };
  let after: Item | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({ TableName: table.name, ExclusiveStartKey: after, ConsistentRead: true }),
    );
    for (const item of page.Items ?? [])
      if (kinds.includes(item.__edb_e__)) found[item.__edb_e__ as keyof Found].push(item as never);
    after = page.LastEvaluatedKey;
  } while (after);
  return found;
}

type Sums = Map<string, bigint>;
const bump = (sums: Sums, key: string, by: bigint): void => void sums.set(key, (sums.get(key) ?? 0n) + by);
const at = (sums: Sums, key: string): bigint => sums.get(key) ?? 0n;

const places = ["pending", "held", "available", "inPayout", "paid"];
/** How each of the program's accounts shows on the ambassador's account: as what it gave, or as what it took. */
const shownAs: Record<string, 1n | -1n> = {
  earned: -1n,
  bonus: -1n,
  converted: -1n,
  reversed: 1n,
  clawedBack: 1n,
  forfeited: 1n,
  withheld: 1n,
};

function* checkAccounts({ entry, account, commission }: Found): Generator<string> {
  const moved: Sums = new Map();
  const owners = new Set<string>();
  for (const each of entry) {
    const owner = `${each.ambassadorId} ${each.currency}`;
    owners.add(owner);
    if (each.postings.length === 0) yield `Entry ${each.id} moves nothing.`;
    for (const { from, to, amountMinor } of each.postings) {
      if (!Number.isSafeInteger(amountMinor) || amountMinor <= 0 || from === to)
        yield `Entry ${each.id} has a posting that is none: ${from} → ${to} ${amountMinor}.`;
      bump(moved, `${owner} ${from}`, -BigInt(amountMinor));
      bump(moved, `${owner} ${to}`, BigInt(amountMinor));
    }
  }
  const standing: Sums = new Map();
  for (const each of commission)
    bump(
      standing,
      `${each.ambassadorId} ${each.currency} ${each.place}`,
      BigInt(each.earnedMinor) - BigInt(each.reversedMinor),
    );

  const known = new Map(account.map((each) => [`${each.ambassadorId} ${each.currency}`, each]));
  for (const owner of owners) if (!known.has(owner)) yield `${owner} has entries and no account.`;
  for (const [owner, each] of known) {
    const stored = (name: string): bigint =>
      BigInt(((each as Record<string, unknown>)[`${name}Minor`] as number | undefined) ?? 0);
    for (const place of places) {
      const sum = at(moved, `${owner} ambassador.${place}`);
      if (sum !== stored(place)) yield `${owner}: ${place} is stored as ${stored(place)} and posted as ${sum}.`;
    }
    let came = 0n;
    for (const [source, sign] of Object.entries(shownAs)) {
      const sum = sign * at(moved, `${owner} program.${source}`);
      if (sum !== stored(source)) yield `${owner}: ${source} is stored as ${stored(source)} and posted as ${sum}.`;
      came -= sign * sum;
    }
    const stands = places.reduce((sum, place) => sum + stored(place), 0n);
    if (came !== stands) yield `${owner}: what came in, less what went out, is ${came}, and ${stands} stands there.`;
    for (const place of ["pending", "held"])
      if (at(standing, `${owner} ${place}`) !== stored(place))
        yield `${owner}: ${place} commissions come to ${at(standing, `${owner} ${place}`)}, the account says ${stored(place)}.`;
    const afterHold = stored("available") + stored("inPayout") + stored("paid");
    const extras =
      stored("bonus") + stored("converted") - stored("clawedBack") - stored("forfeited") - stored("withheld");
    if (at(standing, `${owner} available`) + extras !== afterHold)
      yield `${owner}: released commissions come to ${at(standing, `${owner} available`)}, the account says ${afterHold}.`;
  }
}

function* checkCommissions({ entry, commission, order }: Found): Generator<string> {
  const earned: Sums = new Map();
  const reversed: Sums = new Map();
  for (const each of entry)
    for (const { from, to, amountMinor } of each.postings) {
      const key = `${each.ambassadorId} ${each.orderIds[0]}`;
      if (from === "program.earned") bump(earned, key, BigInt(amountMinor));
      if (to === "program.reversed") bump(reversed, key, BigInt(amountMinor));
      if (from === "program.reversed") bump(reversed, key, -BigInt(amountMinor));
    }
  const orders = new Map(order.map((each) => [each.id, each]));
  const known = new Set<string>();
  for (const each of commission) {
    const key = `${each.ambassadorId} ${each.orderId}`;
    known.add(key);
    if (at(earned, key) !== BigInt(each.earnedMinor))
      yield `Commission ${key}: earned is ${each.earnedMinor}, posted is ${at(earned, key)}.`;
    if (at(reversed, key) !== BigInt(each.reversedMinor))
      yield `Commission ${key}: reversed is ${each.reversedMinor}, posted is ${at(reversed, key)}.`;
    if (each.reversedMinor < 0 || each.reversedMinor > each.earnedMinor)
      yield `Commission ${key}: reversed ${each.reversedMinor} of ${each.earnedMinor}.`;
    const gone = each.earnedMinor > 0 && each.reversedMinor === each.earnedMinor;
    if (each.state !== (gone ? "reversed" : each.place))
      yield `Commission ${key} is ${each.state}, and its money stands at ${each.place}.`;
    const its = orders.get(each.orderId);
    if (!its) yield `Commission ${key} has no order.`;
    else {
      const share = (base: bigint): bigint => (base * BigInt(each.rateBp) + 5000n) / 10000n;
      const base = BigInt(each.baseMinor);
      const theirs = its.attribution?.ambassadorId === each.ambassadorId;
      const off = !theirs || its.mergedInto !== undefined || its.cancellation?.cancelled === true;
      const baseBack = off ? base : baseBackOf(its, base);
      const due = baseBack === 0n ? 0n : share(base) - share(base - baseBack);
      if (due !== BigInt(each.reversedMinor))
        yield `Commission ${key}: ${its.refundedMinor + (its.disputedMinor ?? 0)} of ${its.grossMinor} went back${off ? ", and the order is no longer theirs or stands for nothing" : ""}, so ${due} should be reversed, and ${each.reversedMinor} is.`;
      if (!off && !gone && each.earnedMinor > 0) {
        const asked = holdReasons(its);
        if (each.place === "held" && asked === 0) yield `Commission ${key} is held, and nothing holds it.`;
        if (each.place === "pending" && asked > 0) yield `Commission ${key} is pending, and ${asked} reasons hold it.`;
      }
      if (share(base) !== BigInt(each.earnedMinor))
        yield `Commission ${key}: ${each.rateBp} bp of ${each.baseMinor} is ${share(base)}, and ${each.earnedMinor} was earned.`;
    }
  }
  for (const key of earned.keys()) if (!known.has(key)) yield `Postings of ${key} have no commission.`;
}

/** How much of a base went back: what the lines of refunds name, and of the rest its part of the whole, rounded up. */
function baseBackOf(order: OrderItem, base: bigint): bigint {
  const gross = BigInt(order.grossMinor);
  const back = BigInt(order.refundedMinor) + BigInt(order.disputedMinor ?? 0);
  if (back <= 0n) return 0n;
  if (back >= gross) return base;
  const named = Object.values(order.refunds ?? {}).filter(
    (each) => each.state === "live" && each.baseMinor !== undefined,
  );
  const byLines = named.reduce((sum, each) => sum + BigInt(each.baseMinor!), 0n);
  const rest = back - named.reduce((sum, each) => sum + BigInt(each.amountMinor), 0n);
  const all = byLines + (rest > 0n ? (base * rest + gross - 1n) / gross : 0n);
  return all < base ? all : base;
}

/** How many reasons hold an order's commission. */
function holdReasons({ disputes, holds, attribution }: OrderItem): number {
  const open = Object.values(disputes ?? {}).filter(({ state, withdrawnMinor, currency }) => {
    if (state === "inquiry" || state === "unknown") return true;
    if (currency) return state !== "won";
    return state === "open" && withdrawnMinor === 0;
  });
  const others = (of?: string) => of !== undefined && of !== attribution?.ambassadorId;
  return (
    open.length + Object.values(holds ?? {}).filter((each) => !each.clearedAt && !others(each.ambassadorId)).length
  );
}

function* checkOrders({ order, alias, commission }: Found): Generator<string> {
  const byId = new Map(order.map((each) => [each.id, each]));
  const pointing = new Map(alias.flatMap((each) => (each.orderId ? [[`${each.alias} ${each.orderId}`, each]] : [])));
  const earners = Map.groupBy(commission, (each) => each.orderId);
  for (const [orderId, its] of earners) {
    const left = its.filter((each) => each.reversedMinor < each.earnedMinor);
    if (left.length > 1) yield `Order ${orderId} earns ${left.length} times.`;
  }
  for (const each of alias) {
    if (!each.orderId) continue;
    const named = byId.get(each.orderId);
    if (!named) yield `Alias ${each.alias} names an order that does not exist: ${each.orderId}.`;
    else if (named.mergedInto) yield `Alias ${each.alias} names an order that another one stands for: ${each.orderId}.`;
  }
  for (const each of order) {
    const stands = each.mergedInto ?? each.id;
    if (!byId.has(stands)) yield `Order ${each.id} was merged into one that does not exist: ${stands}.`;
    for (const text of each.aliases) {
      const name = text.slice(text.indexOf("#") + 1);
      if (!pointing.has(`${name} ${stands}`)) yield `Order ${stands} is not what its alias ${name} names.`;
    }
    const its = earners.get(each.id) ?? [];
    const holder = each.attribution?.ambassadorId;
    if (each.payment === "paid" && holder && !its.some(({ ambassadorId }) => ambassadorId === holder))
      yield `Order ${each.id} is attributed and paid, and earns nobody anything.`;
    if (
      its.some((commission) => commission.ambassadorId !== holder && commission.reversedMinor < commission.earnedMinor)
    )
      yield `Order ${each.id} is attributed to one and earns another.`;
    const back = refundedBy(each);
    if (each.refundedMinor !== back)
      yield `Order ${each.id}: ${back} of ${each.grossMinor} was refunded, and ${each.refundedMinor} is stored.`;
    const disputed = disputedBy(each, back);
    if ((each.disputedMinor ?? 0) !== disputed)
      yield `Order ${each.id}: disputes have taken ${disputed}, and ${each.disputedMinor ?? 0} is stored.`;
  }
}

/** What disputes have taken beyond the refunds; those that were prevented end in a refund, which is not counted twice. */
function disputedBy({ disputes, grossMinor }: OrderItem, refunded: number): number {
  const own = Object.values(disputes ?? {}).filter((each) => each.currency === undefined);
  const prevented = own.reduce((sum, each) => sum + (each.state === "prevented" ? each.amountMinor : 0), 0);
  const taken = own.reduce((sum, { state, amountMinor, withdrawnMinor }) => {
    if (state === "won") return sum + Math.min(withdrawnMinor ?? 0, amountMinor);
    return state === "open" || state === "lost" ? sum + Math.min(withdrawnMinor ?? amountMinor, amountMinor) : sum;
  }, 0);
  const all = taken + (prevented > refunded ? prevented : refunded);
  return (all < grossMinor ? all : grossMinor) - refunded;
}

/** What went back: the refunds that stand, or the last figure of the whole less what failed since; never more than was paid. */
function refundedBy(order: OrderItem): number {
  const { refunds, refundedFloorMinor, refundedFloorAt, refundedExactMinor = 0, grossMinor } = order;
  const all = Object.values(refunds ?? {});
  const standing = all.filter((each) => each.state !== "failed").reduce((sum, each) => sum + each.amountMinor, 0);
  const figure = all
    .filter((each) => each.state === "failed" && !(each.failedAt! < refundedFloorAt!))
    .reduce((rest, each) => rest - each.amountMinor, refundedFloorMinor ?? 0);
  return Math.min(Math.max(standing, figure, refundedExactMinor), grossMinor);
}
