import type { Connection } from "@laurel/core/connection";
import { createStripeGateway, readStripeObject, stripeFactOf, stripeListedTypes } from "@laurel/core/gateway/stripe";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveApp } from "../shops/testing.ts";
import { apiKey, openReceiver, openStandIn } from "./testing.ts";

const ofConnection = async () => ({ apiKey, webhookSecrets: [] });
const connection: Connection = {
  id: "con_1",
  provider: "stripe",
  name: "Stripe",
  livemode: false,
  namespace: "stripe_test",
};

let receiver: Awaited<ReturnType<typeof openReceiver>>;
let opened: Awaited<ReturnType<typeof openStandIn>>;
let gateway: ReturnType<typeof createStripeGateway>;
let promotionCode: string;
let session: Stripe.Checkout.Session;
beforeAll(async () => {
  receiver = await openReceiver();
  opened = await openStandIn({ webhookUrl: receiver.url });
  gateway = createStripeGateway({ secrets: { ofConnection, refresh: ofConnection }, apiBase: opened.apiBase });
  await gateway.ensureCoupon({ id: "con_1" }, { id: "spring", name: "Spring", percentOff: 15 });
  const code = { couponId: "spring", code: "ANNA15", metadata: {}, idempotencyKey: "key-1" };
  promotionCode = (await gateway.createPromotionCode({ id: "con_1" }, code)).id;
  session = await opened.standIn.subscribe(apiKey, {
    currency: "eur",
    subtotal: 10_000,
    tax: 1615,
    discount: 1500,
    promotionCode,
    email: "buyer@example.com",
    lines: 230,
  });
});
afterAll(async () => {
  await opened.close();
  await receiver.close();
});

const told = (type: string) => receiver.received.filter(({ event }) => event.type === type).map(({ body }) => body);
const read = (body: string) => stripeFactOf(connection, Buffer.from(body), new Date());

test("a subscription that begins is told as Stripe tells it", async () => {
  await opened.standIn.settled();
  expect(read(told("checkout.session.completed")[0]!)).toMatchObject({
    kind: "subscription_start",
    subscriptionId: session.subscription,
    aliases: [session.invoice, `${session.subscription}:first`, session.id],
    signals: { promotionCodeIds: [promotionCode], email: "buyer@example.com" },
  });
  expect(read(told("invoice.paid")[0]!)).toMatchObject({
    kind: "purchase",
    grossMinor: 10_115,
    baseMinor: 8500,
    signals: { promotionCodeIds: [] },
    subscription: { id: session.subscription, part: "start" },
  });
  expect(read(told("invoice_payment.paid")[0]!)).toMatchObject({ kind: "link" });
  expect(read(told("customer.discount.created")[0]!)).toMatchObject({ signals: { promotionCodeIds: [promotionCode] } });
});

test("the checkout of a subscription, and of a payment, is found", async () => {
  const by = await gateway.findSessions(connection, { subscription: session.subscription as string });
  expect(by.map((each) => each.id)).toEqual([session.id]);
  expect(await gateway.findSessions(connection, { subscription: "sub_nobody" })).toEqual([]);
  expect(await gateway.findSessions(connection, { paymentIntent: "pi_nobody" })).toEqual([]);
});

test("an invoice comes with its discounts, its payments and all of its lines", async () => {
  const invoice = await gateway.getInvoice(connection, session.invoice as string);
  expect((invoice!.lines as { data: unknown[] }).data).toHaveLength(230);
  const fact = readStripeObject("invoice.paid", invoice, {}, new Date());
  expect(fact).toMatchObject({
    kind: "purchase",
    baseMinor: 8500,
    signals: { promotionCodeIds: [promotionCode] },
    aliases: expect.arrayContaining([expect.stringMatching(/^pi_/)]),
  });
  expect(await gateway.getInvoice(connection, "in_nobody")).toBeUndefined();
  expect(await gateway.getInvoice(connection, "../coupons")).toBeUndefined();
});

test("which payment paid which invoice is found from either side", async () => {
  const [one] = await gateway.findInvoicePayments(connection, { invoice: session.invoice as string });
  const paymentIntent = (one!.payment as { payment_intent: string }).payment_intent;
  const [other] = await gateway.findInvoicePayments(connection, { paymentIntent });
  expect(other!.invoice).toBe(session.invoice);
  expect(await gateway.findInvoicePayments(connection, { paymentIntent: "pi_nobody" })).toEqual([]);
});

test("any object is found by its path, an event among them", async () => {
  const id = JSON.parse(told("invoice.paid")[0]!).id as string;
  const event = await gateway.getObject(connection, `/v1/events/${id}`);
  expect(read(JSON.stringify(event))).toEqual(read(told("invoice.paid")[0]!));
  expect(await gateway.getObject(connection, "/v1/charges/ch_nobody")).toBeUndefined();
});

test("what happened is listed newest first and page by page, in its kinds and its time, as it was told", async () => {
  await opened.standIn.settled();
  const types = [...stripeListedTypes];
  const span = { types, since: new Date(Date.now() - 60_000), until: new Date(Date.now() + 60_000) };
  const all = await gateway.listEvents(connection, span);
  expect(all.next).toBeUndefined();
  const delivered = receiver.received.filter(({ event }) => types.includes(event.type));
  expect(all.events.map(({ id }) => id).sort()).toEqual(delivered.map(({ event }) => event.id).sort());
  for (const { event, body } of delivered)
    expect(read(JSON.stringify(all.events.find(({ id }) => id === event.id)))).toEqual(read(body));

  const last = all.events.at(-1)!.id as string;
  const rest = await gateway.listEvents(connection, { ...span, after: all.events.at(-2)!.id as string });
  expect(rest.events.map(({ id }) => id)).toEqual([last]);
  expect((await gateway.listEvents(connection, { ...span, types: ["invoice.paid"] })).events).toHaveLength(1);
  expect((await gateway.listEvents(connection, { ...span, until: new Date(Date.now() - 50_000) })).events).toEqual([]);
  // More kinds than Stripe takes in one question would be refused.
  expect(types.length).toBeLessThanOrEqual(20);
});

test("a long list has a next page, until it has none", async () => {
  const other = await openStandIn();
  const far = createStripeGateway({ secrets: { ofConnection, refresh: ofConnection }, apiBase: other.apiBase });
  for (let n = 0; n < 51; n++)
    await other.standIn.subscribe(apiKey, { currency: "eur", subtotal: 1_000, tax: 0, email: `n${n}@example.com` });
  const types = ["invoice.paid", "checkout.session.completed"];
  const span = { types, since: new Date(Date.now() - 3_600_000), until: new Date(Date.now() + 60_000) };
  const first = await far.listEvents(connection, span);
  expect(first.events).toHaveLength(100);
  expect(first.next).toBe(first.events.at(-1)!.id);
  const second = await far.listEvents(connection, { ...span, after: first.next });
  expect(second).toMatchObject({ events: { length: 2 } });
  expect(second.next).toBeUndefined();
  await other.close();
});

test("renewals, disputes and the end are told as Stripe tells them", async () => {
  const invoice = await opened.standIn.renew(apiKey, session.subscription as string);
  const [paid] = await gateway.findInvoicePayments(connection, { invoice: invoice.id! });
  const { payment_intent: paymentIntent } = paid!.payment as { payment_intent: string };
  const { standIn } = opened;
  const disputed = await standIn.dispute(apiKey, { paymentIntent });
  const states = ["under_review", "lost", "appeal_needs_response", "won"];
  for (const status of states) await standIn.moveDispute(apiKey, disputed.id, status);
  const asked = await standIn.dispute(apiKey, { paymentIntent, inquiry: true, amount: 500 });
  await standIn.moveDispute(apiKey, asked.id, "warning_closed");
  await standIn.cancelSubscription(apiKey, session.subscription as string);
  await standIn.settled();
  const facts = ["created", "updated", "closed"].flatMap((each) => told(`charge.dispute.${each}`).map(read));
  const ofFirst = facts.filter((fact) => fact.kind === "dispute" && fact.disputeId === disputed.id);
  expect(ofFirst).toMatchObject([
    { state: "open", withdrawnMinor: 11_615 },
    { state: "open", withdrawnMinor: 11_615 },
    { state: "open", withdrawnMinor: 11_615 },
    { state: "lost", withdrawnMinor: 11_615 },
    { state: "won", withdrawnMinor: 0 },
  ]);
  expect(facts.filter((fact) => !ofFirst.includes(fact))).toMatchObject([{ state: "inquiry" }, { state: "won" }]);
  expect(read(told("customer.subscription.deleted")[0]!)).toMatchObject({ kind: "subscription_end" });
  await expect(standIn.renew(apiKey, session.subscription as string)).rejects.toThrow(/has ended/);
});

test("by Connect whatever is asked is asked of the account, and otherwise of whose key it is", async () => {
  const accounts: (string | null)[] = [];
  const stripe = await serveApp({
    fetch: ({ headers }) => {
      accounts.push(headers.get("stripe-account"));
      const coupon = { id: "spring", percent_off: 15 };
      const code = { code: "ANNA15", active: true, promotion: { type: "coupon", coupon: coupon.id }, metadata: {} };
      return Response.json({ object: "list", data: [], has_more: false, ...code, ...coupon });
    },
  });
  const platform = createStripeGateway({ secrets: { ofConnection, refresh: ofConnection }, apiBase: stripe.url });
  const asked = async (of: { id: string; account?: string }) => {
    accounts.length = 0;
    const code = { couponId: "spring", code: "ANNA15", metadata: {}, idempotencyKey: "key-1" };
    await platform.ensureCoupon(of, { id: "spring", name: "Spring", percentOff: 15 });
    await platform.findPromotionCode(of, "ANNA15");
    await platform.createPromotionCode(of, code);
    await platform.setPromotionCodeActive(of, "promo_1", false);
    await platform.getPromotionCode(of, "promo_1");
    await platform.getObject(of, "/v1/charges/ch_1");
    await platform.getInvoice(of, "in_1");
    await platform.findSessions(of, { paymentIntent: "pi_1" });
    await platform.findInvoicePayments(of, { invoice: "in_1" });
    await platform.listEvents(of, { types: ["charge.refunded"], since: new Date(0), until: new Date() });
    return accounts;
  };
  expect(await asked({ id: "con_1", account: "acct_1" })).toEqual(Array(10).fill("acct_1"));
  expect(await asked({ id: "con_1" })).toEqual(Array(10).fill(null));
  await stripe.close();
});
