import { setTimeout as sleep } from "node:timers/promises";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createRedirect } from "@laurel/functions/redirect.ts";
import { createEffects } from "@laurel/functions/stream/effects.ts";
import { createRollups } from "@laurel/functions/stream/rollups.ts";
import type { DynamoDBRecord } from "aws-lambda";
import { expect } from "vitest";
import {
  charge,
  event,
  type Purchase,
  providerId,
  purchase,
  refund,
  type StripeEvent,
  session,
} from "../../../local/testing/checkout.ts";
import type { World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { type CodeItem, promotionCodesOf } from "../code/index.ts";
import { releaseDue } from "../commission/index.ts";
import { sweepEffects } from "../effect-runner/index.ts";
import { sweepEvents } from "../event/index.ts";
import type { AppError } from "../kernel/index.ts";
import { accountsOf, balancesOf } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { comesBack, expected, type Happening, happenings, type PurchaseStory, type Story } from "./model.testing.ts";

const dayMs = 86_400_000;

export interface Someone {
  id: string;
  email: string;
  code: CodeItem;
  rateBp: number;
}

export async function eventually<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 5 || (error as AppError).kind !== "unavailable") throw error;
      await sleep(20);
    }
  }
}

/** @param n its place among at most a minute's purchases: each was placed in a second of its own, and nothing is believed that is still to come */
export const purchaseOf = (world: World, { currency, total }: PurchaseStory, n = 0): Purchase =>
  purchase(new Date(world.clock.now().getTime() - (60 - n) * 1000), { currency, totalMinor: total });

/**
 * Whose each purchase should be, of purchases in the order in which they are placed: whoever it names, and without a name
 * whoever has brought that buyer before, with something that was paid.
 */
export function ownersOf(purchases: readonly PurchaseStory[], people: readonly Someone[]): (Someone | undefined)[] {
  const brought = new Set<number>();
  return purchases.map((each) => {
    const named = each.by !== "nothing" && each.by !== "code of the shop's own";
    if (!named) return comesBack(each) && brought.has(each.who) ? people[each.who] : undefined;
    if (each.knownBuyer && each.pays !== "never") brought.add(each.who);
    return people[each.who];
  });
}

export async function visit(world: World, { code }: Someone): Promise<string> {
  const redirect = createRedirect({
    table: world.table,
    now: world.clock.now,
    newId: world.newId,
    log: world.runtime.log,
  });
  const answer = await redirect.request(`/r/${code.code}`, {
    headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" },
  });
  return new URL(answer.headers.get("location")!).searchParams.get("laurel_click")!;
}

export interface Sold {
  story: PurchaseStory;
  of: Purchase;
  who: Someone | undefined;
}

/** Everything that Stripe tells of a purchase. */
export function eventsOf(world: World, { story, of, who }: Sold, click: string | undefined): StripeEvent[] {
  const { connectionId } = world.program;
  const start = Math.floor(of.at.getTime() / 1000);
  let promotionCode: string | undefined;
  if (who && story.by === "code") promotionCode = promotionCodesOf(who.code)[connectionId]!;
  if (story.by === "code of the shop's own") promotionCode = providerId("promo");
  if (who && story.by === "code that must be looked up") {
    promotionCode = providerId("promo");
    const known = world.stripe.promotionCodes.get(promotionCodesOf(who.code)[connectionId]!)!;
    world.stripe.promotionCodes.set(promotionCode, { ...known, id: promotionCode, active: false });
  }
  // Buyers are known to one ambassador each: a customer's item is shared by the sales of that customer, and by no others.
  const known = story.knownBuyer && (who || comesBack(story));
  const buyer = known ? `buyer-of-${story.who}@example.com` : `${of.session}@example.com`;
  const aside = Math.floor((story.total * story.aside) / 100);
  const tax = Math.ceil(aside / 2);
  const checkout = (paid: boolean) =>
    session(of, {
      payment_status: paid ? "paid" : "unpaid",
      total_details: { amount_discount: 0, amount_tax: tax, amount_shipping: aside - tax },
      discounts: promotionCode ? [{ coupon: null, promotion_code: promotionCode }] : [],
      client_reference_id: story.by === "click" ? (click ?? null) : null,
      customer_details: { email: buyer },
    });
  const told = (happening: Happening): StripeEvent[] => {
    const at = start + happening.at;
    switch (happening.what) {
      case "bought":
        return [event("checkout.session.completed", checkout(happening.paid), at)];
      case "paid":
        return [event("checkout.session.async_payment_succeeded", checkout(true), at)];
      case "payment failed":
        return [event("checkout.session.async_payment_failed", checkout(false), at)];
      case "refund": {
        const back = refund(of, happening.amount, { id: `re_${of.session}_${happening.id}` });
        const sum = event("charge.refunded", charge(of, happening.standing), at);
        if (story.sumsOnly) return [sum];
        return [
          sum,
          event("refund.created", { ...back, status: "pending", charge: null }, at),
          event("charge.refund.updated", { ...back, payment_intent: null }, at + 1),
        ];
      }
      case "refund failed": {
        const back = refund(of, happening.amount, { id: `re_${of.session}_${happening.id}`, status: "failed" });
        // Told by the charge alone, it is found by way of what else names the charge.
        const failure = event("refund.failed", { ...back, payment_intent: null }, at);
        return story.sumsOnly ? [failure] : [failure, event("refund.updated", { ...back, charge: null }, at)];
      }
    }
  };
  return happenings(story).all.flatMap(told);
}

export function shuffled<T>(list: T[], chance: () => number): T[] {
  for (let at = list.length - 1; at > 0; at--) {
    const other = Math.floor(chance() * (at + 1));
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  return list;
}

/** Lets the consumers and the minute's job work until nothing waits any more. */
export async function finish(world: World): Promise<void> {
  for (let round = 0; round < 12; round++) {
    await world.settle();
    const waiting = (await scan(world)).filter(
      (item) => (item.__edb_e__ === "effect" && item.state === "waiting") || item.__edb_e__ === "retry",
    );
    if (waiting.length === 0) return;
    world.clock.advance(7 * 3_600_000);
    await sweepEvents(world.ctx());
    await sweepEffects(world.ctx());
  }
  throw new Error("Something still waits after twelve rounds");
}

/** A stream tells everything at least once: all that was made is told once more. */
async function tellAgain(world: World): Promise<void> {
  const told = (await scan(world)).filter((item) => ["entry", "click", "effect", "incoming"].includes(item.__edb_e__));
  const Records = told.map((item, at): DynamoDBRecord => {
    const NewImage = marshall(item, { removeUndefinedValues: true }) as never;
    return { eventName: "INSERT", dynamodb: { SequenceNumber: String(at + 1), NewImage } };
  });
  for (const consumer of [createEffects(world.runtime), createRollups(world.runtime)])
    expect(await eventually(() => consumer({ Records }))).toEqual({ batchItemFailures: [] });
}

export async function check(
  world: World,
  story: Story,
  {
    people,
    sold,
    paidOut,
    written,
  }: { people: Someone[]; sold: Sold[]; paidOut: Map<string, number>; written: string[][] },
): Promise<void> {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  // All holds end.
  world.clock.advance(60 * dayMs);
  for (let round = 0; (await releaseDue(world.ctx())) > 0; round++) expect(round).toBeLessThan(50);
  await finish(world);
  await tellAgain(world);
  await finish(world);
  expect((await checkLedger(world.table)).differences).toEqual([]);

  const items = await scan(world);
  const of = (entity: string) => items.filter((item) => item.__edb_e__ === entity);

  // One order a purchase, and each as the model has it.
  const orders = of("order");
  expect(orders).toHaveLength(sold.length);
  const commissions = new Map(of("commission").map((item) => [item.orderId as string, item]));
  const left = new Map<string, number>();
  for (const { story: told, of: bought, who } of sold) {
    const order = orders.find((item) => item.aliases.includes(bought.session))!;
    const want = expected(told, who?.rateBp ?? 0);
    const paid = told.pays !== "never";
    const status = !paid
      ? "void"
      : want.refunded === 0
        ? "paid"
        : want.refunded === want.gross
          ? "refunded"
          : "partly_refunded";
    expect({ ...order, attribution: order.attribution?.ambassadorId }).toMatchObject({
      status,
      grossMinor: want.gross,
      baseMinor: want.base,
      refundedMinor: want.refunded,
      attribution: who?.id,
    });
    const commission = commissions.get(order.id);
    if (!who || !paid) expect(commission).toBeUndefined();
    else {
      const gone = want.earned > 0 && want.reversed === want.earned;
      expect(commission).toMatchObject({
        ambassadorId: who.id,
        rateBp: who.rateBp,
        earnedMinor: want.earned,
        reversedMinor: want.reversed,
        state: gone ? "reversed" : "available",
      });
      if (told.inFull) expect(commission!.reversedMinor).toBe(commission!.earnedMinor);
      const key = `${who.id} ${told.currency.toUpperCase()}`;
      left.set(key, (left.get(key) ?? 0) + want.earned - want.reversed);
    }
  }
  expect(commissions.size).toBe(sold.filter(({ story: told, who }) => who && told.pays !== "never").length);

  // Balances: what is left of all commissions, less what was paid out; a refund after the payout leaves a debt.
  for (const { id } of people)
    for (const account of await accountsOf(world.table, id)) {
      const key = `${id} ${account.currency}`;
      const paidMinor = paidOut.get(key) ?? 0;
      expect(balancesOf(account)).toMatchObject({
        pendingMinor: 0,
        heldMinor: 0,
        inPayoutMinor: 0,
        paidMinor,
        availableMinor: (left.get(key) ?? 0) - paidMinor,
      });
      left.delete(key);
    }
  expect([...left.values()].filter((amount) => amount !== 0)).toEqual([]);

  // Every event was decided, every effect done; at the checkout each code exists once.
  expect(of("done").every((item) => item.status === "processed")).toBe(true);
  expect(of("done")).toHaveLength(of("incoming").length);
  expect(of("effect").filter((item) => item.state !== "done")).toEqual([]);
  const made = world.stripe.calls
    .filter((call) => call.name === "createPromotionCode")
    .map((call) => (call.input as { idempotencyKey: string }).idempotencyKey);
  const ours = [...world.stripe.promotionCodes.values()].filter((each) => each.active).map((each) => each.code);
  expect(ours.sort()).toEqual(people.map((each) => each.code.code).sort());
  expect(new Set(made).size).toBe(people.length);

  // Thanks were sent once for each sale that earned something and still stood when they were written.
  const earnings = of("entry").filter((item) => item.kind === "earn");
  const thanks = of("effect").filter((item) => item.kind === "mail.you_earned");
  expect(new Set(thanks.map((item) => item.subject)).size).toBe(thanks.length);
  expect(thanks).toHaveLength(earnings.length);

  // The day's figures are those of the entries.
  const sums = of("rollup").filter((item) => item.scope === "program");
  const total = (name: string): number => sums.reduce((sum, item) => sum + (item[name] ?? 0), 0);
  expect(total("sales")).toBe(earnings.length);
  expect(total("earnedMinor")).toBe([...commissions.values()].reduce((sum, item) => sum + item.earnedMinor, 0));
  expect(total("reversedMinor")).toBe([...commissions.values()].reduce((sum, item) => sum + item.reversedMinor, 0));

  // No two sales of different ambassadors touch one item.
  const owners = new Map<string, string>();
  for (const keys of written) {
    const whose = keys
      .find((key) => / (COM|LED)#/.test(key))
      ?.slice("AMB#".length)
      .split(" ")[0];
    if (!whose) continue;
    for (const key of keys) expect(`${key} of ${owners.get(key) ?? whose}`).toBe(`${key} of ${whose}`);
    for (const key of keys) owners.set(key, whose);
  }
  expect(story.purchases.length).toBe(sold.length);
}
