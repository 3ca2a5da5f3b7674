import { list as listEvents } from "@laurel/core/event";
import { checkLedger } from "@laurel/core/ledger-check";
import * as Orders from "@laurel/core/order";
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

/* Cards that are only authorised in the checkout, and charged when the parcel leaves. */

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

async function tell(...told: StripeEvent[]): Promise<void> {
  for (const each of told) expect((await checkout.tell(each)).status).toBe(200);
  await world.settle();
}
/** A checkout whose card is authorised, as Stripe's list has it. */
function authorised(): { of: Purchase; completed: StripeEvent } {
  const of = purchase(world.clock.now());
  const object = session(of, { payment_status: "unpaid", ...withCode(anna.promotionCodeId) });
  world.stripe.sessions.push(object);
  return { of, completed: event("checkout.session.completed", object, of.at) };
}
/** Its card is charged, and Stripe tells so. */
function captured(of: Purchase, amountMinor = of.totalMinor, more = {}): StripeEvent {
  const object = charge(of, 0, { amount_captured: amountMinor, ...more });
  world.stripe.objects.set(`/v1/charges/${of.charge}`, object);
  return event("charge.captured", object, world.clock.now());
}
async function orderOf(of: Purchase) {
  const { items } = await Orders.list(world.ctx(), { externalId: of.session });
  expect(items).toHaveLength(1);
  const { commission } = await Orders.receipt(world.ctx(), items[0]!.id);
  return { order: items[0]!, commission };
}
const outcomeOf = async (told: StripeEvent) =>
  (await listEvents(world.ctx(), {})).items.find(({ providerEventId }) => providerEventId === told.id);

test("a card that is charged later earns once it is", async () => {
  const { of, completed } = authorised();
  await tell(completed);
  expect((await orderOf(of)).order).toMatchObject({ status: "pending" });
  const told = captured(of);
  await tell(told, told, captured(of));
  // 119.00 with 19.00 tax, at 10 %.
  const { order, commission } = await orderOf(of);
  expect(order).toMatchObject({ status: "paid" });
  expect(commission).toMatchObject({ earnedMinor: 1000, reversedMinor: 0 });
});

test("what is not charged never earns, and a refund of the rest comes on top", async () => {
  const { of, completed } = authorised();
  await tell(completed, captured(of, 5_950));
  expect((await orderOf(of)).commission).toMatchObject({ earnedMinor: 1000, reversedMinor: 500 });
  const back = refund(of, 1_190);
  await tell(event("refund.created", back, world.clock.now()));
  expect((await orderOf(of)).commission).toMatchObject({ reversedMinor: 600 });
  await tell(event("charge.refunded", charge(of, 1_190, { amount_captured: 5_950 }), world.clock.now()));
  expect((await orderOf(of)).commission).toMatchObject({ reversedMinor: 600 });
});

test("of a card that is charged part by part nothing counts before the last part", async () => {
  const { of, completed } = authorised();
  const intent = `/v1/payment_intents/${of.paymentIntent}`;
  world.stripe.objects.set(intent, { id: of.paymentIntent, amount_capturable: 5_950 });
  const first = captured(of, 5_950);
  await tell(completed, first);
  expect((await orderOf(of)).order).toMatchObject({ status: "pending" });
  expect(await outcomeOf(first)).toMatchObject({ status: "ignored", outcome: expect.stringContaining("last part") });
  world.stripe.objects.set(intent, { id: of.paymentIntent, amount_capturable: 0 });
  await tell(captured(of, 10_710));
  expect((await orderOf(of)).commission).toMatchObject({ earnedMinor: 1000, reversedMinor: 100 });
});

test("the charge may be told before its checkout, by a thin event, or twice at once", async () => {
  const { of, completed } = authorised();
  const { id } = captured(of);
  const thin = {
    ...event("v1.charge.captured", {}, world.clock.now()),
    object: "v2.core.event",
    id: `${id}_thin`,
    related_object: { id: of.charge, type: "charge", url: `/v1/charges/${of.charge}` },
  };
  await tell(thin);
  await Promise.all([tell(captured(of)), tell(captured(of)), tell(completed)]);
  await tell(completed);
  expect((await orderOf(of)).commission).toMatchObject({ earnedMinor: 1000, reversedMinor: 0 });
});

test("a charge that came by no checkout of Stripe is left alone", async () => {
  const told = captured(purchase(world.clock.now()));
  const withoutIntent = captured(purchase(world.clock.now()), 11_900, { payment_intent: null });
  await tell(told, withoutIntent);
  for (const each of [told, withoutIntent])
    expect(await outcomeOf(each)).toMatchObject({
      status: "ignored",
      outcome: "The payment came by no checkout of Stripe.",
    });
  const { of, completed } = authorised();
  const odd = captured(of, -5);
  await tell(completed, odd);
  expect(await outcomeOf(odd)).toMatchObject({ status: "unprocessable" });
  const nameless = event("charge.captured", { object: "charge" }, world.clock.now());
  await tell(nameless);
  expect(await outcomeOf(nameless)).toMatchObject({ status: "unprocessable" });
});
