import type { Rules } from "@laurel/contract";
import fc from "fast-check";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { findAmbassador } from "../ambassador/index.ts";
import { CampaignEntity } from "../campaign/index.ts";
import { ClickEntity } from "../click/index.ts";
import type { Commission } from "../commission/index.ts";
import { sweepEffects } from "../effect-runner/index.ts";
import type { Fact, OrderItem } from "../order/index.ts";
import * as Orders from "../order/index.ts";
import { change } from "../program/index.ts";
import { transact, write } from "../table/transact.ts";
import { TierEntity } from "../tier/index.ts";

/** What happens in a program over some months: purchases, their renewals, refunds, and what people decide about them. */
export interface History {
  rules: Partial<Rules>;
  /** The days of the campaign, from the first day of the history on; none for always. */
  campaign: { starts: number; ends: number } | null;
  sales: Sale[];
  chance: number;
}

interface Sale {
  day: number;
  /** One of a few buyers; the first is an ambassador; null for nobody known. */
  buyer: number | null;
  /** Ambassadors by number; -1 is a code of the shop's own. */
  codes: number[];
  byText: boolean;
  /** Whose links, and how many days before. */
  clicks: { who: number; before: number }[];
  baseMinor: number;
  outsideMinor: number;
  pays: "at once" | "never";
  refunds: { share: number; fails: boolean }[];
  disputed: boolean;
  cancelled: boolean;
  currency: "EUR" | "JPY";
  /** Days after it at which a subscription is paid again; null for no subscription. */
  renewals: number[] | null;
  trial: boolean;
  /** To whom a person gives it: nobody (-1), an ambassador, or nobody does anything (null). */
  byHand: number | null;
}

const people = 3;
const who = fc.nat(people - 1);
const rarely = <T>(value: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | null> =>
  fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, { arbitrary: value, weight });

const sale: fc.Arbitrary<Sale> = fc.record({
  day: fc.nat(150),
  buyer: fc.oneof(fc.constant(null), fc.nat(4), fc.nat(4), fc.nat(4)),
  codes: fc.array(fc.integer({ min: -1, max: people - 1 }), { maxLength: 2 }),
  byText: fc.boolean(),
  clicks: fc.array(fc.record({ who, before: fc.nat(45) }), { maxLength: 2 }),
  baseMinor: fc.oneof(fc.nat(40), fc.integer({ min: 1, max: 300_000 })),
  outsideMinor: fc.constantFrom(0, 0, 0, 5000),
  pays: fc.constantFrom<Sale["pays"][]>("at once", "at once", "at once", "at once", "never"),
  refunds: fc.array(fc.record({ share: fc.integer({ min: 1, max: 100 }), fails: fc.boolean() }), { maxLength: 2 }),
  disputed: fc.constantFrom(false, false, false, true),
  cancelled: fc.constantFrom(false, false, false, false, true),
  currency: fc.constantFrom<Sale["currency"][]>("EUR", "EUR", "EUR", "JPY"),
  renewals: rarely(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 3 }), 2),
  trial: fc.boolean(),
  byHand: rarely(fc.integer({ min: -1, max: people - 1 })),
});

export const someRules: fc.Arbitrary<Partial<Rules>> = fc.record(
  {
    precedence: fc.shuffledSubarray(["promotion_code", "click", "customer"] as const, { minLength: 1 }),
    clickWindowDays: fc.integer({ min: 1, max: 60 }),
    clickTouch: fc.constantFrom("first" as const, "last" as const),
    severalCodes: fc.constantFrom("first" as const, "last" as const, "nobody" as const),
    newCustomersOnly: fc.boolean(),
    countOwnOrders: fc.boolean(),
    bindingMonths: fc.constantFrom(0, 1, 3, null),
    renewalMonths: fc.constantFrom(0, 1, 3, null),
    campaignDates: fc.boolean(),
    countOutOfBand: fc.boolean(),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Rules>>;

export const histories = (sales: { min: number; max: number }): fc.Arbitrary<History> =>
  fc.record({
    rules: someRules,
    campaign: rarely(fc.record({ starts: fc.nat(60), ends: fc.integer({ min: 60, max: 150 }) }), 4),
    sales: fc.array(sale, { minLength: sales.min, maxLength: sales.max }),
    chance: fc.nat(2 ** 31 - 1),
  });

const dayMs = 86_400_000;
const begins = Date.parse("2026-01-10T09:00:00.000Z");
/** When all of a history is over. */
const ends = new Date("2026-10-01T10:00:00.000Z");

export interface Program {
  world: World;
  people: TestAmbassador[];
}

/** A program with three ambassadors of two tiers, who came in before everything else, in the same order each time. */
export async function openProgram(
  history: Pick<History, "campaign">,
  { rules, rates = {} }: { rules: Partial<Rules>; rates?: { starter?: number; laurel?: number } },
): Promise<Program> {
  const world = await openWorld({ now: new Date(begins - 60 * dayMs), programMaxAgeMs: 0 });
  await withoutFlags(world);
  const { starterTierId, laurelTierId } = world.program;
  const joined: TestAmbassador[] = [];
  for (let n = 0; n < people; n++)
    joined.push(await ambassador(world, `Person ${n}`, { tierId: n === 1 ? laurelTierId : starterTierId }));
  const { program, campaigns, tiers } = await world.ctx().program();
  const at = { table: world.table.name };
  const day = (n: number): string => new Date(begins + n * dayMs).toISOString().slice(0, 10);
  const dates = history.campaign && { startsOn: day(history.campaign.starts), endsOn: day(history.campaign.ends) };
  await transact(world.table, [
    write.put("campaign", CampaignEntity.put({ ...campaigns[0]!, ...dates }).params(at)),
    ...tiers.map((tier) => {
      const rateBp = tier.id === laurelTierId ? rates.laurel : rates.starter;
      return write.put(tier.id, TierEntity.put({ ...tier, rateBp: rateBp ?? tier.rateBp }).params(at));
    }),
  ]);
  await change(world.ctx(), { version: program.version, rules });
  return { world, people: joined };
}

interface Happening {
  at: number;
  /** What must have happened before. */
  after?: Happening | undefined;
  tell: () => Promise<unknown>;
}

/** Everything that happens in a history, with its time. */
export async function happenings({ world, people }: Program, { sales }: History): Promise<Happening[]> {
  const { connections } = await world.ctx().program();
  const connection = connections[0]!;
  const take = (fact: Fact) => Orders.take(world.ctx(), { connection, fact });
  const all: Happening[] = [];
  const clicks: ReturnType<typeof write.put>[] = [];
  for (const [n, each] of sales.entries()) {
    // Two things never happen in the same second, so that the order of time is one.
    const at = begins + each.day * dayMs + n * 60_000;
    const clickIds = each.clicks.map(({ who: of, before }, m) => {
      const id = `clk_history${n}x${m}`;
      const click = { id, code: people[of]!.code, ambassadorId: people[of]!.id };
      const seen = new Date(at - before * dayMs - 1000).toISOString();
      clicks.push(
        write.put(
          id,
          ClickEntity.put({ ...click, at: seen, expiresAtEpochS: 4e9 }).params({ table: world.table.name }),
        ),
      );
      return id;
    });
    const email = each.buyer === null ? null : each.buyer === 0 ? people[0]!.email : `buyer${each.buyer}@example.com`;
    const signals = {
      promotionCodeIds: each.byText ? [] : each.codes.flatMap((of) => (of < 0 ? [] : [people[of]!.promotionCodeId])),
      codes: each.byText ? each.codes.map((of) => (of < 0 ? "SHOPSOWN" : people[of]!.code)) : [],
      clickId: clickIds.at(-1) ?? null,
      earlierClickIds: clickIds.slice(0, -1),
      email,
    };
    const none = { promotionCodeIds: [], clickId: null, email };
    const subscriptionId = each.renewals ? `sub_${n}` : undefined;
    const payment = (m: number, paidAt: number): Happening => {
      const free = m === 0 && subscriptionId !== undefined && each.trial;
      const baseMinor = free ? 0 : each.baseMinor + m;
      const tax = Math.ceil(baseMinor / 5);
      const aliases = [`in_${n}_${m}`];
      const fact: Fact = {
        kind: "purchase",
        aliases,
        occurredAt: new Date(paidAt).toISOString(),
        payment: each.pays === "never" ? "failed" : "paid",
        currency: each.currency,
        number: `#${n}-${m}`,
        grossMinor: baseMinor + tax,
        baseMinor,
        baseLines: [{ label: "Goods", amountMinor: baseMinor }],
        ...(each.outsideMinor > 0
          ? { outOfBand: { grossMinor: each.outsideMinor + 1000, baseMinor: each.outsideMinor } }
          : {}),
        signals: m === 0 ? signals : none,
        ...(subscriptionId
          ? { subscription: { id: subscriptionId, part: m === 0 ? "start" : "renewal" }, attributedElsewhere: true }
          : {}),
      };
      const paid: Happening = { at: paidAt, tell: () => take(fact) };
      all.push(paid);
      const currency = each.currency;
      let second = paidAt;
      const next = (tell: Happening["tell"]) => {
        second += 1000;
        all.push({ at: second, after: paid, tell });
      };
      for (const [r, { share, fails }] of each.refunds.entries()) {
        const refund = {
          kind: "refund" as const,
          aliases,
          refundId: `re_${n}_${m}_${r}`,
          amountMinor: Math.ceil(((baseMinor + tax) * share) / 100),
          currency,
        };
        const told = new Date(second).toISOString();
        next(() => take({ ...refund, state: "live", at: told }));
        if (fails) next(() => take({ ...refund, state: "failed", at: told }));
      }
      if (each.disputed)
        next(() =>
          take({
            kind: "dispute",
            aliases,
            disputeId: `du_${n}_${m}`,
            state: "lost",
            step: 3,
            amountMinor: Math.ceil((baseMinor + tax) / 2),
            currency,
            at: new Date(paidAt + 500).toISOString(),
          }),
        );
      if (each.cancelled)
        next(() => take({ kind: "cancellation", aliases, cancelled: true, at: new Date(paidAt).toISOString() }));
      return paid;
    };
    const first = payment(0, at);
    for (const [m, days] of (each.renewals ?? []).entries()) payment(m + 1, at + days * dayMs);
    if (subscriptionId)
      all.push({
        at: at - 500,
        tell: () =>
          take({
            kind: "subscription_start",
            aliases: [`in_${n}_0`],
            subscriptionId,
            occurredAt: new Date(at).toISOString(),
            signals,
            complete: true,
          }),
      });
    if (each.byHand !== null && each.pays !== "never")
      all.push({ at: at + 30_000, after: first, tell: () => byHand({ world, people }, `#${n}-0`, each.byHand!) });
  }
  for (let from = 0; from < clicks.length; from += 50) await transact(world.table, clicks.slice(from, from + 50));
  return all;
}

async function byHand({ world, people }: Program, number: string, of: number): Promise<void> {
  const ctx = world.ctx();
  const [order] = await Orders.ordersByNumber(ctx, number);
  const to = of < 0 ? undefined : await findAmbassador(ctx, people[of]!.id);
  await Orders.changeOrder(ctx, order!.id, (loaded, snapshot) =>
    Orders.handedOver(ctx, snapshot, loaded.order, { to, reason: "It was agreed so" }),
  );
}

/** Lets everything happen, each at its time. */
export async function inOrder(program: Program, history: History): Promise<void> {
  const { world } = program;
  for (const each of (await happenings(program, history)).toSorted((a, b) => a.at - b.at)) {
    world.clock.set(new Date(each.at));
    await each.tell();
  }
  await finish(world);
}

/** Lets everything that still waits be done, and moves on to the end of the history. */
export async function finish(world: World): Promise<void> {
  world.clock.set(ends);
  for (let round = 0; round < 12; round++) {
    await sweepEffects(world.ctx());
    const waiting = (await scan(world)).filter((item) => item.__edb_e__ === "effect" && item.state === "waiting");
    if (!waiting.some((item) => /^(order|customer)\./.test(item.kind))) return;
    world.clock.advance(61 * 60_000);
  }
  throw new Error("Something still waits after twelve rounds");
}

/** What stands in the books: by ambassador's number and currency, and whose each order is. */
export async function books({ world, people }: Program) {
  const items = await scan(world);
  const number = (id: string): number => people.findIndex((each) => each.id === id);
  const sums = new Map<string, { earned: number; reversed: number }>();
  for (const { ambassadorId, currency, earnedMinor, reversedMinor } of items.filter(
    (item) => item.__edb_e__ === "commission",
  ) as unknown as Commission[]) {
    const key = `${number(ambassadorId)} ${currency}`;
    const { earned, reversed } = sums.get(key) ?? { earned: 0, reversed: 0 };
    sums.set(key, { earned: earned + earnedMinor, reversed: reversed + reversedMinor });
  }
  const orders = items.filter((item) => item.__edb_e__ === "order") as unknown as OrderItem[];
  const holders = new Map(
    orders
      .filter((order) => order.payment === "paid" && !order.mergedInto)
      .map((order) => [order.number!, order.attribution ? number(order.attribution.ambassadorId) : undefined]),
  );
  return { sums, holders };
}
