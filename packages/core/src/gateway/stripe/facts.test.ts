import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { Fact, Purchase, Refund, RefundedFloor } from "../../order/fact.ts";
import { readStripeObject, type StripeTold, stripeEssenceOf, stripeFactOf, stripeIdentity } from "./facts.ts";

type Json = Record<string, unknown>;

const now = new Date("2026-06-15T10:00:00.000Z");
const created = Date.parse("2026-06-15T09:00:00.000Z") / 1000;
const connection: Connection = {
  id: "con_1",
  provider: "stripe",
  name: "Stripe",
  livemode: false,
  namespace: "stripe_test",
};

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const eventOf = (type: string, object: unknown, more: Json = {}): Json => ({
  id: "evt_1",
  object: "event",
  created: created + 60,
  livemode: false,
  type,
  data: { object },
  ...more,
});
const read = (type: string, object: unknown, more: Json = {}, of: Connection = connection): StripeTold =>
  stripeFactOf(of, bytes(eventOf(type, object, more)), now);

/** 100.00 less 15.00, 5.00 shipping with 0.95 tax in its total, 17.10 tax in all. */
const checkout: Json = {
  id: "cs_1",
  object: "checkout.session",
  mode: "payment",
  created,
  payment_status: "paid",
  payment_intent: "pi_1",
  invoice: null,
  currency: "eur",
  amount_subtotal: 10_000,
  amount_total: 10_710,
  total_details: { amount_discount: 1500, amount_shipping: 500, amount_tax: 1710 },
  shipping_cost: { amount_subtotal: 500, amount_tax: 95, amount_total: 595 },
  discounts: [{ coupon: null, promotion_code: "promo_1" }],
  client_reference_id: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa",
  customer: null,
  customer_details: { email: "anna@example.com", name: "Anna" },
  metadata: {},
};
const completed = (changes: Json = {}, type = "checkout.session.completed") => read(type, { ...checkout, ...changes });
const purchase = (changes: Json = {}) => completed(changes) as Purchase;

test("a completed checkout is a purchase", () => {
  expect(completed()).toEqual({
    kind: "purchase",
    aliases: ["cs_1", "pi_1"],
    payment: "paid",
    occurredAt: "2026-06-15T09:00:00.000Z",
    currency: "EUR",
    grossMinor: 10_710,
    baseMinor: 8500,
    baseLines: [
      { label: "Before the discount", amountMinor: 12_210 },
      { label: "Discount", amountMinor: -1500 },
      { label: "Tax", amountMinor: -1710 },
      { label: "Shipping", amountMinor: -500 },
    ],
    signals: { promotionCodeIds: ["promo_1"], clickId: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa", email: "anna@example.com" },
  } satisfies Fact);
});

test.each<[string, Json, number]>([
  ["shipping without its own item", { shipping_cost: null }, 8500],
  ["shipping without its own item, absent", { shipping_cost: undefined }, 8500],
  ["shipping whose tax is not told", { shipping_cost: { amount_total: 595 } }, 8405],
  ["no shipping at all", { shipping_cost: null, total_details: { amount_tax: 1710 } }, 9000],
  [
    "nulls for what there is none of",
    { shipping_cost: null, total_details: { amount_tax: null, amount_shipping: null } },
    10_710,
  ],
  ["an older account, without details", { shipping_cost: undefined, total_details: undefined }, 10_710],
  ["all of it discounted", { amount_total: 0, total_details: { amount_discount: 10_000 }, shipping_cost: null }, 0],
])("the base with %s", (_name, changes, baseMinor) => {
  const it = purchase(changes);
  expect(it.baseMinor).toBe(baseMinor);
  expect(it.baseLines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(baseMinor);
});

test("the lines of the base add up, whatever the amounts", () => {
  const amount = fc.nat(100_000);
  fc.assert(
    fc.property(amount, amount, amount, amount, (goods, tax, shipping, discount) => {
      const it = purchase({
        amount_total: goods + tax + shipping,
        total_details: { amount_tax: tax, amount_shipping: shipping, amount_discount: discount },
        shipping_cost: null,
      });
      expect(it.baseMinor).toBe(goods);
      expect(it.baseLines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(goods);
    }),
  );
});

test.each<[string, string, Json, Purchase["payment"]]>([
  ["paid", "checkout.session.completed", {}, "paid"],
  ["unpaid: a slow means of payment", "checkout.session.completed", { payment_status: "unpaid" }, "unpaid"],
  [
    "nothing to pay",
    "checkout.session.completed",
    { payment_status: "no_payment_required", amount_total: 0, total_details: null, shipping_cost: null },
    "paid",
  ],
  [
    "nothing to pay, by another name",
    "checkout.session.completed",
    { payment_status: "unpaid", amount_total: 0, total_details: null, shipping_cost: null },
    "paid",
  ],
  [
    "what need not be paid now is waited for",
    "checkout.session.completed",
    { payment_status: "no_payment_required" },
    "unpaid",
  ],
  ["a status that is not known is waited for", "checkout.session.completed", { payment_status: "brewing" }, "unpaid"],
  ["no status is waited for", "checkout.session.completed", { payment_status: undefined }, "unpaid"],
  ["the slow payment came", "checkout.session.async_payment_succeeded", {}, "paid"],
  ["the slow payment failed", "checkout.session.async_payment_failed", { payment_status: "unpaid" }, "failed"],
])("%s", (_name, type, changes, payment) => {
  expect((completed(changes, type) as Purchase).payment).toBe(payment);
});

test.each<[string, Json, string[]]>([
  ["an invoice too", { invoice: "in_1" }, ["cs_1", "pi_1", "in_1"]],
  ["no payment yet", { payment_intent: null }, ["cs_1"]],
  [
    "links that are expanded",
    { payment_intent: { id: "pi_1", object: "payment_intent" }, invoice: { id: "in_1" } },
    ["cs_1", "pi_1", "in_1"],
  ],
  ["a link that is rubbish", { payment_intent: { no: "id" }, invoice: "in 1\n" }, ["cs_1"]],
  ["links of an older account, absent", { payment_intent: "pi_1", invoice: undefined }, ["cs_1", "pi_1"]],
  ["one id told twice", { payment_intent: "cs_1" }, ["cs_1"]],
])("a purchase goes by its ids: %s", (_name, changes, aliases) => {
  expect(purchase(changes).aliases).toEqual(aliases);
});

test.each<[string, Json, string[]]>([
  ["by id", {}, ["promo_1"]],
  ["expanded", { discounts: [{ promotion_code: { id: "promo_1", code: "X" } }] }, ["promo_1"]],
  [
    "of an older account, in the breakdown",
    {
      discounts: undefined,
      total_details: {
        amount_tax: 0,
        breakdown: { discounts: [{ amount: 5, discount: { promotion_code: "promo_2" } }] },
      },
    },
    ["promo_2"],
  ],
  [
    "in both",
    { total_details: { amount_tax: 0, breakdown: { discounts: [{ discount: { promotion_code: "promo_1" } }] } } },
    ["promo_1"],
  ],
  ["a coupon without one", { discounts: [{ coupon: "laurel", promotion_code: null }] }, []],
  ["none", { discounts: [] }, []],
  ["null", { discounts: null }, []],
  ["rubbish", { discounts: ["promo_1", 5, null, { promotion_code: "a b" }, { promotion_code: "x".repeat(300) }] }, []],
  [
    "more than a checkout can have",
    { discounts: Array.from({ length: 9 }, (_, n) => ({ promotion_code: `promo_${n}` })) },
    ["promo_0", "promo_1", "promo_2", "promo_3", "promo_4"],
  ],
])("promotion codes: %s", (_name, changes, ids) => {
  expect(purchase(changes).signals.promotionCodeIds).toEqual(ids);
});

test.each<[string, unknown]>([
  ["10 kB", "x".repeat(10_000)],
  ["SQL", "clk_' OR 1=1 --"],
  ["HTML", "<script>alert(1)</script>"],
  ["line breaks", "clk_01hzy3v8k2e8mbd3fwq6c5t9xa\r\nSet-Cookie: a=b"],
  ["a NUL", "clk_01hzy3v8k2e8mbd3fwq6c5t9x\u0000"],
  ["an emoji", "clk_🙂"],
  ["a number", 5],
  ["an object", { id: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa" }],
  ["the shop's own", "cart-1234"],
  ["null", null],
  ["nothing", undefined],
])("a reference that is no click of ours attributes nothing: %s", (_name, reference) => {
  expect(purchase({ client_reference_id: reference }).signals.clickId).toBeNull();
});

test.each<[string, Json, string | null]>([
  ["the buyer's", {}, "anna@example.com"],
  [
    "not the one that was only filled in before",
    { customer_details: null, customer_email: "prefill@example.com" },
    null,
  ],
  ["none", { customer_details: { email: null } }, null],
  ["too long", { customer_details: { email: `${"a".repeat(400)}@example.com` } }, null],
  ["no address", { customer_details: { email: "anna" } }, null],
  ["no text", { customer_details: { email: 5 } }, null],
  ["of another shape", { customer_details: "anna@example.com" }, null],
])("an e-mail address: %s", (_name, changes, email) => {
  expect(purchase(changes).signals.email).toBe(email);
});

test.each<[string, Json, string]>([
  ["its own time", {}, "2026-06-15T09:00:00.000Z"],
  ["the event's, where it has none", { created: undefined }, "2026-06-15T09:01:00.000Z"],
  ["never later than now", { created: created + 10_000_000 }, now.toISOString()],
  ["no rubbish", { created: "yesterday" }, now.toISOString()],
  ["nothing before all time", { created: -5 }, now.toISOString()],
  ["nothing beyond all time", { created: 9e15 }, now.toISOString()],
])("a purchase happened at %s", (_name, changes, occurredAt) => {
  expect(purchase(changes).occurredAt).toBe(occurredAt);
});

test("a checkout that only saved a means of payment is left alone", () => {
  expect(completed({ mode: "setup" }).kind).toBe("ignored");
});

const begun = (changes: Json = {}) =>
  completed({ mode: "subscription", subscription: "sub_1", payment_intent: null, invoice: "in_1", ...changes });

test("a checkout for a subscription says who began it, and nothing of money", () => {
  expect(begun()).toEqual({
    kind: "subscription_start",
    aliases: ["in_1", "sub_1:first", "cs_1"],
    subscriptionId: "sub_1",
    occurredAt: "2026-06-15T09:00:00.000Z",
    signals: { promotionCodeIds: ["promo_1"], clickId: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa", email: "anna@example.com" },
    complete: true,
  } satisfies Fact);
  // Accounts of 2022 do not name the invoice.
  expect(begun({ invoice: undefined })).toMatchObject({ aliases: ["sub_1:first", "cs_1"] });
  expect(begun({ subscription: { id: "sub_1" } })).toMatchObject({ subscriptionId: "sub_1" });
  expect(begun({ amount_total: "rubbish", currency: null }).kind).toBe("subscription_start");
  expect(begun({ subscription: null }).kind).toBe("unprocessable");
});

test("several visits are handed over as one reference, the first one first; metadata is read where there is none", () => {
  const [first, last] = ["clk_01hzy3v8k2e8mbd3fwq6c5t9xa", "clk_01hzy3v8k2e8mbd3fwq6c5t9xb"];
  const signals = (changes: Json) => purchase(changes).signals;
  expect(signals({ client_reference_id: `${first}-${last}` })).toMatchObject({
    clickId: last,
    earlierClickIds: [first],
  });
  expect(signals({ client_reference_id: `${first}-${first}` })).toMatchObject({ clickId: first });
  expect(signals({ client_reference_id: "cart-1234", metadata: { laurel_click: last } }).clickId).toBe(last);
  expect(signals({ client_reference_id: Array(9).fill(first).join("-") }).clickId).toBeNull();
});

test("a checkout of before April 2025 in the buyer's own currency counts in the shop's", () => {
  expect(
    purchase({
      currency: "sek",
      amount_total: 107_100,
      total_details: { amount_tax: 17_100, amount_shipping: 5000 },
      shipping_cost: null,
      currency_conversion: { amount_subtotal: 0, amount_total: 9639, fx_rate: "11.11", source_currency: "eur" },
    }),
  ).toMatchObject({ currency: "EUR", grossMinor: 9639, baseMinor: 7650 });
});

test("an older account without a mode pays", () => {
  expect(completed({ mode: undefined }).kind).toBe("purchase");
});

const back: Json = {
  id: "re_1",
  object: "refund",
  amount: 3000,
  currency: "eur",
  payment_intent: "pi_1",
  charge: "ch_1",
  status: "succeeded",
  failure_reason: null,
};

test.each<[string, string, Json, Partial<Refund>]>([
  ["made", "refund.created", {}, { state: "live" }],
  ["made and still on its way", "refund.created", { status: "pending" }, { state: "live" }],
  ["waiting for the buyer", "refund.updated", { status: "requires_action" }, { state: "live" }],
  ["of a status that is not known", "refund.updated", { status: "brewing" }, { state: "live" }],
  ["without a status", "refund.updated", { status: undefined }, { state: "live" }],
  ["failed", "refund.updated", { status: "failed" }, { state: "failed" }],
  ["failed, by its own event", "refund.failed", { status: "failed" }, { state: "failed" }],
  ["failed, by its own event alone", "refund.failed", { status: "pending" }, { state: "failed" }],
  ["cancelled", "refund.updated", { status: "canceled" }, { state: "failed" }],
  ["told by the older event", "charge.refund.updated", {}, { state: "live" }],
  ["without a payment intent", "refund.created", { payment_intent: null }, { aliases: ["ch_1"] }],
  ["without a charge", "refund.created", { charge: null }, { aliases: ["pi_1"] }],
  [
    "with expanded links",
    "refund.created",
    { payment_intent: { id: "pi_1" }, charge: { id: "ch_1" } },
    { aliases: ["pi_1", "ch_1"] },
  ],
  ["with one id for both", "refund.created", { charge: "pi_1" }, { aliases: ["pi_1"] }],
  ["of nothing", "refund.created", { amount: 0 }, { amountMinor: 0 }],
])("a refund: %s", (_name, type, changes, expected) => {
  expect(read(type, { ...back, ...changes })).toEqual({
    kind: "refund",
    aliases: ["pi_1", "ch_1"],
    refundId: "re_1",
    amountMinor: 3000,
    currency: "EUR",
    state: "live",
    at: "2026-06-15T09:01:00.000Z",
    ...expected,
  });
});

test("a refund is told at the event's time, even where that is later than ours", () => {
  const later = read("refund.created", back, { created: created + 86_400 }) as Refund;
  expect(later.at).toBe("2026-06-16T09:00:00.000Z");
  expect((read("refund.created", back, { created: "soon" }) as Refund).at).toBe(now.toISOString());
});

test("a refund that was asked for has failed by then, and not when it was made: the figure of that day still counted it", () => {
  const asked = { created, readAt: created + 86_400 };
  const at = (type: string, status: string) => (readStripeObject(type, { ...back, status }, asked, now) as Refund).at;
  expect(at("refund.created", "failed")).toBe("2026-06-16T09:00:00.000Z");
  expect(at("refund.created", "succeeded")).toBe("2026-06-15T09:00:00.000Z");
  expect(at("refund.failed", "failed")).toBe("2026-06-15T09:00:00.000Z");
});

const refunded: Json = {
  id: "ch_1",
  object: "charge",
  amount: 10_710,
  amount_refunded: 3000,
  currency: "eur",
  payment_intent: "pi_1",
  refunded: false,
};

test.each<[string, Json, Partial<RefundedFloor>]>([
  ["with its payment intent", {}, {}],
  ["without one", { payment_intent: null }, { aliases: ["ch_1"] }],
  ["of an older account, with its invoice", { invoice: "in_1" }, { aliases: ["pi_1", "ch_1", "in_1"] }],
  ["of a newer account, without its refunds", { refunds: undefined }, {}],
])("a charge that was refunded tells the sum so far: %s", (_name, changes, expected) => {
  expect(read("charge.refunded", { ...refunded, ...changes })).toEqual({
    kind: "refunded_floor",
    aliases: ["pi_1", "ch_1"],
    refundedMinor: 3000,
    currency: "EUR",
    at: "2026-06-15T09:01:00.000Z",
    ...expected,
  });
});

test("a charge of an older account carries its refunds, those that failed too", () => {
  const inside = [back, { ...back, id: "re_2", amount: 200, status: "failed", payment_intent: null }];
  expect(read("charge.refunded", { ...refunded, refunds: { object: "list", data: inside } })).toMatchObject({
    kind: "several",
    facts: [
      { kind: "refunded_floor", refundedMinor: 3000 },
      { kind: "refund", refundId: "re_1", amountMinor: 3000, state: "live", aliases: ["pi_1", "ch_1"] },
      { kind: "refund", refundId: "re_2", amountMinor: 200, state: "failed", aliases: ["pi_1", "ch_1"] },
    ],
  });
});

const bad: [string, unknown][] = [
  ["a string", "100"],
  ["a fraction", 10.5],
  ["negative", -1],
  ["null", null],
  ["absent", undefined],
  ["above all amounts", 1e12 + 1],
  ["above what is exact", 2 ** 53],
  ["an object", { value: 100 }],
  ["a list", [100]],
  ["true", true],
];

test.each(bad)("an amount that is %s is not understood", (_name, amount) => {
  expect(completed({ amount_total: amount }).kind).toBe("unprocessable");
  expect(read("refund.created", { ...back, amount }).kind).toBe("unprocessable");
  expect(read("charge.refunded", { ...refunded, amount_refunded: amount }).kind).toBe("unprocessable");
  // What may be absent may be null.
  const optional = amount === null || amount === undefined ? "purchase" : "unprocessable";
  expect(completed({ total_details: { amount_tax: amount }, shipping_cost: null }).kind).toBe(optional);
  expect(completed({ total_details: { amount_shipping: amount }, shipping_cost: null }).kind).toBe(optional);
  expect(completed({ total_details: { amount_discount: amount }, shipping_cost: null }).kind).toBe(optional);
  expect(completed({ shipping_cost: { amount_total: amount } }).kind).toBe("unprocessable");
});

test("an amount beyond every number is not understood", () => {
  const text = JSON.stringify(eventOf("checkout.session.completed", checkout)).replace(
    '"amount_total":10710',
    '"amount_total":1e400',
  );
  expect(text).toContain("1e400");
  expect(stripeFactOf(connection, bytes(text), now).kind).toBe("unprocessable");
});

test.each<[string, Json]>([
  ["tax and shipping above the total", { amount_total: 100 }],
  ["shipping's tax above the shipping", { shipping_cost: { amount_total: 5, amount_tax: 6 } }],
  ["details of another shape", { total_details: "19 %" }],
  ["details in a list", { total_details: [1710] }],
  ["shipping of another shape", { shipping_cost: 5 }],
  ["no currency", { currency: undefined }],
  ["a currency that is none", { currency: "zzz" }],
  ["a currency of another shape", { currency: { code: "eur" } }],
  ["no id", { id: undefined }],
  ["an id of another shape", { id: 5 }],
  ["an id that would be a key of something else", { id: "cs_1#ALIAS" }],
  ["a mode that is not known", { mode: "barter" }],
])("a purchase with %s is not understood", (_name, changes) => {
  expect(completed(changes).kind).toBe("unprocessable");
});

test.each<[string, string, Json]>([
  ["no id", "refund.created", { ...back, id: null }],
  ["no payment", "refund.created", { ...back, payment_intent: null, charge: null }],
  ["a currency that is none", "refund.created", { ...back, currency: "zzz" }],
  ["no payment", "charge.refunded", { ...refunded, id: null, payment_intent: null }],
])("a refund with %s is not understood (%s)", (_name, type, object) => {
  expect(read(type, object).kind).toBe("unprocessable");
});

test("currencies are taken in any case", () => {
  expect([purchase({ currency: "USD" }).currency, purchase({ currency: "jPy" }).currency]).toEqual(["USD", "JPY"]);
});

const known = [
  "checkout.session.completed",
  "refund.created",
  "charge.refunded",
  "invoice.paid",
  "invoice_payment.paid",
  "charge.dispute.created",
  "radar.early_fraud_warning.created",
  "customer.subscription.deleted",
  "customer.discount.created",
];

test.each<[string, unknown, Fact["kind"]]>([
  ["null", null, "unprocessable"],
  ["a list", [], "unprocessable"],
  ["a number", 5, "unprocessable"],
  ["a text", '"x"', "unprocessable"],
  ["broken JSON", '{"type":', "unprocessable"],
  ["nothing", " ", "unprocessable"],
  ["no type", { ...eventOf("x", {}), type: undefined }, "unprocessable"],
  ["a type that is no text", { ...eventOf("x", {}), type: 5 }, "unprocessable"],
  [
    "a thin event that does not say where its object is",
    { object: "v2.core.event", type: "v1.invoice.paid", id: "evt_2", created: "2026-06-15T09:00:00Z" },
    "unprocessable",
  ],
  ["a type of tomorrow", eventOf("checkout.session.teleported", checkout), "ignored"],
  ["a type from JavaScript", eventOf("constructor", checkout), "ignored"],
  ["a type from JavaScript too", eventOf("__proto__", checkout), "ignored"],
])("an event that is %s: %s", (_name, value, kind) => {
  expect(stripeFactOf(connection, bytes(value), now).kind).toBe(kind);
});

test.each(known)("%s without a good object is not understood", (type) => {
  for (const data of [
    undefined,
    null,
    5,
    {},
    { object: null },
    { object: [] },
    { object: "cs_1" },
    { object: { ...checkout, deleted: true } },
  ])
    expect(stripeFactOf(connection, bytes({ ...eventOf(type, null), data }), now).kind).toBe("unprocessable");
});

test("codes and discounts that were changed at Stripe are told, without their object too", () => {
  const told = (type: string, object: Json, more: Json = {}) => read(type, object, more);
  expect(told("promotion_code.updated", { id: "promo_1", active: false, code: "ANNA15" })).toEqual({
    kind: "code_changed",
    promotionCodeId: "promo_1",
    active: false,
  });
  expect(told("promotion_code.updated", { id: "promo_1", active: "no" })).toMatchObject({ active: undefined });
  expect(told("coupon.updated", { id: "laurel-welcome-15", valid: true }).kind).toBe("ignored");
  for (const object of [{ id: "laurel-welcome-15", valid: false }, { id: "laurel-welcome-15" }])
    expect(told("coupon.updated", object)).toEqual({ kind: "offer_changed", offerId: "laurel-welcome-15" });
  expect(told("coupon.deleted", { id: "laurel-welcome-15", valid: true })).toMatchObject({ kind: "offer_changed" });
  for (const type of ["promotion_code.updated", "coupon.updated", "coupon.deleted"])
    for (const data of [
      undefined,
      null,
      5,
      {},
      { object: null },
      { object: [] },
      { object: {} },
      { object: { id: "a b" } },
    ])
      expect(stripeFactOf(connection, bytes({ ...eventOf(type, null), data }), now).kind).toBe("unprocessable");
  const named = (type: string, id: unknown) =>
    stripeFactOf(connection, bytes(thin({ type, related_object: { id, url: "/v1/x" } })), now);
  expect(named("v1.promotion_code.updated", "promo_1")).toEqual({
    kind: "code_changed",
    promotionCodeId: "promo_1",
    active: undefined,
  });
  expect(named("v1.coupon.deleted", "laurel-welcome-15")).toEqual({
    kind: "offer_changed",
    offerId: "laurel-welcome-15",
  });
  expect(named("v1.coupon.updated", "a b").kind).toBe("unprocessable");
});

const thin = (more: Json = {}): Json => ({
  object: "v2.core.event",
  id: "evt_2",
  type: "v1.invoice.paid",
  created: "2026-06-15T09:00:00.000Z",
  livemode: false,
  related_object: { id: "in_1", type: "invoice", url: "/v1/invoices/in_1" },
  ...more,
});

test("a thin event says what is to be asked for", () => {
  const told = (more: Json = {}, of = connection) => stripeFactOf(of, bytes(thin(more)), now);
  expect(told()).toEqual({ kind: "fetch", type: "invoice.paid", path: "/v1/invoices/in_1", created });
  expect(told({ livemode: true }).kind).toBe("ignored");
  expect(told({ type: "v1.invoice.sent" }).kind).toBe("ignored");
  expect(told({ type: "v2.core.account[requirements].updated" })).toMatchObject({
    kind: "ignored",
    why: expect.stringContaining("paid out"),
  });
  for (const url of ["https://evil.example/v1/x", "/v2/x", "/v1/../secrets", "/v1/invoices/in_1?x=1", null])
    expect(told({ related_object: { url } }).kind).toBe("unprocessable");
  expect(told({ context: "acct_2" }).kind).toBe("unprocessable");
  expect(told({ context: "acct_2" }, { ...connection, account: "acct_2" }).kind).toBe("fetch");
  expect(stripeIdentity(bytes(thin()))).toEqual({
    eventId: "evt_2",
    type: "v1.invoice.paid",
    happenedAt: new Date(created * 1000),
  });
});

test("an account that leaves ends its connection", () => {
  const of = { ...connection, account: "acct_1" };
  expect(read("account.application.deauthorized", { id: "ca_1" }, { account: "acct_1" }, of)).toMatchObject({
    kind: "disconnected",
    at: "2026-06-15T09:01:00.000Z",
  });
});

test("everything that is not of this list is ignored with a reason, whatever it holds", () => {
  for (const type of [
    "checkout.session.expired",
    "invoice.payment_failed",
    "invoice.finalized",
    "payment_intent.succeeded",
    "charge.succeeded",
    "customer.created",
    "customer.subscription.updated",
    "promotion_code.created",
    "coupon.created",
    "payout.paid",
    "payout.failed",
    "transfer.reversed",
    "account.updated",
    "capability.updated",
    "product.created",
  ])
    for (const object of [checkout, null, { amount: "rubbish" }]) {
      const fact = stripeFactOf(connection, bytes(eventOf(type, object)), now);
      expect([type, fact.kind]).toEqual([type, "ignored"]);
      expect((fact as { why: string }).why).toMatch(/^[A-Z].*\.$/);
    }
});

test("what an ignored event says of itself is not repeated unless it is a type", () => {
  const fact = stripeFactOf(connection, bytes(eventOf("<b>anna@example.com</b>\r\n", {})), now);
  expect(JSON.stringify(fact)).not.toMatch(/anna|<b>/);
});

test.each<[string, Json, Partial<Connection>, Fact["kind"]]>([
  ["live events on a test connection", { livemode: true }, {}, "ignored"],
  ["test events on a live connection", { livemode: false }, { livemode: true }, "ignored"],
  ["an account on a connection without one", { account: "acct_1" }, {}, "unprocessable"],
  ["another account", { account: "acct_2" }, { account: "acct_1" }, "unprocessable"],
  ["no account on a connection of one", {}, { account: "acct_1" }, "unprocessable"],
  ["the connection's account", { account: "acct_1" }, { account: "acct_1" }, "purchase"],
  ["no account told as null", { account: null }, {}, "purchase"],
])("%s: %s", (_name, more, of, kind) => {
  expect(read("checkout.session.completed", checkout, more, { ...connection, ...of }).kind).toBe(kind);
});

test("keys that mean something to JavaScript change nothing", () => {
  const text = JSON.stringify(eventOf("checkout.session.completed", checkout)).replace(
    '"metadata":{}',
    '"metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"__proto__":{"amount_total":1}',
  );
  expect(text).toContain("__proto__");
  expect(stripeFactOf(connection, bytes(text), now)).toEqual(completed());
  expect(({} as Json).polluted).toBeUndefined();
});

test("of a key that is told twice the last one counts, as everywhere in JSON", () => {
  const text = JSON.stringify(eventOf("checkout.session.completed", checkout)).replace(
    '"currency":"eur"',
    '"currency":"usd","currency":"eur"',
  );
  expect((stripeFactOf(connection, bytes(text), now) as Purchase).currency).toBe("EUR");
});

test("any JSON at all is read without a throw, and within what a fact may say", () => {
  const object = fc.object({
    key: fc.constantFrom(
      ...Object.keys(checkout),
      ...Object.keys(back),
      ..."amount_refunded total amount_paid total_taxes lines data parent balance_transactions refunds".split(" "),
    ),
    maxDepth: 3,
  });
  fc.assert(
    fc.property(fc.constantFrom(...known), object, (type, value) => {
      const fact = read(type, value);
      if (fact.kind === "purchase") expect(fact.baseMinor >= 0 && fact.baseMinor <= fact.grossMinor).toBe(true);
      expect(known.includes(type) && fact.kind).not.toBe("fetch");
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.jsonValue(), (value) => void stripeFactOf(connection, bytes(JSON.stringify(value)), now)));
});

test("5,000 deep is read", () => {
  const deep = `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`;
  expect(stripeFactOf(connection, bytes(deep), now).kind).toBe("unprocessable");
  expect(
    stripeFactOf(connection, bytes(`{"type":"checkout.session.completed","data":{"object":${deep}}}`), now).kind,
  ).toBe("unprocessable");
});

test.each<[string, unknown, string, string]>([
  ["its own id", { id: "evt_1", type: "refund.created" }, "evt_1", "refund.created"],
  [
    "a type with brackets",
    { id: "evt_1", type: "v2.core.account[requirements].updated" },
    "evt_1",
    "v2.core.account[requirements].updated",
  ],
  ["a type that is none", { id: "evt_1", type: "<b>" }, "evt_1", "unknown"],
])("an event is stored under %s", (_name, value, eventId, type) => {
  expect(stripeIdentity(bytes(value))).toEqual({ eventId, type });
});

test("what has no good id goes by its bytes", () => {
  const ids = [null, [], 5, "{", {}, { id: 5 }, { id: "a#b" }, { id: "x".repeat(200) }, { id: "" }].map(
    (value) => stripeIdentity(bytes(value)).eventId,
  );
  expect(ids.every((id) => /^sha_[0-9a-f]{40}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(stripeIdentity(bytes("{"))).toEqual(stripeIdentity(bytes("{")));
});

test("two deliveries of an event differ in their count of open ones at most", () => {
  const event = eventOf("refund.created", back, { pending_webhooks: 2 });
  const again = bytes({ ...event, pending_webhooks: 1 });
  expect(stripeEssenceOf(again)).toBe(stripeEssenceOf(bytes(event)));
  expect(stripeEssenceOf(bytes({ ...event, created: 1 }))).not.toBe(stripeEssenceOf(bytes(event)));
});
