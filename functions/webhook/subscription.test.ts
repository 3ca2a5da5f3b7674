import type { Order } from "@laurel/contract";
import { sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { accountsOf, balancesOf } from "@laurel/core/ledger";
import { checkLedger } from "@laurel/core/ledger-check";
import * as Orders from "@laurel/core/order";
import { change } from "@laurel/core/program";
import { getItem } from "@laurel/core/table";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  providerId,
  purchase,
  refund,
  type StripeEvent,
  session,
  type TestAmbassador,
  withCode,
  withEmail,
} from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import {
  type Billed,
  beginning,
  billed,
  dispute,
  invoice,
  invoicePayment,
  paid,
  renderings,
} from "../../packages/local/testing/renderings.ts";

const dayMs = 86_400_000;
const minuteMs = 60_000;

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
let bela: TestAmbassador;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Probe", { tierId: world.program.laurelTierId });
  world.clock.advance(20 * minuteMs);
});
afterAll(async () => {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  expect(world.logs.filter((each) => each.level === "error")).toEqual([]);
  await world.close();
});
beforeEach(() => {
  world.stripe.sessions.length = 0;
  world.stripe.invoices.clear();
  world.stripe.invoicePayments.length = 0;
});

const tell = async (...told: StripeEvent[]) => {
  for (const each of told) expect((await checkout.tell(each)).status).toBe(200);
};
const began = (of: Billed, more: Record<string, unknown> = {}, rendering: (typeof renderings)[number] = "endive") =>
  event("checkout.session.completed", beginning(of, rendering, more), of.at);
async function orderOf(externalId: string): Promise<Order> {
  const { items } = await Orders.list(world.ctx(), { externalId });
  expect(items).toHaveLength(1);
  return items[0]!;
}
const receiptOf = async (externalId: string) => Orders.receipt(world.ctx(), (await orderOf(externalId)).id);
/** Lets waiting look-ups come due, and everything settle. */
async function later(ms = 5 * minuteMs): Promise<void> {
  await world.settle();
  world.clock.advance(ms);
  await sweepEffects(world.ctx());
  await world.settle();
}
const at = (days = 0) => new Date(world.clock.now().getTime() + days * dayMs);
const cycle = (of: Billed, days: number, more: Partial<Billed> = {}): Billed =>
  billed(new Date(of.at.getTime() + days * dayMs), {
    subscription: of.subscription,
    reason: "subscription_cycle",
    ...more,
  });
const rules = async (more: Record<string, unknown>) => {
  const ctx = world.ctx();
  await change(ctx, { version: (await ctx.program({ maxAgeMs: 0 })).program.version, rules: more });
};

describe.each(renderings)("as accounts of %s tell it", (rendering) => {
  test.each([["the checkout first"], ["the invoice first"]])("a subscription begins, %s", async (order) => {
    const of = billed(at(), { currency: rendering === "endive" ? "gbp" : rendering === "basil" ? "sek" : "nok" });
    const start = began(of, withCode(anna.promotionCodeId), rendering);
    const told = [start, ...paid(of, rendering)];
    await tell(...(order === "the invoice first" ? told.reverse() : told));
    await world.settle();
    expect(await orderOf(of.invoice)).toMatchObject({
      status: "paid",
      grossMinor: 12_000,
      baseMinor: 9600,
      subscriptionId: of.subscription,
      attribution: { ambassadorId: anna.id, code: anna.code, reason: "promotion_code" },
      commission: { earnedMinor: 960, state: "pending" },
    });
    // It is found by the checkout's id and by the payment's.
    expect((await orderOf(`cs_${of.subscription}`)).id).toBe((await orderOf(of.paymentIntent)).id);
    expect(await receiptOf(of.invoice)).toMatchObject({
      revision: 1,
      candidates: [{ outcome: "won", rule: "strongest_signal" }],
      inputs: { subscription: { part: "start", first: true } },
    });
    expect(world.stripe.calls.filter((call) => call.name === "findSessions")).toEqual([]);
  });

  test("renewals follow, in the ambassador's tier of then; refunds and disputes of each are its own", async () => {
    const of = billed(at());
    await tell(began(of, withCode(bela.promotionCodeId), rendering), ...paid(of, rendering));
    const next = cycle(of, 30);
    world.clock.advance(31 * dayMs);
    await tell(...paid(next, rendering));
    expect(await orderOf(next.invoice)).toMatchObject({
      attribution: { ambassadorId: bela.id, reason: "subscription" },
      commission: { earnedMinor: 1440 },
    });
    await tell(event("refund.created", refund({ ...purchase(at()), ...next, session: "" }, 6000), at()));
    expect((await orderOf(next.invoice)).commission).toMatchObject({ reversedMinor: 720 });
    expect((await orderOf(of.invoice)).commission).toMatchObject({ reversedMinor: 0 });
    await tell(event("charge.dispute.created", dispute(next, rendering, 12_000, "needs_response", [-12_000]), at()));
    expect(await orderOf(next.invoice)).toMatchObject({
      refundedMinor: 6000,
      disputedMinor: 6000,
      commission: { reversedMinor: 1440, state: "reversed" },
    });
    await tell(event("charge.dispute.closed", dispute(next, rendering, 12_000, "won", [-12_000, 12_000]), at(1)));
    expect(await orderOf(next.invoice)).toMatchObject({ disputedMinor: 0, commission: { reversedMinor: 720 } });
    world.clock.advance(-31 * dayMs);
  });
});

test("a renewal that comes before anything else waits, and then follows", async () => {
  const of = billed(at());
  const next = cycle(of, 0);
  await tell(...paid(next, "endive"));
  expect(await orderOf(next.invoice)).toMatchObject({ attribution: null, commission: null });
  expect((await receiptOf(next.invoice)).summary).toMatch(/is being looked for/);
  await tell(began(of, withCode(anna.promotionCodeId)), ...paid(of, "endive"));
  await world.settle();
  expect((await orderOf(next.invoice)).attribution).toMatchObject({ ambassadorId: anna.id, reason: "subscription" });
});

test("by the rule of the first payment only, the others earn nothing; what came before moves on", async () => {
  await rules({ renewalMonths: 0 });
  const of = billed(at(-60));
  const [second, third] = [cycle(of, 30), cycle(of, 60)];
  await tell(began(of, withCode(anna.promotionCodeId)));
  // The third is told first: until more is known it is the first.
  await tell(...paid(third, "endive"));
  await world.settle();
  expect((await orderOf(third.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
  await tell(...paid(second, "endive"), ...paid(of, "endive"));
  await world.settle();
  expect((await orderOf(of.invoice)).commission).toMatchObject({ earnedMinor: 960, reversedMinor: 0 });
  for (const each of [second, third]) {
    expect(await orderOf(each.invoice)).toMatchObject({ attribution: null, commission: null });
    expect((await receiptOf(each.invoice)).candidates).toMatchObject([{ outcome: "lost", rule: "subscription_over" }]);
  }
  await rules({ renewalMonths: 12 });
});

test("after a trial the first payment of more than nothing counts as the first", async () => {
  await rules({ renewalMonths: 0 });
  const of = billed(at(-60), { totalMinor: 0 });
  const [second, third] = [cycle(of, 30), cycle(of, 60)];
  await tell(
    began(of, withCode(anna.promotionCodeId)),
    ...paid(of, "endive"),
    ...paid(third, "endive"),
    ...paid(second, "endive"),
  );
  await world.settle();
  expect(await orderOf(of.invoice)).toMatchObject({
    attribution: { ambassadorId: anna.id },
    baseMinor: 0,
    commission: { earnedMinor: 0 },
  });
  expect((await orderOf(second.invoice)).commission).toMatchObject({ earnedMinor: 960 });
  expect((await orderOf(third.invoice)).attribution).toBeNull();
  await rules({ renewalMonths: 12 });
});

test("for so many months from the beginning on, and for ever", async () => {
  const of = billed(at(-500));
  const [within, after] = [cycle(of, 360), cycle(of, 370)];
  await tell(
    began(of, withCode(anna.promotionCodeId)),
    ...paid(of, "endive"),
    ...paid(within, "endive"),
    ...paid(after, "endive"),
  );
  expect((await orderOf(within.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
  expect((await orderOf(after.invoice)).attribution).toBeNull();
  await rules({ renewalMonths: null });
  const evenLater = cycle(of, 400);
  await tell(...paid(evenLater, "endive"));
  expect((await orderOf(evenLater.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
  await rules({ renewalMonths: 12 });
});

test("what was paid by credit earns nothing, what was not does", async () => {
  const of = billed(at());
  await tell(
    began(of, withCode(anna.promotionCodeId)),
    event("invoice.paid", invoice(of, "endive", { amount_paid: 3000 }), at()),
  );
  expect(await orderOf(of.invoice)).toMatchObject({
    grossMinor: 3000,
    baseMinor: 2400,
    commission: { earnedMinor: 240 },
  });
});

test("an invoice that was paid outside of the checkout earns where the rules say so", async () => {
  const outside = (of: Billed) =>
    event("invoice.paid", invoice(of, "endive", { amount_paid_off_stripe: 12_000 }), at());
  const one = billed(at());
  await tell(began(one, withCode(anna.promotionCodeId)), outside(one));
  expect(await orderOf(one.invoice)).toMatchObject({ baseMinor: 0, commission: { earnedMinor: 0 } });
  await rules({ countOutOfBand: true });
  const two = billed(at());
  await tell(began(two, withCode(anna.promotionCodeId)), outside(two));
  expect(await orderOf(two.invoice)).toMatchObject({
    grossMinor: 12_000,
    baseMinor: 9600,
    commission: { earnedMinor: 960 },
  });
  await rules({ countOutOfBand: false });
});

test("a checkout whose event was lost is found by asking, once", async () => {
  const of = billed(at());
  world.stripe.sessions.push(beginning(of, "endive", withCode(anna.promotionCodeId)));
  await tell(...paid(of, "endive"));
  expect((await orderOf(of.invoice)).attribution).toBeNull();
  await later();
  expect((await orderOf(of.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
  expect((await orderOf(`cs_${of.subscription}`)).id).toBe((await orderOf(of.invoice)).id);
  // Told after all, it changes nothing.
  await tell(began(of, withCode(anna.promotionCodeId)));
  expect(await receiptOf(of.invoice)).toMatchObject({ revision: 1 });
});

test("a subscription that no checkout began has the discount of its first invoice", async () => {
  const of = billed(at());
  world.stripe.invoices.set(
    of.invoice,
    invoice(of, "endive", { discounts: [{ id: "di_1", promotion_code: bela.promotionCodeId }] }),
  );
  await tell(...paid(of, "endive", { discounts: ["di_1"] }));
  await later();
  expect((await orderOf(of.invoice)).attribution).toMatchObject({ ambassadorId: bela.id, reason: "promotion_code" });
});

test("the discount's own event is a hint: with nothing else it decides", async () => {
  const of = billed(at());
  const discount = { id: "di_2", subscription: of.subscription, promotion_code: anna.promotionCodeId };
  await tell(event("customer.discount.created", discount, at()), ...paid(of, "endive"));
  expect((await orderOf(of.invoice)).attribution).toBeNull();
  await later();
  expect((await orderOf(of.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
});

test("a subscription of before Laurel is nobody's, after it was looked for once", async () => {
  const of = billed(at(), { reason: "subscription_cycle" });
  await tell(...paid(of, "endive"));
  await later();
  expect(await orderOf(of.invoice)).toMatchObject({ status: "paid", attribution: null });
  const calls = () => world.stripe.calls.filter((call) => call.name === "findSessions").length;
  const before = calls();
  await tell(...paid(cycle(of, 0), "endive"));
  await later();
  expect(calls()).toBe(before);
});

test("while the checkout does not answer, the payment waits", async () => {
  const of = billed(at());
  world.stripe.sessions.push(beginning(of, "endive", withCode(anna.promotionCodeId)));
  await tell(...paid(of, "endive"));
  await world.settle();
  world.stripe.failNext(Object.assign(new Error("connection reset"), { kind: "unavailable" }));
  await later();
  expect((await orderOf(of.invoice)).attribution).toBeNull();
  await later(10 * minuteMs);
  expect((await orderOf(of.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
});

test("a code that nobody knows yet is looked up for the subscription, and its payments follow", async () => {
  const of = billed(at());
  const unknown = providerId("promo");
  const known = world.stripe.promotionCodes.get(anna.promotionCodeId)!;
  world.stripe.promotionCodes.set(unknown, { ...known, id: unknown, active: false });
  await tell(began(of, withCode(unknown)), ...paid(of, "endive"));
  expect((await orderOf(of.invoice)).attribution).toBeNull();
  await world.settle();
  expect((await orderOf(of.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
});

test("a code that the first invoice alone names counts after the checkout too; until it is looked up nothing moves", async () => {
  const [before, of] = [purchase(at(-1)), billed(at())];
  const email = withEmail(`${of.subscription}@example.com`);
  const [unknown, known] = [providerId("promo"), world.stripe.promotionCodes.get(anna.promotionCodeId)!];
  world.stripe.promotionCodes.set(unknown, { ...known, id: unknown, active: false });
  await tell(
    event("checkout.session.completed", session(before, { ...withCode(bela.promotionCodeId), ...email }), before.at),
    // Accounts of before 2025 tell no discount here.
    began(of, { ...email, discounts: undefined }, "acacia"),
    event("invoice.paid", invoice(of, "acacia"), of.at),
    event("invoice.payment_succeeded", invoice(of, "acacia", { discount: { promotion_code: unknown } }), of.at),
  );
  const waiting = await receiptOf(of.invoice);
  expect([waiting.revision, (await orderOf(of.invoice)).attribution]).toMatchObject([1, { ambassadorId: bela.id }]);
  await world.settle();
  expect(await orderOf(of.invoice)).toMatchObject({
    attribution: { ambassadorId: anna.id, reason: "promotion_code" },
    commission: { earnedMinor: 960, reversedMinor: 0 },
  });
  expect((await receiptOf(of.invoice)).revision).toBe(2);
});

test("a checkout that was looked for in vain counts once it is told after all", async () => {
  const of = billed(at());
  await tell(...paid(of, "endive"));
  await later();
  expect((await receiptOf(of.invoice)).summary).toMatch(/no signal on this order/);
  await tell(began(of, withCode(anna.promotionCodeId)));
  await world.settle();
  expect(await orderOf(of.invoice)).toMatchObject({
    attribution: { ambassadorId: anna.id },
    commission: { earnedMinor: 960, reversedMinor: 0 },
  });
});

test("the end of a subscription is remembered; a last payment still follows", async () => {
  const of = billed(at());
  await tell(began(of, withCode(anna.promotionCodeId)), ...paid(of, "endive"));
  await tell(event("customer.subscription.deleted", { id: of.subscription, ended_at: 1, status: "canceled" }, at()));
  const last = cycle(of, 0, { reason: "subscription_update", totalMinor: 1200 });
  await tell(...paid(last, "endive"));
  expect((await orderOf(last.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
});

test.each([["the checkout first"], ["the invoice first"]])(
  "a checkout that makes an invoice is one purchase with it, %s",
  async (order) => {
    const of = purchase(at());
    const bill = billed(at(), {
      subscription: undefined,
      reason: "manual",
      paymentIntent: of.paymentIntent,
      totalMinor: of.totalMinor,
    });
    const sale = event(
      "checkout.session.completed",
      session(of, { invoice: bill.invoice, ...withCode(anna.promotionCodeId), ...withEmail("both@example.com") }),
      of.at,
    );
    const told = [sale, event("invoice.paid", invoice(bill, "endive"), of.at)];
    await tell(...(order === "the invoice first" ? told.reverse() : told));
    expect(await orderOf(bill.invoice)).toMatchObject({
      attribution: { ambassadorId: anna.id },
      externalIds: expect.arrayContaining([of.session, bill.invoice, of.paymentIntent]),
    });
    await later();
    expect((await orderOf(of.session)).id).toBe((await orderOf(bill.invoice)).id);
  },
);

test("two orders that turn out to be one purchase are one: the older stands, and nothing is paid twice", async () => {
  const of = purchase(at(), { currency: "chf" });
  const bill = billed(at(), {
    subscription: undefined,
    reason: "manual",
    totalMinor: of.totalMinor,
    currency: "chf",
    paymentIntent: of.paymentIntent,
  });
  // The invoice alone: a known customer's, so it is somebody's by itself.
  await tell(event("invoice.paid", invoice(bill, "endive", { discounts: ["di_3"] }), of.at));
  world.stripe.invoices.set(
    bill.invoice,
    invoice(bill, "endive", { discounts: [{ promotion_code: bela.promotionCodeId }] }),
  );
  await later();
  expect((await orderOf(bill.invoice)).attribution).toMatchObject({ ambassadorId: bela.id });
  await tell(event("checkout.session.completed", session(of, { ...withCode(anna.promotionCodeId) }), of.at));
  await tell(event("refund.created", refund(of, 1190), of.at));
  const [first, second] = [await orderOf(bill.invoice), await orderOf(of.session)];
  expect(first.id).not.toBe(second.id);
  const before = await Promise.all(
    [anna, bela].map(async (who) => (await accountsOf(world.table, who.id)).find((each) => each.currency === "CHF")),
  );
  expect(before.map((each) => (each ? balancesOf(each).pendingMinor : 0))).toEqual([900, 1_428]);

  await tell(event("invoice_payment.paid", invoicePayment(bill), of.at));
  const joined = await orderOf(of.session);
  expect(joined.id).toBe(first.id);
  expect(joined).toMatchObject({
    refundedMinor: 1190,
    externalIds: expect.arrayContaining([bill.invoice, of.session, of.paymentIntent]),
  });
  const [merged] = (await Orders.list(world.ctx(), { ambassadorId: anna.id })).items.filter(
    (each) => each.id === second.id,
  );
  expect(merged).toMatchObject({ status: "merged", mergedInto: first.id, commission: { state: "reversed" } });
  const after = await Promise.all(
    [anna, bela].map(async (who) => (await accountsOf(world.table, who.id)).find((each) => each.currency === "CHF")),
  );
  const left = after.map((each) => (each ? balancesOf(each).pendingMinor : 0));
  // Both codes were used; the first one that was seen has it, less the refund.
  expect(left.filter((each) => each > 0)).toHaveLength(1);
  expect(joined.commission!.earnedMinor - joined.commission!.reversedMinor).toBe(left.reduce((a, b) => a + b, 0));
});

test("whoever is taken off an order is taken off its subscription", async () => {
  const of = billed(at());
  await tell(
    began(of, { ...withCode(anna.promotionCodeId), ...withEmail("erase@example.com") }),
    ...paid(of, "endive", { customer_email: "erase@example.com" }),
  );
  const key = { pk: `SUB#stripe_test#${of.subscription}`, sk: "SUB" };
  expect((await getItem(world.table, key))?.customerKey).toMatch(/^k1\./);
  const { id } = await orderOf(of.invoice);
  expect(await Orders.eraseBuyer(world.ctx(), id, { everywhere: true })).toMatchObject({ orders: 1, customers: 1 });
  expect((await getItem(world.table, key))?.customerKey).toBeUndefined();
  // Its payments go on to be whose they are.
  const next = cycle(of, 0);
  await tell(...paid(next, "endive"));
  expect((await orderOf(next.invoice)).attribution).toMatchObject({ ambassadorId: anna.id });
});

test("one payment that pays two invoices does not make one purchase of them", async () => {
  const [one, other] = [billed(at()), billed(at())];
  await tell(began(one, withCode(anna.promotionCodeId)), began(other, withCode(anna.promotionCodeId)));
  await tell(...paid(one, "endive"), event("invoice.paid", invoice(other, "endive"), at()));
  const link = event(
    "invoice_payment.paid",
    { ...invoicePayment(other), payment: { payment_intent: one.paymentIntent } },
    at(),
  );
  await tell(link);
  expect((await orderOf(one.invoice)).id).not.toBe((await orderOf(other.invoice)).id);
  // One that names the payment itself, as older accounts do, is not taken for another telling of the first.
  const third = billed(at(), { paymentIntent: one.paymentIntent });
  const told = event("invoice.paid", invoice(third, "acacia"), at());
  await tell(told);
  expect((await Events.list(world.ctx(), { status: "unprocessable" })).items).toMatchObject([
    { providerEventId: told.id },
    { providerEventId: link.id },
  ]);
});

test("a refund that waits is looked up every hour, and finds a purchase whose own event was lost", async () => {
  const of = purchase(at());
  await tell(event("refund.created", refund(of, 5950), of.at));
  expect(await Events.sweepParked(world.ctx())).toBe(0);
  world.clock.advance(61 * minuteMs);
  expect(await Events.sweepParked(world.ctx())).toBe(1);
  world.stripe.sessions.push(session(of, withCode(anna.promotionCodeId)));
  world.clock.advance(61 * minuteMs);
  expect(await Events.sweepParked(world.ctx())).toBe(1);
  expect(await orderOf(of.session)).toMatchObject({
    attribution: { ambassadorId: anna.id },
    commission: { earnedMinor: 1000, reversedMinor: 500 },
  });
  world.clock.advance(2 * dayMs);
  expect(await Events.sweepParked(world.ctx())).toBe(0);
});

test("a refund of an invoice's payment finds the invoice, also by its charge alone", async () => {
  const of = billed(at());
  await tell(began(of, withCode(anna.promotionCodeId)), event("invoice.paid", invoice(of, "endive"), of.at));
  await tell(
    event("refund.created", refund({ ...purchase(at()), ...of, session: "" }, 12_000, { payment_intent: null }), of.at),
  );
  world.stripe.objects.set(`/v1/charges/${of.charge}`, { id: of.charge, payment_intent: of.paymentIntent });
  world.stripe.invoicePayments.push(invoicePayment(of));
  world.clock.advance(61 * minuteMs);
  expect(await Events.sweepParked(world.ctx())).toBe(1);
  expect(await orderOf(of.invoice)).toMatchObject({ status: "refunded", commission: { state: "reversed" } });
});

test("a refund that has waited for a day is told to somebody, once", async () => {
  const of = purchase(at());
  await tell(event("refund.created", refund(of, 5950), of.at));
  let looked = 0;
  for (let hour = 0; hour < 30; hour++) {
    world.clock.advance(61 * minuteMs);
    looked += await Events.sweepParked(world.ctx());
  }
  const alerts = world.logs.splice(0).filter((each) => each.message === "order.parked_for_a_day");
  expect([looked, alerts.length]).toEqual([24, 1]);
  expect(alerts[0]!.data).toMatchObject({ alias: of.paymentIntent });
});
