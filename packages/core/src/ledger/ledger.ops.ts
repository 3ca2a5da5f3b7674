import type { Balance } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { assert, notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { dayOf } from "../kernel/time.ts";
import type { Table } from "../table/client.ts";
import { parse } from "../table/entity.ts";
import { getItem, queryAll } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { type Account, AccountEntity, EntryEntity } from "./ledger.entity.ts";
import { type Balances, changesOf, type EntryKind, noBalances, type Posting } from "./ledger.ts";

export interface NewEntry {
  ambassadorId: string;
  currency: string;
  kind: EntryKind;
  postings: Posting[];
  orderIds: string[];
  /** How many sales it adds; 1 for `earn` and 0 for others unless told. */
  sales?: number;
}

/** The writes of one entry: the entry itself and the account that it changes. None where nothing moves. */
export const post = (ctx: Context, timeZone: string, entry: NewEntry): Write[] => postAll(ctx, timeZone, [entry]);

/**
 * The writes of several entries of one transaction: each entry, and each account once, whoever's they are.
 * Money that is put on hold must stand available: the account's write is refused where it does not any more.
 */
export function postAll(ctx: Context, timeZone: string, entries: readonly NewEntry[]): Write[] {
  const now = ctx.now();
  const at = { table: ctx.table.name };
  const moving = entries.filter((entry) => entry.postings.length > 0);
  const writes = moving.map((entry): Write => {
    assert(entry.orderIds.length <= 25, "an entry names at most 25 orders");
    const id = ctx.newId("entry");
    return write.put(
      id,
      EntryEntity.create({
        ...entry,
        id,
        day: dayOf(timeZone, now),
        recordedAt: now.toISOString(),
        ...(ctx.silent ? { silent: true } : {}),
      }).params(at),
    );
  });
  for (const group of Map.groupBy(moving, (entry) => `account ${entry.ambassadorId} ${entry.currency}`)) {
    const [name, of] = group;
    const { ambassadorId, currency } = of[0]!;
    const postings = of.flatMap((entry) => entry.postings);
    const params = AccountEntity.upsert({ ambassadorId, currency })
      .add({ ...changesOf(postings), version: 1 })
      .params(at) as Record<string, unknown>;
    const heldMinor = postings.reduce(
      (sum, each) =>
        each.from === "ambassador.available" && each.to === "ambassador.held" ? sum + each.amountMinor : sum,
      0,
    );
    writes.push(write.update(name, heldMinor > 0 ? onlyWhereAvailable(params, heldMinor) : params));
  }
  return writes;
}

const onlyWhereAvailable = (params: Record<string, unknown>, amountMinor: number): Record<string, unknown> => ({
  ...params,
  ConditionExpression: "#heldFrom >= :heldMinor",
  ExpressionAttributeNames: { ...(params.ExpressionAttributeNames as object), "#heldFrom": "availableMinor" },
  ExpressionAttributeValues: { ...(params.ExpressionAttributeValues as object), ":heldMinor": amountMinor },
});

export const balancesOf = (account: Account): Balances =>
  Object.fromEntries(Object.keys(noBalances()).map((name) => [name, account[name as keyof Balances] ?? 0])) as Balances;

/** Every account of an ambassador, by currency. */
export async function accountsOf(table: Table, ambassadorId: string): Promise<Account[]> {
  const items = await queryAll(table, { pk: `AMB#${ambassadorId}`, skPrefix: "ACC#" });
  return items.map((item) => parse(AccountEntity, item)!);
}

export const serializeBalance = (account: Account): Balance => ({
  currency: account.currency,
  pendingMinor: account.pendingMinor ?? 0,
  heldMinor: account.heldMinor ?? 0,
  availableMinor: account.availableMinor ?? 0,
  inPayoutMinor: account.inPayoutMinor ?? 0,
  paidMinor: account.paidMinor ?? 0,
});

/** The balances of one ambassador, for staff. @throws AppError not_found */
export async function balancesFor(ctx: Context, ambassadorId: string): Promise<{ items: Balance[] }> {
  authorize(ctx.actor, "ambassador.read");
  if (!(await getItem(ctx.table, { pk: `AMB#${ambassadorId}`, sk: "AMBASSADOR" }))) throw notFound();
  return { items: (await accountsOf(ctx.table, ambassadorId)).map(serializeBalance) };
}

/** The signed-in ambassador's own balances. */
export async function myBalances(ctx: Context): Promise<{ items: Balance[] }> {
  authorize(ctx.actor, "me.earnings");
  assert(ctx.actor.kind === "person" && ctx.actor.ambassadorId, "an ambassador has an ambassador id");
  return { items: (await accountsOf(ctx.table, ctx.actor.ambassadorId)).map(serializeBalance) };
}
