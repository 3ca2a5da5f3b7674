import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { Link, Purchase } from "../../order/fact.ts";
import { type StripeTold, stripeFactOf } from "./facts.ts";

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
const told = (object: Json, type = "invoice.paid"): StripeTold =>
  stripeFactOf(
    connection,
    Buffer.from(JSON.stringify({ id: "evt_1", type, created: created + 60, livemode: false, data: { object } })),
    now,
  );
const read = (object: Json, type?: string) => told(object, type) as Purchase;

/** 100.00 less 15.00, with 19 % on top: one first invoice of a subscription, as three accounts render it. */
const common: Json = {
  id: "in_1",
  object: "invoice",
  created,
  billing_reason: "subscription_create",
  currency: "eur",
  customer: "cus_1",
  customer_email: "anna@example.com",
  subtotal: 10_000,
  total: 10_115,
  total_excluding_tax: 8500,
  total_discount_amounts: [{ amount: 1500, discount: "di_1" }],
  amount_paid: 10_115,
  amount_due: 10_115,
  starting_balance: 0,
  shipping_cost: null,
  status: "paid",
  metadata: {},
  test_clock: null,
};
const renderings: Record<string, Json> = {
  endive: {
    ...common,
    parent: { type: "subscription_details", subscription_details: { subscription: "sub_1", metadata: {} } },
    total_taxes: [{ amount: 1615, tax_behavior: "exclusive" }],
    discounts: ["di_1"],
    lines: { data: [{ parent: { type: "subscription_item_details" }, metadata: {}, discounts: ["di_1"] }] },
  },
  basil: {
    ...common,
    parent: null,
    total_taxes: [{ amount: 1615 }],
    discounts: ["di_1"],
    lines: { data: [{ parent: { subscription_item_details: { subscription: "sub_1" } } }] },
  },
  "before basil": {
    ...common,
    total_excluding_tax: undefined,
    subscription: "sub_1",
    subscription_details: { metadata: {} },
    tax: 1615,
    total_tax_amounts: [{ amount: 1615 }],
    payment_intent: "pi_1",
    charge: "ch_1",
    paid: true,
    paid_out_of_band: false,
    discount: { id: "di_1", coupon: { id: "laurel" }, promotion_code: "promo_1" },
    discounts: ["di_1"],
    lines: { data: [{ type: "subscription", proration: false, plan: {} }] },
  },
};

test.each(Object.entries(renderings))("an invoice, as accounts of %s render it", (name, object) => {
  const old = name === "before basil";
  const fact = read(object);
  expect(fact).toEqual({
    kind: "purchase",
    aliases: ["in_1", "sub_1:first", ...(old ? ["pi_1", "ch_1"] : [])],
    payment: "paid",
    occurredAt: "2026-06-15T09:00:00.000Z",
    currency: "EUR",
    grossMinor: 10_115,
    baseMinor: 8500,
    baseLines: [
      { label: "Before the discount", amountMinor: 11_615 },
      { label: "Discount", amountMinor: -1500 },
      { label: "Tax", amountMinor: -1615 },
    ],
    signals: { promotionCodeIds: old ? ["promo_1"] : [], clickId: null, email: "anna@example.com" },
    subscription: { id: "sub_1", part: "start" },
    attributedElsewhere: true,
  } satisfies Purchase);
  expect(read(object, "invoice.payment_succeeded")).toEqual(fact);
});

const { endive } = renderings as { endive: Json };

test.each<[string, Json, Partial<Purchase>]>([
  ["a renewal", { billing_reason: "subscription_cycle" }, { subscription: { id: "sub_1", part: "renewal" } }],
  [
    "a change of the plan",
    { billing_reason: "subscription_update" },
    { subscription: { id: "sub_1", part: "renewal" } },
  ],
  ["a threshold", { billing_reason: "subscription_threshold" }, { subscription: { id: "sub_1", part: "renewal" } }],
  ["an accepted quote", { billing_reason: "quote_accept" }, { subscription: { id: "sub_1", part: "renewal" } }],
  ["a reason of tomorrow", { billing_reason: "teleported" }, { subscription: { id: "sub_1", part: "renewal" } }],
  ["no reason", { billing_reason: null }, { subscription: { id: "sub_1", part: "renewal" } }],
])("%s follows the subscription", (_name, changes, expected) => {
  const fact = read({ ...endive, discount: { promotion_code: "promo_1" }, ...changes });
  expect(fact).toMatchObject(expected);
  expect(fact.aliases).toEqual(["in_1"]);
  expect(fact.signals).toEqual({ promotionCodeIds: [], clickId: null, email: "anna@example.com" });
});

test("an invoice of no subscription is a purchase of its own", () => {
  const fact = read({ ...endive, billing_reason: "manual", parent: null, lines: { data: [] } });
  expect(fact.subscription).toBeUndefined();
  expect(fact.aliases).toEqual(["in_1"]);
  expect(fact.attributedElsewhere).toBe(true);
});

test("expanded discounts tell their promotion codes, on the whole and on lines; metadata may hold a click", () => {
  const click = "clk_01hzy3v8k2e8mbd3fwq6c5t9xa";
  const signals = (changes: Json) => read({ ...endive, ...changes }).signals;
  expect(
    signals({
      discounts: [{ id: "di_1", promotion_code: "promo_1", source: { coupon: "laurel" } }],
      lines: { data: [{ discounts: [{ id: "di_2", promotion_code: { id: "promo_2" } }, "di_3"] }] },
    }).promotionCodeIds,
  ).toEqual(["promo_1", "promo_2"]);
  expect(signals({ metadata: { laurel_click: click } }).clickId).toBe(click);
  expect(
    signals({ parent: { subscription_details: { subscription: "sub_1", metadata: { laurel_click: click } } } }).clickId,
  ).toBe(click);
  expect(signals({ lines: { data: [{ metadata: { laurel_click: click } }] } }).clickId).toBe(click);
});

test.each<[string, Json, { grossMinor: number; baseMinor: number }]>([
  [
    "shipping",
    {
      total: 11_305,
      amount_paid: 11_305,
      total_excluding_tax: 9500,
      shipping_cost: { amount_subtotal: 1000, amount_tax: 190, amount_total: 1190 },
    },
    { grossMinor: 11_305, baseMinor: 8500 },
  ],
  [
    "shipping without its own item",
    { total_excluding_tax: 9500, amount_shipping: 1000 },
    { grossMinor: 10_115, baseMinor: 8500 },
  ],
  [
    "a part by the customer's balance",
    { starting_balance: -5115, amount_due: 5000, amount_paid: 5000 },
    { grossMinor: 5000, baseMinor: 4201 },
  ],
  [
    "all by the customer's balance",
    { starting_balance: -20_000, amount_due: 0, amount_paid: 0 },
    { grossMinor: 0, baseMinor: 0 },
  ],
  [
    "a debt of the customer on top",
    { starting_balance: 1000, amount_due: 11_115, amount_paid: 11_115 },
    { grossMinor: 11_115, baseMinor: 8500 },
  ],
  [
    "a trial",
    { total: 0, subtotal: 0, total_excluding_tax: 0, total_taxes: [], amount_paid: 0, total_discount_amounts: [] },
    { grossMinor: 0, baseMinor: 0 },
  ],
  [
    "all of it discounted",
    { total: 0, total_excluding_tax: 0, total_taxes: [], amount_paid: 0, total_discount_amounts: [{ amount: 10_000 }] },
    { grossMinor: 0, baseMinor: 0 },
  ],
  [
    "more given back than bought",
    {
      total: -2380,
      total_excluding_tax: -2000,
      total_taxes: [{ amount: -380 }],
      amount_paid: 0,
      total_discount_amounts: null,
    },
    { grossMinor: 0, baseMinor: 0 },
  ],
  ["taxes only in a list", { total_excluding_tax: null }, { grossMinor: 10_115, baseMinor: 8500 }],
  [
    "taxes only in an old list",
    { total_excluding_tax: null, total_taxes: undefined, total_tax_amounts: [{ amount: 1615 }] },
    { grossMinor: 10_115, baseMinor: 8500 },
  ],
  [
    "tax only as a sum",
    { total_excluding_tax: null, total_taxes: undefined, tax: 1615 },
    { grossMinor: 10_115, baseMinor: 8500 },
  ],
  [
    "no word of tax",
    { total_excluding_tax: null, total_taxes: null, tax: null },
    { grossMinor: 10_115, baseMinor: 10_115 },
  ],
  [
    "discounts on lines and on the whole",
    { subtotal: 9000, total_discount_amounts: [{ amount: 1000 }, { amount: 500 }] },
    { grossMinor: 10_115, baseMinor: 8500 },
  ],
])("what is counted with %s", (_name, changes, expected) => {
  const fact = read({ ...endive, ...changes });
  expect({ grossMinor: fact.grossMinor, baseMinor: fact.baseMinor }).toEqual(expected);
  expect(fact.baseLines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(fact.baseMinor);
});

test("what was paid outside of Stripe is told apart", () => {
  expect(read({ ...endive, amount_paid_off_stripe: 10_115 })).toMatchObject({
    grossMinor: 0,
    baseMinor: 0,
    outOfBand: { grossMinor: 10_115, baseMinor: 8500 },
  });
  expect(read({ ...endive, amount_paid_off_stripe: 5115 })).toMatchObject({
    grossMinor: 5000,
    baseMinor: 4201,
    outOfBand: { grossMinor: 5115, baseMinor: 4299 },
  });
  expect(read({ ...renderings["before basil"], paid_out_of_band: true })).toMatchObject({
    grossMinor: 0,
    outOfBand: { grossMinor: 10_115, baseMinor: 8500 },
  });
});

test("the lines of the base add up, and it is a part of what was paid, whatever the amounts", () => {
  const minor = fc.nat(1_000_000);
  fc.assert(
    fc.property(minor, minor, minor, minor, minor, (goods, tax, shipping, paid, off) => {
      const total = goods + tax + shipping;
      const fact = read({
        ...endive,
        total,
        total_excluding_tax: goods + shipping,
        amount_shipping: shipping,
        amount_paid: paid,
        amount_paid_off_stripe: off,
        total_discount_amounts: null,
      });
      expect(fact.baseLines.reduce((sum, line) => sum + line.amountMinor, 0)).toBe(fact.baseMinor);
      expect(fact.baseMinor).toBeLessThanOrEqual(Math.min(goods, fact.grossMinor));
      expect(fact.baseMinor).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("objects of a test clock live in a time of their own", () => {
  const future = { ...endive, created: created + 400 * 86_400, test_clock: "clock_1" };
  expect(read(future).occurredAt).toBe("2026-06-15T09:01:00.000Z");
});

test("an invoice without an id, a currency or good amounts is not understood", () => {
  for (const changes of [
    { id: null },
    { currency: "zzz" },
    { total: "10115" },
    { total: 10.5 },
    { amount_paid: -1 },
    { amount_paid: null },
    { total_excluding_tax: "x" },
    { shipping_cost: 5 },
    { total_excluding_tax: null, total_taxes: [{ amount: "1" }] },
  ])
    expect([changes, told({ ...endive, ...changes }).kind]).toEqual([changes, "unprocessable"]);
});

test("a payment of an invoice links the two, and tells of no money", () => {
  const paid = { id: "inpay_1", object: "invoice_payment", invoice: "in_1", amount_paid: 5, is_default: true };
  const link = (payment: unknown, more: Json = {}) => told({ ...paid, payment, ...more }, "invoice_payment.paid");
  expect(link({ type: "payment_intent", payment_intent: "pi_1" })).toEqual({ kind: "link", aliases: ["in_1", "pi_1"] });
  expect((link({ type: "charge", charge: { id: "ch_1" }, payment_intent: "pi_1" }) as Link).aliases).toEqual([
    "in_1",
    "pi_1",
    "ch_1",
  ]);
  expect(link({ type: "payment_record", payment_record: "prec_1" }).kind).toBe("ignored");
  expect(link(null).kind).toBe("unprocessable");
});
