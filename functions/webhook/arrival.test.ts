import * as Events from "@laurel/core/event";
import { accountsOf, balancesOf } from "@laurel/core/ledger";
import { checkLedger } from "@laurel/core/ledger-check";
import { list as listOrders } from "@laurel/core/order";
import { getItem } from "@laurel/core/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ambassador,
  type Checkout,
  charge,
  event,
  openCheckout,
  type Purchase,
  purchase,
  refund,
  type StripeEvent,
  session,
  type TestAmbassador,
  withCode,
} from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
});
afterAll(async () => {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const bought = (more: Partial<Purchase> = {}) => purchase(world.clock.now(), more);
const completed = (of: Purchase, more: Record<string, unknown> = {}) =>
  event("checkout.session.completed", session(of, more), of.at);
const tell = async (...told: StripeEvent[]) => {
  for (const each of told) expect((await checkout.tell(each)).status).toBe(200);
};
async function orderOf(of: Purchase) {
  const [order] = (await listOrders(world.ctx(), { externalId: of.session })).items;
  expect(order).toBeDefined();
  return order!;
}
const balance = async (who: TestAmbassador, currency: string) => {
  const account = (await accountsOf(world.table, who.id)).find((each) => each.currency === currency);
  return account && balancesOf(account);
};

const tellings = ["session", "refund.created", "charge only", "charge.refunded", "refund.updated"] as const;

/** Every order of a list. */
function* permutations<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [at, first] of list.entries())
    for (const rest of permutations([...list.slice(0, at), ...list.slice(at + 1)])) yield [first, ...rest];
}

/** A purchase of which a half is refunded, told by five events. Those of the charge alone find the order through the others. */
function story(of: Purchase, fails: boolean): Record<(typeof tellings)[number] | "refund.failed", StripeEvent> {
  const at = (seconds: number) => Math.floor(of.at.getTime() / 1000) + seconds;
  const back = refund(of, 5950);
  return {
    session: completed(of, withCode(anna.promotionCodeId)),
    "refund.created": event("refund.created", { ...back, charge: null, status: "pending" }, at(1)),
    "charge only": event("charge.refund.updated", { ...back, payment_intent: null }, at(2)),
    "charge.refunded": event("charge.refunded", charge(of, 5950), at(1)),
    "refund.updated": event("refund.updated", back, at(2)),
    "refund.failed": event("refund.failed", { ...back, status: fails ? "failed" : "succeeded" }, at(9)),
  };
}

/** Tries each, a few at a time: purchases do not know of each other. */
async function each<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let one = left.pop(); one !== undefined; one = left.pop()) await work(one);
    }),
  );
}

test("a refund and its purchase in every order of arrival: half of it is reversed", async () => {
  const wrong: string[] = [];
  const all = [...permutations(tellings)];
  await each(all, async (order) => {
    const of = bought({ currency: "dkk" });
    const events = story(of, false);
    await tell(...order.map((name) => events[name]));
    const { status, refundedMinor, commission } = await orderOf(of);
    if (status !== "partly_refunded" || refundedMinor !== 5950 || commission?.reversedMinor !== 500)
      wrong.push(order.join(", "));
  });
  expect(wrong).toEqual([]);
  expect(await balance(anna, "DKK")).toMatchObject({ pendingMinor: 500 * all.length, reversedMinor: 500 * all.length });
}, 60_000);

test("a refund that fails in the end reverses nothing, in every order of arrival", async () => {
  const wrong: string[] = [];
  const told = ["session", "refund.created", "charge.refunded", "refund.failed"] as const;
  await each([...permutations(told)], async (order) => {
    const of = bought({ currency: "pln" });
    const events = story(of, true);
    await tell(...order.map((name) => events[name]));
    const { status, refundedMinor, commission } = await orderOf(of);
    if (status !== "paid" || refundedMinor !== 0 || commission?.reversedMinor !== 0) wrong.push(order.join(", "));
  });
  expect(wrong).toEqual([]);
  expect(await balance(anna, "PLN")).toMatchObject({ pendingMinor: 24_000, reversedMinor: 0 });
}, 60_000);

test("a refund that waits for its purchase waits once, and its event is found by the order", async () => {
  const of = bought();
  const { session: sale, "refund.created": early, "charge.refunded": figure } = story(of, false);
  await tell(early, figure);
  const replayed = await Events.replay(world.ctx(world.staff("manager")), `${world.program.connectionId}~${early.id}`);
  expect(replayed).toMatchObject({ status: "processed", attempts: 2, orderId: null });
  const waiting = await getItem(world.table, { pk: `ALIAS#stripe_test#${of.paymentIntent}`, sk: "ALIAS" });
  expect(waiting?.parked).toHaveLength(2);
  await tell(sale);
  const order = await getItem(world.table, { pk: `ORDER#${(await orderOf(of)).id}`, sk: "ORDER" });
  expect([...order!.eventIds].sort()).toEqual(
    [sale, early, figure].map((each) => `${world.program.connectionId}~${each.id}`).sort(),
  );
  expect(order).toMatchObject({ refundedMinor: 5950, status: "partly_refunded" });
});
