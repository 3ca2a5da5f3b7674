import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Ambassador, Balance, Tier } from "@laurel/contract";
import { getItems, type Item, openTable, type Table } from "@laurel/core/table";
import type { RunFile } from "@laurel/local/src/run-file.ts";
import { allOf, type Caller, sendSigned } from "./api.ts";

/** One webhook on its way, as its sender knows it. */
export interface Delivery {
  id: string;
  event: object;
  /** Answered with a 2xx: the sender will not send it again. */
  acknowledged: boolean;
}

/** Minor units by `ambassador currency`: what was earned less what was taken back, wherever it stands now. */
export type Sums = Map<string, number>;

export interface Deliveries {
  all: Delivery[];
  sales: number;
  /** What they come to, worked out here from the rules alone (docs/money.md). */
  expected: Sums;
}

/** The table behind a running program. Close its client. */
export const tableOf = (run: RunFile): Table =>
  openTable({ tableName: run.tableName, endpoint: run.engineEndpoint }, { maxAttempts: 5 });

export async function scan(table: Table, pkPrefix: string): Promise<Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await table.client.send(
      new ScanCommand({
        TableName: table.name,
        ConsistentRead: true,
        FilterExpression: "begins_with(pk, :pk)",
        ExpressionAttributeValues: { ":pk": pkPrefix },
        ExclusiveStartKey: after,
      }),
    );
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after);
  return items;
}

const add = (sums: Sums, key: string, minor: number) => sums.set(key, (sums.get(key) ?? 0) + minor);
const commissionOf = (baseMinor: number, rateBp: number) => Math.floor((baseMinor * rateBp + 5000) / 10_000);

/**
 * So many webhooks of sales by the codes of the demo's ambassadors, every seventh one a refund of an earlier sale, in whole or
 * in part. A refund may be told before its sale.
 */
export async function deliveriesOf(staff: Caller, table: Table, count: number): Promise<Deliveries> {
  const tiers = await staff.get<{ items: Tier[] }>("/api/tiers");
  const rateOf = new Map(tiers.items.map((tier) => [tier.id as string, tier.rateBp]));
  const active = await allOf<Ambassador>(staff, "/api/ambassadors?status=active");
  const promotions = (await scan(table, "PROMO#")).filter((item) => active.some(({ id }) => id === item.ambassadorId));
  const createdS = Math.floor(Date.now() / 1000);
  const stamp = `${createdS}`.slice(-6);
  const expected: Sums = new Map();
  const all: Delivery[] = [];
  const deliver = (n: number, kind: string, type: string, object: object) => {
    const id = `evt_test_kill${stamp}${kind}${n}`;
    const event = { id, object: "event", api_version: "2026-10-28.endive", created: createdS, livemode: false, type };
    all.push({ id, event: { ...event, data: { object } }, acknowledged: false });
  };

  let sales = 0;
  for (let n = 0; all.length < count; n++) {
    const promotion = promotions[n % promotions.length]!;
    const ambassador = active.find(({ id }) => id === promotion.ambassadorId)!;
    const currency = n % 5 === 0 ? "usd" : "eur";
    const totalMinor = 1_999 + ((n * 7_919) % 20_000);
    const taxMinor = Math.floor((totalMinor * 19) / 119);
    const payment = `pi_test_kill${stamp}${n}`;
    const key = `${ambassador.id} ${currency.toUpperCase()}`;
    const baseMinor = totalMinor - taxMinor;
    const rateBp = rateOf.get(ambassador.tier.id)!;
    sales++;
    add(expected, key, commissionOf(baseMinor, rateBp));
    deliver(n, "s", "checkout.session.completed", {
      id: `cs_test_kill${stamp}${n}`,
      object: "checkout.session",
      mode: "payment",
      created: createdS,
      status: "complete",
      payment_status: "paid",
      payment_intent: payment,
      currency,
      amount_subtotal: baseMinor,
      amount_total: totalMinor,
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: taxMinor },
      shipping_cost: null,
      discounts: [{ coupon: null, promotion_code: promotion.promotionCodeId }],
      client_reference_id: null,
      customer: null,
      customer_details: { email: `killed${n % 97}@example.com`, name: "A Buyer" },
      metadata: {},
    });
    if (n % 6 !== 5 || all.length >= count) continue;
    const refundedMinor = n % 12 === 5 ? totalMinor : Math.floor(totalMinor / 3);
    const left = baseMinor - Math.ceil((baseMinor * refundedMinor) / totalMinor);
    add(expected, key, commissionOf(left, rateBp) - commissionOf(baseMinor, rateBp));
    deliver(n, "r", "refund.created", {
      id: `re_test_kill${stamp}${n}`,
      object: "refund",
      amount: refundedMinor,
      currency,
      payment_intent: payment,
      charge: `ch_test_kill${stamp}${n}`,
      status: "succeeded",
      reason: "requested_by_customer",
    });
  }
  // The refund stands beside its sale: with several in flight, either may be first.
  return { all, sales, expected };
}

/**
 * Sends what has no 2xx yet, several at once.
 * @param stop asked before each one; true ends it
 */
export async function send(
  run: RunFile,
  deliveries: readonly Delivery[],
  { atOnce = 16, stop = () => false }: { atOnce?: number; stop?: () => boolean } = {},
): Promise<void> {
  const waiting = deliveries.filter((each) => !each.acknowledged);
  const worker = async () => {
    for (let next = waiting.shift(); next && !stop(); next = waiting.shift()) {
      const answer = await sendSigned(run.connections[0]!, next.event).catch(() => undefined);
      await answer?.arrayBuffer().catch(() => undefined);
      next.acknowledged = answer?.ok ?? false;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** How many of some webhooks have been decided well. */
export async function decided(run: RunFile, table: Table, deliveries: readonly Delivery[]): Promise<number> {
  const connectionId = run.connections[0]!.id;
  const items = await getItems(
    table,
    deliveries.map(({ id }) => ({ pk: `EVT#${connectionId}#${id}`, sk: "DONE" })),
  );
  return items.filter((item) => item?.status === "processed").length;
}

/** What every ambassador has, as the program tells it. */
export async function balances(staff: Caller): Promise<Sums> {
  const sums: Sums = new Map();
  for (const { id } of await allOf<Ambassador>(staff, "/api/ambassadors?status=active")) {
    const answer = await staff.get<{ items: Balance[] }>(`/api/ambassadors/${id}/balances`);
    for (const each of answer.items)
      add(
        sums,
        `${id} ${each.currency}`,
        each.pendingMinor + each.heldMinor + each.availableMinor + each.inPayoutMinor + each.paidMinor,
      );
  }
  return sums;
}

/** One and the other together, in an order that can be compared. */
export function together(one: Sums, other: Sums = new Map()): [string, number][] {
  const sums: Sums = new Map(one);
  for (const [key, minor] of other) add(sums, key, minor);
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The program's rollups and all accounts, added up by currency: the same where every fact was counted once. */
export async function rolledUp(table: Table): Promise<{ rollups: object; accounts: object }> {
  const sum = (items: Item[]) => {
    const sums: Record<string, number> = {};
    for (const item of items)
      for (const figure of ["earnedMinor", "reversedMinor"])
        sums[`${figure} ${item.currency}`] = (sums[`${figure} ${item.currency}`] ?? 0) + (item[figure] ?? 0);
    return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const rollups = (await scan(table, "ROLL#program")).filter((item) => item.currency !== "-");
  const accounts = (await scan(table, "AMB#")).filter((item) => String(item.sk).startsWith("ACC#"));
  return { rollups: sum(rollups), accounts: sum(accounts) };
}
