import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { Fact, Purchase, Refund, Several } from "../../order/fact.ts";
import { decimalOf } from "../checkout/decimal.ts";
import { shopifyFactOf, shopifyIdentity } from "./facts.ts";
import {
  allocation,
  discountCode,
  moneySet,
  refundLine,
  refundTransaction,
  shopifyLine,
  shopifyOrder,
  shopifyRefund,
} from "./samples.testing.ts";

type Json = Record<string, unknown>;

const receivedAt = new Date("2026-07-01T10:00:00.000Z");
const connection: Connection = {
  id: "con_1",
  provider: "shopify",
  name: "Example shop",
  livemode: true,
  shopUrl: "https://example.myshopify.com",
  shopId: "548380009",
  namespace: "shopify_example.myshopify.com",
};

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const read = (type: string, body: unknown, of: Connection = connection) =>
  shopifyFactOf(of, { type, rawBody: bytes(body), receivedAt });
const paid = (more: Json = {}, type = "orders/paid") => read(type, shopifyOrder(more)) as Fact;
const purchase = (more: Json = {}, type?: string) => {
  const fact = paid(more, type);
  return (fact.kind === "several" ? fact.facts[0] : fact) as Purchase;
};
const refund = (more: Json = {}) => read("refunds/create", shopifyRefund(more)) as Refund;
const without = (from: Json, ...names: string[]): Json =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

test("a paid order is a purchase", () => {
  expect(paid()).toEqual({
    kind: "purchase",
    aliases: ["order_5390123456789"],
    payment: "paid",
    occurredAt: "2026-06-15T09:00:00.000Z",
    at: "2026-06-15T09:00:05.000Z",
    number: "#1001",
    currency: "EUR",
    grossMinor: 10_710,
    baseMinor: 8_500,
    baseLines: [
      { label: "Goods before the discount", amountMinor: 10_000 },
      { label: "Discount", amountMinor: -1_500 },
    ],
    signals: {
      promotionCodeIds: [],
      codes: ["ANNA15"],
      clickId: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa",
      email: "anna@example.com",
    },
  } satisfies Fact);
});

test("every topic of an order says the same of the same body: the topic is not signed", () => {
  for (const type of ["orders/create", "orders/updated", "orders/cancelled"]) expect(paid({}, type)).toEqual(paid());
});

describe("the base", () => {
  const line = (more: Json) => shopifyLine(more);
  const taxOf = (amountMinor: number) => [{ price: decimalOf(amountMinor, "EUR"), price_set: moneySet(amountMinor) }];

  test("prices that hold their tax lose it", () => {
    const it = purchase({
      taxes_included: true,
      subtotal_price: "85.00",
      subtotal_price_set: moneySet(8_500),
      total_price: "90.00",
      total_price_set: moneySet(9_000),
      line_items: [line({ discount_allocations: [allocation(1_500)], tax_lines: taxOf(1_357) })],
    });
    expect(it.baseMinor).toBe(7_143);
    expect(it.baseLines).toEqual([
      { label: "Goods before the discount", amountMinor: 10_000 },
      { label: "Discount", amountMinor: -1_500 },
      { label: "Tax in the prices", amountMinor: -1_357 },
    ]);
  });

  test("gift cards are counted when they are spent", () => {
    const card = line({ id: 2, gift_card: true, price: "50.00", price_set: moneySet(5_000), tax_lines: [] });
    const it = purchase({
      subtotal_price: "150.00",
      subtotal_price_set: moneySet(15_000),
      total_price: "169.00",
      total_price_set: moneySet(16_900),
      line_items: [line({}), card],
      discount_applications: [],
    });
    expect(it.baseMinor).toBe(10_000);
    expect(it.baseLines.at(-1)).toEqual({ label: "Gift cards", amountMinor: -5_000 });
  });

  test.each<[string, Json, number]>([
    ["plain fields where there are no sets", { subtotal_price_set: undefined, total_price_set: undefined }, 8_500],
    [
      "the shop's money, not the buyer's",
      { subtotal_price_set: moneySet(8_500, "EUR", "USD", 1.1), presentment_currency: "USD" },
      8_500,
    ],
    ["no subtotal: the lines say it", { subtotal_price: undefined, subtotal_price_set: undefined }, 8_500],
    ["no lines: the subtotal says it", { line_items: undefined }, 8_500],
    ["no lines, and tax in the prices", { line_items: undefined, taxes_included: true }, 6_790],
    [
      "what was refunded since counts for nothing here",
      { current_subtotal_price: "0.00", current_total_price: "0.00" },
      8_500,
    ],
    [
      "shipping and tips are no goods",
      { total_price: "207.10", total_price_set: moneySet(20_710), total_tip_received: "100.00" },
      8_500,
    ],
  ])("%s", (_name, more, baseMinor) => {
    const it = purchase(more);
    expect(it.baseMinor).toBe(baseMinor);
    expect(it.baseLines.reduce((sum, each) => sum + each.amountMinor, 0)).toBe(baseMinor);
  });

  test("is what the lines come to, for any goods, discounts and taxes, to the last unit", () => {
    const currency = fc.constantFrom("EUR", "JPY", "KWD");
    const lines = fc.array(
      fc.record({
        price: fc.nat(1_000_000),
        quantity: fc.integer({ min: 1, max: 9 }),
        off: fc.nat(100),
        tax: fc.nat(25),
        gift: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(currency, lines, fc.boolean(), fc.nat(10_000), (code, goods, included, shipping) => {
        const set = (minor: number) => moneySet(minor, code);
        let subtotal = 0;
        let base = 0;
        let onTop = 0;
        const items = goods.map(({ price, quantity, off, tax, gift }, at) => {
          const full = price * quantity;
          const discount = gift ? 0 : Math.floor((full * off) / 100);
          const net = full - discount;
          const taxMinor = gift ? 0 : Math.floor((net * tax) / (included ? 100 + tax : 100));
          subtotal += net;
          base += gift ? 0 : net - (included ? taxMinor : 0);
          onTop += included ? 0 : taxMinor;
          return shopifyLine({
            id: at + 1,
            price_set: set(price),
            quantity,
            gift_card: gift,
            discount_allocations: [{ amount_set: set(discount) }],
            tax_lines: [{ price_set: set(taxMinor) }],
          });
        });
        const total = subtotal + onTop + shipping;
        const it = purchase({
          currency: code,
          taxes_included: included,
          line_items: items,
          subtotal_price_set: set(subtotal),
          total_price_set: set(total),
        });
        expect([it.baseMinor, it.grossMinor]).toEqual([base, total]);
        expect(it.baseLines.reduce((sum, each) => sum + each.amountMinor, 0)).toBe(base);
      }),
    );
  });
});

test.each<[string, Json, Purchase["payment"], string?]>([
  ["paid", {}, "paid"],
  ["refunded in part: it was paid", { financial_status: "partially_refunded" }, "paid"],
  ["refunded: it was paid", { financial_status: "refunded" }, "paid"],
  ["waiting for the money", { financial_status: "pending" }, "unpaid"],
  ["authorised only", { financial_status: "authorized" }, "unpaid"],
  ["paid in part", { financial_status: "partially_paid" }, "unpaid"],
  ["of a state of tomorrow", { financial_status: "levitating" }, "unpaid"],
  ["voided", { financial_status: "voided" }, "failed"],
  [
    "over nothing",
    {
      financial_status: "pending",
      total_price: "0.00",
      total_price_set: moneySet(0),
      subtotal_price: "0.00",
      subtotal_price_set: moneySet(0),
      line_items: [],
    },
    "paid",
  ],
  ["without a state: the topic says it", { financial_status: null }, "paid"],
  ["without a state, and the topic does not say it", { financial_status: undefined }, "unpaid", "orders/create"],
])("an order that is %s", (_name, more, payment, type) => {
  expect(purchase(more, type).payment).toBe(payment);
});

test("an unpaid order that is cancelled is off; a paid one waits for its refund", () => {
  const cancelled_at = "2026-06-16T10:00:00Z";
  expect((paid({ cancelled_at, financial_status: "pending" }, "orders/cancelled") as Several).facts[1]).toEqual({
    kind: "cancellation",
    aliases: ["order_5390123456789"],
    cancelled: true,
    at: "2026-06-16T10:00:00.000Z",
  });
  expect((paid({ cancelled_at, updated_at: "2026-06-16T10:00:09Z" }) as Several).facts[1]).toMatchObject({
    cancelled: false,
    at: "2026-06-16T10:00:09.000Z",
  });
});

describe("codes", () => {
  test.each<[string, Json, string[]]>([
    ["as it was entered, in upper case", { discount_applications: [discountCode("anna15")] }, ["ANNA15"]],
    [
      "a manual discount that is named like a code is none",
      {
        discount_codes: [{ code: "ANNA15", amount: "15.00", type: "percentage" }],
        discount_applications: [discountCode("ignored", { type: "manual", title: "ANNA15", code: undefined })],
      },
      [],
    ],
    ["an automatic discount is none", { discount_applications: [{ type: "automatic", title: "ANNA15" }] }, []],
    ["a script's is none", { discount_applications: [{ type: "script", title: "ANNA15" }] }, []],
    [
      "several, each once",
      { discount_applications: [discountCode("B"), discountCode("A"), discountCode("b")] },
      ["B", "A"],
    ],
    ["none", { discount_applications: [], discount_codes: [] }, []],
    ["not told at all", { discount_applications: undefined }, []],
    [
      "rubbish",
      { discount_applications: [discountCode(" "), discountCode("x".repeat(300)), { type: "discount_code", code: 5 }] },
      [],
    ],
  ])("%s", (_name, more, codes) => {
    expect(purchase(more).signals.codes).toEqual(codes);
  });
});

describe("clicks", () => {
  const [a, b] = ["clk_01hzy3v8k2e8mbd3fwq6c5t9xa", "clk_01hzy3v8k2e8mbd3fwq6c5t9xb"];
  const note = (name: string, value: unknown) => ({ name, value });
  test.each<[string, Json, string | null, string[]?]>([
    ["of the landing page", {}, a],
    ["of the landing page's ref", { landing_site: `/?ref=${a}` }, a],
    ["of the cart", { landing_site: "/", note_attributes: [note("laurel_click", b)] }, b],
    ["of the cart before that of the landing page", { note_attributes: [note("laurel_click", b)] }, b, [a]],
    [
      "first and last of the cart",
      { landing_site: null, note_attributes: [note("laurel_first_click", a), note("laurel_click", b)] },
      b,
      [a],
    ],
    ["the same twice is one", { note_attributes: [note("laurel_click", a)] }, a],
    ["none", { landing_site: null }, null],
    [
      "not ours",
      { landing_site: "/?laurel_click=clk_'%20OR%201=1", note_attributes: [note("laurel_click", "<script>")] },
      null,
    ],
    ["rubbish", { landing_site: { url: a }, note_attributes: [note("laurel_click", { id: a })] }, null],
    ["of a page address of 10 kB", { landing_site: `/?laurel_click=${a}&x=${"x".repeat(10_000)}` }, null],
  ])("%s", (_name, more, clickId, earlier) => {
    const { signals } = purchase(more);
    expect([signals.clickId, signals.earlierClickIds]).toEqual([clickId, earlier]);
  });
});

test.each<[string, Json, string | null]>([
  ["the order's", {}, "anna@example.com"],
  ["empty: the contact's", { email: "" }, "anna@example.com"],
  ["the customer's", { email: "", contact_email: null, customer: { email: "carl@example.com" } }, "carl@example.com"],
  ["none, at a till", { email: "", contact_email: null, customer: null }, null],
  ["too long", { email: `${"a".repeat(400)}@example.com`, contact_email: null, customer: null }, null],
])("an address: %s", (_name, more, email) => {
  expect(purchase(more).signals.email).toBe(email);
});

test.each<[string, Json, string]>([
  ["when it was processed", { processed_at: "2026-06-14T09:00:00-04:00" }, "2026-06-14T13:00:00.000Z"],
  ["when it was made, where that is all", { processed_at: null }, "2026-06-15T09:00:00.000Z"],
  ["never later than it was told", { processed_at: "2036-06-14T09:00:00Z" }, receivedAt.toISOString()],
  ["no rubbish", { processed_at: "yesterday", created_at: 5 }, receivedAt.toISOString()],
])("an order happened %s", (_name, more, at) => {
  expect(purchase(more).occurredAt).toBe(at);
});

test("test orders count at a shop that is one for tests alone", () => {
  expect(paid({ test: true }).kind).toBe("ignored");
  expect((read("orders/paid", shopifyOrder({ test: true }), { ...connection, livemode: false }) as Fact).kind).toBe(
    "purchase",
  );
});

test("an order of another shop that has the same app is not ours", () => {
  const other = { order_status_url: "https://shop.example/999/orders/b1946ac9/authenticate?key=x" };
  expect(paid(other).kind).toBe("unprocessable");
  expect((read("orders/paid", shopifyOrder(other), { ...connection, shopId: undefined }) as Fact).kind).toBe(
    "purchase",
  );
  expect(paid({ order_status_url: undefined }).kind).toBe("purchase");
});

describe("refunds", () => {
  test("all of the goods", () => {
    expect(refund()).toEqual({
      kind: "refund",
      aliases: ["order_5390123456789"],
      refundId: "refund_929361464",
      amountMinor: 10_115,
      baseMinor: 8_500,
      currency: "EUR",
      state: "live",
      at: "2026-06-20T08:00:00.000Z",
    } satisfies Fact);
  });

  const included = { taxes_included: true };
  test.each<[string, Json, Json, Partial<Refund>]>([
    [
      "tax in the prices, told by the order",
      included,
      { refund_line_items: [refundLine(8_500, 1_357)], transactions: [refundTransaction(8_500)] },
      { amountMinor: 8_500, baseMinor: 7_143 },
    ],
    [
      "shipping beside the goods",
      {},
      {
        order_adjustments: [
          {
            kind: "shipping_refund",
            amount: "-5.00",
            amount_set: moneySet(-500),
            tax_amount: "-0.95",
            tax_amount_set: moneySet(-95),
          },
        ],
        transactions: [refundTransaction(10_710)],
      },
      { amountMinor: 10_710, baseMinor: 8_500 },
    ],
    [
      "shipping beside the goods, in newer versions",
      {},
      { refund_shipping_lines: [{ subtotal_amount_set: moneySet(500) }], transactions: [refundTransaction(10_710)] },
      { amountMinor: 10_710, baseMinor: 8_500 },
    ],
    [
      "less than the goods' price",
      {},
      {
        order_adjustments: [
          { kind: "refund_discrepancy", amount: "20.00", amount_set: moneySet(2_000), tax_amount: "0.00" },
        ],
        transactions: [refundTransaction(8_115)],
      },
      { amountMinor: 8_115, baseMinor: 6_500 },
    ],
    [
      "less than the goods' price, in newer versions",
      {},
      {
        order_adjustments: [{ reason: "CUSTOMER", amount: "20.00", tax_amount: "0.00" }],
        transactions: [refundTransaction(8_115)],
      },
      { amountMinor: 8_115, baseMinor: 6_500 },
    ],
    [
      "an amount without goods takes its share",
      {},
      {
        refund_line_items: [],
        order_adjustments: [{ kind: "refund_discrepancy", amount: "-10.00", tax_amount: "0.00" }],
        transactions: [refundTransaction(1_000)],
      },
      { amountMinor: 1_000, baseMinor: undefined },
    ],
    [
      "in two payments",
      {},
      { transactions: [refundTransaction(10_000), refundTransaction(115, { id: 2 })] },
      { amountMinor: 10_115, baseMinor: 8_500 },
    ],
    [
      "goods that came back, and little of their money",
      {},
      { transactions: [refundTransaction(100)] },
      { amountMinor: 100, baseMinor: 100 },
    ],
    [
      "still on its way",
      {},
      { transactions: [refundTransaction(10_115, { status: "pending" })] },
      { amountMinor: 10_115, state: "live" },
    ],
    [
      "failed",
      {},
      { transactions: [refundTransaction(10_115, { status: "failure" })] },
      { amountMinor: 10_115, state: "failed" },
    ],
    [
      "failed, by another word",
      {},
      { transactions: [refundTransaction(10_115, { status: "error" })] },
      { state: "failed" },
    ],
    [
      "one payment failed and one did not",
      {},
      { transactions: [refundTransaction(10_000, { status: "failure" }), refundTransaction(115)] },
      { amountMinor: 115, state: "live" },
    ],
    [
      "a gift card came back",
      {},
      {
        refund_line_items: [refundLine(8_500, 0, { line_item: shopifyLine({ gift_card: true }) })],
        transactions: [refundTransaction(8_500)],
      },
      { baseMinor: 0 },
    ],
  ])("%s", (_name, order, more, expected) => {
    const told = paid({ ...order, refunds: [shopifyRefund(more)] }) as Several;
    const it = told.facts[1] as Refund;
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, it[name as keyof Refund]]))).toEqual(expected);
    expect(it.at).toBe("2026-06-15T09:00:05.000Z");
  });

  test("alone, it shows by its sums whether its prices hold their tax; where neither fits it takes its share", () => {
    const lines = [refundLine(8_500, 1_357)];
    expect(refund({ refund_line_items: lines, transactions: [refundTransaction(8_500)] }).baseMinor).toBe(7_143);
    expect(refund({ refund_line_items: lines, transactions: [refundTransaction(9_857)] }).baseMinor).toBe(8_500);
    expect(refund({ refund_line_items: lines, transactions: [refundTransaction(9_000)] }).baseMinor).toBeUndefined();
    expect(
      refund({ refund_line_items: [refundLine(8_500, 0)], transactions: [refundTransaction(8_500)] }).baseMinor,
    ).toBe(8_500);
  });

  test("without money there is nothing", () => {
    expect((read("refunds/create", shopifyRefund({ transactions: [] })) as Fact).kind).toBe("ignored");
    expect(
      (read("refunds/create", shopifyRefund({ transactions: [refundTransaction(5, { kind: "void" })] })) as Fact).kind,
    ).toBe("ignored");
    expect(paid({ refunds: [shopifyRefund({ transactions: [] })] }).kind).toBe("purchase");
  });

  test("paid back in the buyer's currency it is told in the shop's", () => {
    const dollars = refundTransaction(11_000, { currency: "USD" });
    const rated = {
      total_price_set: moneySet(10_710, "EUR", "USD", 1.1),
      refunds: [shopifyRefund({ refund_line_items: [], transactions: [dollars] })],
    };
    expect((paid(rated) as Several).facts[1] as Refund).toMatchObject({ amountMinor: 10_000, currency: "EUR" });
    // By its lines, where the order is not told with it: on top of the prices, or in them, as the buyer's amounts show.
    const line = refundLine(8_500, 1_357, {
      subtotal_set: moneySet(8_500, "EUR", "USD", 1.1),
      total_tax_set: moneySet(1_357, "EUR", "USD", 1.1),
    });
    const alone = (paidMinor: number, lines: Json[]) =>
      refund({ refund_line_items: lines, transactions: [refundTransaction(paidMinor, { currency: "USD" })] });
    expect(alone(10_843, [line])).toMatchObject({ amountMinor: 9_857, currency: "EUR", baseMinor: 8_500 });
    expect(alone(9_350, [line])).toMatchObject({ amountMinor: 8_500, currency: "EUR", baseMinor: 7_143 });
    expect(alone(9_350, [refundLine(8_500, 0)])).toMatchObject({ amountMinor: 8_500, currency: "EUR" });
    // Where they fit neither, it says what it knows.
    expect(alone(9_000, [line])).toMatchObject({ amountMinor: 9_000, currency: "USD" });
    expect(alone(9_350, [refundLine(8_500, 1_357)])).toMatchObject({ amountMinor: 9_350, currency: "USD" });
    // With neither, it says what it knows.
    expect(refund({ refund_line_items: [], total_duties_set: undefined, transactions: [dollars] })).toMatchObject({
      amountMinor: 11_000,
      currency: "USD",
    });
  });

  test("numbers of JSON are exact", () => {
    const line = without(refundLine(19_999, 0), "subtotal_set", "total_tax_set");
    expect(
      refund({
        refund_line_items: [{ ...line, subtotal: 199.99, total_tax: 0 }],
        transactions: [refundTransaction(19_999)],
      }).baseMinor,
    ).toBe(19_999);
  });

  test("Stripe's ids are told where the shop takes its money there", () => {
    const transactions = [refundTransaction(10_115, { authorization: "ch_3Q1abc" })];
    expect(refund({ transactions }).stripeAliases).toBeUndefined();
    const of = { ...connection, stripeNamespace: "stripe_live" };
    expect((read("refunds/create", shopifyRefund({ transactions }), of) as Refund).stripeAliases).toEqual([
      "ch_3Q1abc",
    ]);
  });

  test.each<[string, Json]>([
    ["no order", { order_id: undefined }],
    ["an order of another shape", { order_id: "abc" }],
    ["an order above what is exact", { order_id: 2 ** 53 }],
    ["no id", { id: null, admin_graphql_api_id: null }],
    ["an amount that is none", { transactions: [refundTransaction(5, { amount: "1,000.00" })] }],
    ["a negative amount", { transactions: [refundTransaction(5, { amount: "-5.00" })] }],
    ["no amount", { transactions: [refundTransaction(5, { amount: null })] }],
    ["two currencies", { transactions: [refundTransaction(5), refundTransaction(5, { currency: "USD" })] }],
    [
      "a currency that is none",
      { refund_line_items: [], total_duties_set: null, transactions: [refundTransaction(5, { currency: "zzz" })] },
    ],
    ["transactions that are no list", { transactions: { a: 1 } }],
    ["lines that are no objects", { refund_line_items: [5] }],
  ])("with %s it is not understood", (_name, more) => {
    expect((read("refunds/create", shopifyRefund(more)) as Fact).kind).toBe("unprocessable");
  });
});

test.each<[string, Json]>([
  ["no id", { id: null, admin_graphql_api_id: null }],
  ["an id above what is exact", { id: 2 ** 53, admin_graphql_api_id: undefined }],
  ["an id with a fraction", { id: 5.5, admin_graphql_api_id: undefined }],
  ["no total", { total_price: undefined, total_price_set: undefined }],
  ["a total with separators", { total_price_set: undefined, total_price: "1,234.50" }],
  ["a total that is no number", { total_price_set: undefined, total_price: "NaN" }],
  ["an empty total", { total_price_set: undefined, total_price: "" }],
  ["a negative total", { total_price_set: moneySet(-1) }],
  ["a total above all amounts", { total_price_set: undefined, total_price: "99999999999999.00" }],
  ["a set in another currency", { total_price_set: moneySet(10_710, "USD") }],
  ["no currency", { currency: undefined }],
  ["a currency that is none", { currency: "zzz" }],
  ["lines that are no list", { line_items: "shoes" }],
  ["lines that are no objects", { line_items: [null] }],
  [
    "a quantity below nothing",
    { line_items: [shopifyLine({ quantity: -1 })], subtotal_price: undefined, subtotal_price_set: undefined },
  ],
  ["more tax than goods", { taxes_included: true, line_items: [shopifyLine({ tax_lines: [{ price: "999.00" }] })] }],
  ["more goods than the total", { subtotal_price_set: moneySet(99_999) }],
  ["refunds that are no list", { refunds: 5 }],
])("an order with %s is not understood", (_name, more) => {
  expect(paid(more).kind).toBe("unprocessable");
});

test("a body under a topic that it does not fit is not understood", () => {
  expect((read("orders/paid", shopifyRefund()) as Fact).kind).toBe("unprocessable");
  expect((read("refunds/create", shopifyOrder()) as Fact).kind).toBe("unprocessable");
  expect((read("app/uninstalled", shopifyOrder()) as Fact).kind).toBe("unprocessable");
  for (const topic of ["customers/redact", "customers/data_request", "shop/redact"])
    expect((read(topic, shopifyOrder()) as Fact).kind).toBe("unprocessable");
});

test("other topics change nothing", () => {
  for (const topic of ["products/update", "orders/delete", "constructor/call", "unknown"])
    expect((read(topic, shopifyOrder()) as Fact).kind).toBe("ignored");
});

test("the app is uninstalled", () => {
  const shop = {
    id: 548380009,
    name: "Example",
    domain: "shop.example",
    myshopify_domain: "example.myshopify.com",
    updated_at: "2026-06-20T10:00:00+02:00",
  };
  expect(read("app/uninstalled", shop)).toEqual({
    kind: "disconnected",
    why: expect.any(String),
    at: receivedAt.toISOString(),
  });
  expect(read("app/uninstalled", { ...shop, myshopify_domain: "other.myshopify.com" }).kind).toBe("unprocessable");
  expect(read("app/uninstalled", {}).kind).toBe("unprocessable");
});

describe("requests about personal data", () => {
  const asked = (more: Json = {}): Json => ({
    shop_id: 548380009,
    shop_domain: "example.myshopify.com",
    orders_requested: [5_390_123_456_789, 280263220],
    customer: { id: 191167, email: "anna@example.com", phone: "555-625-1199" },
    data_request: { id: 9999 },
    ...more,
  });
  const erased = (more: Json = {}): Json =>
    without(asked({ orders_to_redact: [1, 2], ...more }), "orders_requested", "data_request");
  test("a buyer asks what is kept", () => {
    expect(read("customers/data_request", asked())).toEqual({
      kind: "privacy",
      request: "export",
      email: "anna@example.com",
      aliases: ["order_5390123456789", "order_280263220"],
      reference: "9999",
      ofThisShop: true,
    });
  });
  test("a buyer asks for erasure", () => {
    expect(read("customers/redact", erased())).toMatchObject({
      request: "erase_customer",
      aliases: ["order_1", "order_2"],
    });
  });
  test("a shop left two days ago", () => {
    expect(read("shop/redact", { shop_id: 1, shop_domain: "example.myshopify.com" })).toEqual({
      kind: "privacy",
      request: "erase_shop",
      email: null,
      aliases: [],
      reference: null,
      ofThisShop: true,
    });
  });
  test.each<[string, string, Json, Json]>([
    ["a shop that was never here", "customers/redact", { shop_domain: "other.myshopify.com" }, { ofThisShop: false }],
    [
      "no customer",
      "customers/redact",
      { customer: null, orders_to_redact: [1] },
      { email: null, aliases: ["order_1"] },
    ],
    ["no orders", "customers/redact", { orders_to_redact: undefined }, { aliases: [] }],
    ["orders that are no list", "customers/data_request", { orders_requested: "all" }, { aliases: [] }],
    [
      "orders that are no ids",
      "customers/data_request",
      { orders_requested: [null, "x", -1, 2 ** 53, 7] },
      { aliases: ["order_7"] },
    ],
  ])("%s", (_name, topic, more, expected) => {
    const body = topic === "customers/redact" ? erased(more) : asked(more);
    expect(read(topic, body)).toMatchObject({ kind: "privacy", ...expected });
  });
  test("without a shop it is not understood", () => {
    expect(read("customers/redact", erased({ shop_domain: undefined })).kind).toBe("unprocessable");
  });
  test("a body that was caught asks for nothing more under another topic", () => {
    expect(read("customers/redact", asked()).kind).toBe("unprocessable");
    expect(read("shop/redact", asked()).kind).toBe("unprocessable");
    expect(read("shop/redact", erased()).kind).toBe("unprocessable");
    expect(read("shop/redact", erased({ customer: null, orders_to_redact: undefined })).kind).toBe("unprocessable");
    expect(read("customers/data_request", erased()).kind).toBe("unprocessable");
  });
});

describe("a delivery's identity", () => {
  const body = bytes(shopifyOrder());
  const webhookId = "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043";
  const eventId = "98880550-7158-44d4-b7cd-2c97c8a091b5";
  test("the delivery's id, else topic and event, else the bytes", () => {
    expect(shopifyIdentity(body, { topic: "orders/paid", webhookId, eventId })).toEqual({
      eventId: webhookId,
      type: "orders/paid",
    });
    expect(shopifyIdentity(body, { topic: "orders/paid", eventId })).toEqual({
      eventId: `orders.paid.${eventId}`,
      type: "orders/paid",
    });
    expect(shopifyIdentity(body, { topic: "orders/updated", eventId }).eventId).not.toBe(
      shopifyIdentity(body, { topic: "orders/paid", eventId }).eventId,
    );
    expect(shopifyIdentity(body, { topic: "orders/paid" }).eventId).toMatch(/^sha_[0-9a-f]{48}$/);
  });
  test.each(["a#b", "x".repeat(200), "", "a b", "../../x", "🙂🙂🙂🙂"])("an id of %j is none", (id) => {
    expect(shopifyIdentity(body, { topic: "orders/paid", webhookId: id, eventId: id }).eventId).toMatch(/^sha_/);
  });
  test("a topic that is none is not repeated", () => {
    for (const topic of [undefined, "<b>", "orders/paid/x", "x".repeat(300), "ORDERS_PAID"])
      expect(shopifyIdentity(body, { topic, webhookId }).type).toBe("unknown");
  });
});
