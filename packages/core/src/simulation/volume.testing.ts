import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import type { Candidate } from "../attribution/index.ts";
import { CodeEntity } from "../code/index.ts";
import { CommissionEntity, earn } from "../commission/index.ts";
import type { Context } from "../kernel/context.ts";
import { shareOf } from "../kernel/money.ts";
import { monthOf } from "../kernel/time.ts";
import { type Attribution, OrderEntity } from "../order/index.ts";
import { rulesOf } from "../program/index.ts";

/** What the books of many orders come to, and what they would if clicks were believed before codes: reckoned beside the program. */
export interface Expected {
  paid: number;
  nowMinor: number;
  proposedMinor: number;
  /** Orders that somebody else would have. */
  moved: number;
}

const dayMs = 86_400_000;
const ambassadors = 200;
const days = 300;

/**
 * Puts as many orders into the table as one likes, as the program would have stored them, over the last 300 days: each third by a
 * code beside somebody else's click, each third by a click, the others by nothing but who the customer is. A third as many
 * customers come back again and again. Odd ambassadors are on the second tier.
 */
export async function sellMany(ctx: Context, count: number): Promise<Expected> {
  const { program, tiers, campaigns, connections } = await ctx.program();
  const rules = rulesOf(program);
  const now = ctx.now();
  const ids = Array.from({ length: ambassadors }, () => ctx.newId("ambassador"));
  const customers = Math.ceil(count / 3);
  const bound = { now: new Map<number, number>(), proposed: new Map<number, number>() };
  const expected: Expected = { paid: count, nowMinor: 0, proposedMinor: 0, moved: 0 };
  const tierOf = (who: number) => tiers[who % 2]!;
  const items: Record<string, unknown>[] = ids.map(
    (ambassadorId, who) =>
      CodeEntity.put({
        code: `CODE${who}`,
        ambassadorId,
        campaignId: campaigns[0]!.id,
        tierId: tierOf(who).id,
        ambassadorStatus: "active",
        state: "active",
        primary: true,
        promotionCodes: {},
        refusals: 0,
        createdAt: now.toISOString(),
        version: 1,
      }).params({ table: ctx.table.name }).Item,
  );
  const flights: Promise<unknown>[] = [];
  for (let n = 0; n < count; n++) {
    const at = new Date(now.getTime() - days * dayMs + Math.floor((n / count) * days * dayMs)).toISOString();
    // Neither follows from the other, so that whoever comes back does so by another way.
    const customer = (n * 7919) % customers;
    const by = n % 3;
    const code = by === 0 ? (n * 31) % ambassadors : undefined;
    const click = by < 2 ? (n * 17 + 1) % ambassadors : undefined;
    const seen = { now: bound.now.get(customer), proposed: bound.proposed.get(customer) };
    const holder = code ?? click ?? seen.now;
    const then = click ?? code ?? seen.proposed;
    if (holder !== undefined && seen.now === undefined) bound.now.set(customer, holder);
    if (then !== undefined && seen.proposed === undefined) bound.proposed.set(customer, then);
    const orderId = ctx.newId("order");
    const baseMinor = 1000 + (n % 9000);
    const candidate = (kind: Candidate["kind"], who: number, won: boolean): Candidate => ({
      kind,
      ambassadorId: ids[who]!,
      code: `CODE${who}`,
      tierId: tierOf(who).id,
      campaignId: campaigns[0]!.id,
      ...(kind === "customer" ? {} : { ref: `${kind}_${n}` }),
      ...(kind === "promotion_code" ? {} : { seenAt: at }),
      outcome: won ? "won" : "lost",
      rule: won ? "strongest_signal" : who === holder ? "same_ambassador" : "weaker_signal",
    });
    const candidates = [
      ...(code === undefined ? [] : [candidate("promotion_code", code, true)]),
      ...(click === undefined ? [] : [candidate("click", click, code === undefined)]),
      ...(seen.now === undefined ? [] : [candidate("customer", seen.now, by === 2)]),
    ];
    const won = candidates.find((each) => each.outcome === "won");
    const tier = holder === undefined ? undefined : tierOf(holder);
    items.push(
      OrderEntity.put({
        id: orderId,
        connectionId: connections[0]!.id,
        aliases: [`sale_${n}`],
        eventIds: [],
        occurredAt: at,
        month: monthOf(at),
        status: "paid",
        payment: "paid",
        currency: "EUR",
        grossMinor: baseMinor,
        baseMinor,
        baseLines: [["Goods", baseMinor]],
        refundedMinor: 0,
        customerKey: `k1.customer${customer}`,
        attribution: (won as Attribution | undefined) && {
          kind: won!.kind,
          ambassadorId: won!.ambassadorId!,
          code: won!.code,
        },
        receipt: {
          revision: 1,
          decidedAt: at,
          candidates,
          inputs: { newCustomer: seen.now === undefined },
          rules: { ...rules, holdDays: 30 },
          tier: tier && { id: tier.id, name: tier.name, rateBp: tier.rateBp },
        },
        version: 1,
      }).params({ table: ctx.table.name }).Item,
    );
    if (holder !== undefined) {
      const commission = earn({
        ambassadorId: ids[holder]!,
        orderId,
        occurredAt: at,
        code: `CODE${holder}`,
        currency: "EUR",
        baseMinor,
        rateBp: tier!.rateBp,
        tierId: tier!.id,
        rulesVersion: rules.version,
        releaseAt: at,
        releaseDay: at.slice(0, 10),
      });
      items.push(CommissionEntity.put({ ...commission, version: 1 }).params({ table: ctx.table.name }).Item);
      expected.nowMinor += shareOf(baseMinor, tier!.rateBp);
    }
    if (then !== undefined) expected.proposedMinor += shareOf(baseMinor, tierOf(then).rateBp);
    if (then !== holder) expected.moved++;
    while (items.length >= 25) flights.push(put(ctx, items.splice(0, 25)));
    if (flights.length >= 16) await Promise.all(flights.splice(0));
  }
  while (items.length > 0) flights.push(put(ctx, items.splice(0, 25)));
  await Promise.all(flights);
  return expected;
}

async function put(ctx: Context, items: Record<string, unknown>[]): Promise<void> {
  let wanted = items.map((Item) => ({ PutRequest: { Item } }));
  while (wanted.length > 0) {
    const answer = await ctx.table.client.send(new BatchWriteCommand({ RequestItems: { [ctx.table.name]: wanted } }));
    wanted = (answer.UnprocessedItems?.[ctx.table.name] ?? []) as typeof wanted;
  }
}
