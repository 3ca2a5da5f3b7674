import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { Cancellation, Fact, Purchase, RefundedExact, Several } from "../../order/fact.ts";
import { decimalOf } from "../checkout/decimal.ts";
import { isWooPing, wooEssenceOf, wooFactOf, wooIdentity } from "./facts.ts";
import { wooLine, wooOrder, wooRefund } from "./samples.testing.ts";

type Json = Record<string, unknown>;

const receivedAt = new Date("2026-07-01T10:00:00.000Z");
const connection: Connection = {
  id: "con_1",
  provider: "woocommerce",
  name: "Example store",
  livemode: true,
  shopUrl: "https://shop.example",
  namespace: "woo_shop.example",
};

const bytes = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const read = (body: unknown, type = "order.updated", of: Connection = connection): Fact =>
  wooFactOf(of, { type, rawBody: bytes(body), receivedAt });
const told = (more: Json = {}, type?: string) => (read(wooOrder(more), type) as Several).facts;
const purchase = (more: Json = {}) => told(more)[0] as Purchase;
const cancellation = (more: Json = {}, type?: string) =>
  told(more, type).find((each) => each.kind === "cancellation") as Cancellation;
const refunded = (more: Json = {}) => told(more).find((each) => each.kind === "refunded_exact") as RefundedExact;

test("an order tells its purchase, that it stands, and all that was refunded", () => {
  expect(read(wooOrder())).toEqual({
    kind: "several",
    facts: [
      {
        kind: "purchase",
        aliases: ["order_727"],
        payment: "paid",
        occurredAt: "2026-06-15T09:00:00.000Z",
        at: "2026-06-15T09:00:08.000Z",
        number: "727",
        currency: "EUR",
        grossMinor: 10_710,
        baseMinor: 8_500,
        baseLines: [
          { label: "Goods before the discount, without tax", amountMinor: 10_000 },
          { label: "Discount", amountMinor: -1_500 },
        ],
        signals: {
          promotionCodeIds: [],
          codes: ["ANNA15"],
          clickId: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa",
          email: "anna@example.com",
        },
      },
      { kind: "cancellation", aliases: ["order_727"], cancelled: false, at: "2026-06-15T09:00:08.000Z" },
      {
        kind: "refunded_exact",
        aliases: ["order_727"],
        refundedMinor: 0,
        currency: "EUR",
        at: "2026-06-15T09:00:08.000Z",
      },
    ],
  } satisfies Fact);
});

test("every topic of an order says the same of the same body: the topic is not signed", () => {
  for (const type of ["order.created", "order.deleted", "unknown"])
    expect(read(wooOrder(), type)).toEqual(read(wooOrder()));
});

const unpaid = { date_paid: null, date_paid_gmt: null };
test.each<[string, Json, Purchase["payment"], boolean]>([
  ["in the works", {}, "paid", false],
  ["completed", { status: "completed" }, "paid", false],
  ["refunded: it was paid", { status: "refunded" }, "paid", false],
  ["in the works, to be paid at the door", unpaid, "unpaid", false],
  ["over nothing", { ...unpaid, total: "0.00", line_items: [] }, "paid", false],
  ["waiting for its payment", { status: "pending", ...unpaid }, "unpaid", false],
  ["waiting for its payment, with a date", { status: "on-hold" }, "unpaid", false],
  ["a basket", { status: "checkout-draft", ...unpaid }, "unpaid", false],
  ["of a plug-in's own status", { status: "levitating" }, "unpaid", false],
  ["of which the payment failed", { status: "failed", ...unpaid }, "failed", false],
  ["of which the payment failed after it came", { status: "failed" }, "paid", true],
  ["cancelled", { status: "cancelled", ...unpaid }, "unpaid", true],
  ["cancelled after it was paid", { status: "cancelled" }, "paid", true],
  ["in the bin", { status: "trash" }, "paid", true],
])("an order that is %s", (_name, more, payment, cancelled) => {
  expect([purchase(more).payment, cancellation(more).cancelled]).toEqual([payment, cancelled]);
});

test("what is deleted is off from the time it was told; what is restored is on again", () => {
  expect(read({ id: 727 }, "order.deleted")).toEqual({
    kind: "cancellation",
    aliases: ["order_727"],
    cancelled: true,
    at: receivedAt.toISOString(),
  });
  expect(cancellation({}, "order.restored")).toMatchObject({ cancelled: false, at: receivedAt.toISOString() });
});

describe("the base", () => {
  test.each<[string, Json, number]>([
    ["is the lines after discounts, without tax", {}, 8_500],
    ["also where prices hold their tax", { prices_include_tax: true }, 8_500],
    ["without what the lines cost before", { line_items: [wooLine({ subtotal: undefined })] }, 8_500],
    [
      "fees and shipping are no goods",
      { total: "207.10", fee_lines: [{ id: 1, name: "Gift wrap", total: "100.00" }] },
      8_500,
    ],
    ["a negative fee takes off", { total: "40.00", fee_lines: [{ id: 1, name: "Loyalty", total: "-67.10" }] }, 4_000],
    [
      "of lines with six decimals is rounded once",
      { line_items: [wooLine({ total: "8.403361" }), wooLine({ total: "8.403361" }), wooLine({ total: "8.193277" })] },
      2_500,
    ],
    ["of no lines is nothing", { line_items: [] }, 0],
  ])("%s", (_name, more, baseMinor) => {
    const it = purchase(more);
    expect(it.baseMinor).toBe(baseMinor);
    expect(it.baseLines.reduce((sum, each) => sum + each.amountMinor, 0)).toBe(baseMinor);
  });

  test("is what the lines come to, for any goods, to the last unit", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("EUR", "JPY", "KWD"),
        fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(1_000)), { maxLength: 10 }),
        fc.nat(10_000),
        (currency, lines, beside) => {
          const goods = lines.reduce((sum, [net]) => sum + net, 0);
          const it = purchase({
            currency,
            total: decimalOf(goods + beside, currency),
            line_items: lines.map(([net, off], id) =>
              wooLine({ id, total: decimalOf(net, currency), subtotal: decimalOf(net + off, currency) }),
            ),
          });
          expect([it.baseMinor, it.grossMinor]).toEqual([goods, goods + beside]);
          expect(it.baseLines.reduce((sum, each) => sum + each.amountMinor, 0)).toBe(goods);
        },
      ),
    );
  });
});

describe("refunds", () => {
  test.each<[string, Json, number]>([
    ["none", { refunds: [] }, 0],
    ["one", { refunds: [wooRefund("-10.00")] }, 1_000],
    ["several", { refunds: [wooRefund("-10.00"), wooRefund("-2.50", { id: 8 })] }, 1_250],
    ["of nothing", { refunds: [wooRefund("0.00")] }, 0],
  ])("are added up: %s", (_name, more, refundedMinor) => {
    expect(refunded(more)).toMatchObject({ refundedMinor, at: "2026-06-15T09:00:08.000Z" });
  });
  test("that are not told are not known", () => {
    expect(refunded({ refunds: undefined })).toBeUndefined();
    expect(refunded({ refunds: null })).toBeUndefined();
  });
});

test.each<[string, Json, string[]]>([
  ["in upper case", {}, ["ANNA15"]],
  ["several", { coupon_lines: [{ code: "spring" }, { code: "anna15" }] }, ["SPRING", "ANNA15"]],
  ["none", { coupon_lines: [] }, []],
  ["not told", { coupon_lines: undefined }, []],
  ["rubbish", { coupon_lines: [{ code: 5 }, { code: " " }, {}] }, []],
])("codes: %s", (_name, more, codes) => {
  expect(purchase(more).signals.codes).toEqual(codes);
});

const [a, b] = ["clk_01hzy3v8k2e8mbd3fwq6c5t9xa", "clk_01hzy3v8k2e8mbd3fwq6c5t9xb"];
const meta = (key: string, value: unknown) => ({ id: 1, key, value });
test.each<[string, Json, string | null, string[]?]>([
  ["of the visit's first page", {}, a],
  ["that checkout wrote down", { meta_data: [meta("_laurel_click", b)] }, b],
  [
    "that checkout wrote down, before that of the first page",
    {
      meta_data: [
        meta("_laurel_click", b),
        meta("_wc_order_attribution_session_entry", `https://shop.example/?laurel_click=${a}`),
      ],
    },
    b,
    [a],
  ],
  ["first and last", { meta_data: [meta("_laurel_first_click", a), meta("_laurel_click", b)] }, b, [a]],
  ["under the key of a theme", { meta_data: [meta("_ref", a)] }, a],
  ["not ours", { meta_data: [meta("_laurel_click", "'; DROP TABLE x"), meta("_ref", { id: a })] }, null],
  ["none", { meta_data: [] }, null],
  ["not told", { meta_data: undefined }, null],
])("a click %s", (_name, more, clickId, earlier) => {
  const { signals } = purchase(more);
  expect([signals.clickId, signals.earlierClickIds]).toEqual([clickId, earlier]);
});

test.each<[string, Json, string[]]>([
  ["the transaction", { transaction_id: "ch_3Q1abc" }, ["ch_3Q1abc"]],
  [
    "what Stripe's plug-in wrote",
    { transaction_id: "ch_3Q1abc", meta_data: [meta("_stripe_intent_id", "pi_3Q1abc")] },
    ["ch_3Q1abc", "pi_3Q1abc"],
  ],
  [
    "what WooPayments wrote",
    { meta_data: [meta("_intent_id", "pi_3Q1abc"), meta("_charge_id", "ch_3Q1abc")] },
    ["pi_3Q1abc", "ch_3Q1abc"],
  ],
  ["another gateway's", { transaction_id: "PAYID-123" }, []],
  ["rubbish", { transaction_id: "pi_#ALIAS", meta_data: [meta("_intent_id", 5)] }, []],
])("Stripe's ids, where the store takes its money there: %s", (_name, more, ids) => {
  const of = { ...connection, stripeNamespace: "stripe_live" };
  const { facts } = read(wooOrder(more), undefined, of) as Several;
  for (const fact of facts) expect(fact.stripeAliases ?? []).toEqual(ids);
  expect(purchase(more).stripeAliases).toBeUndefined();
});

test.each<[string, Json, string]>([
  ["when it was made, in GMT", {}, "2026-06-15T09:00:00.000Z"],
  ["when it was paid, where that is all", { date_created_gmt: null }, "2026-06-15T09:00:08.000Z"],
  ["never later than it was told", { date_created_gmt: "2036-06-15T09:00:00" }, receivedAt.toISOString()],
  [
    "no rubbish, and not the store's own clock",
    { date_created_gmt: "soon", date_paid_gmt: 5 },
    receivedAt.toISOString(),
  ],
])("an order happened %s", (_name, more, at) => {
  expect(purchase(more).occurredAt).toBe(at);
});

test.each<[string, Json]>([
  ["no id", { id: undefined }],
  ["an id above what is exact", { id: 2 ** 53 }],
  ["an id of another shape", { id: "wc_727" }],
  ["an id below nothing", { id: -727 }],
  ["a total with separators", { total: "1,234.50" }],
  ["a total that is no number", { total: "NaN" }],
  ["an empty total", { total: "" }],
  ["no total", { total: undefined }],
  ["a negative total", { total: "-5.00" }],
  ["a total of 400 digits", { total: "9".repeat(400) }],
  ["a line's total that is none", { line_items: [wooLine({ total: "free" })] }],
  ["a line without a total", { line_items: [wooLine({ total: undefined })] }],
  ["lines that come to less than nothing", { line_items: [wooLine({ total: "-1.00" })] }],
  ["lines that are no list", { line_items: { a: 1 } }],
  ["a refund that is positive", { refunds: [wooRefund("10.00")] }],
  ["a refund that is positive among others", { refunds: [wooRefund("-20.00"), wooRefund("10.00")] }],
  ["a refund that is none", { refunds: [wooRefund("all")] }],
  ["refunds that are no list", { refunds: "-10.00" }],
  ["no currency", { currency: "" }],
  ["a currency that is none", { currency: "ZZZ" }],
  ["no status", { status: undefined }],
])("an order with %s is not understood", (_name, more) => {
  expect(read(wooOrder(more)).kind).toBe("unprocessable");
});

test("other resources change nothing", () => {
  for (const type of ["product.updated", "customer.created", "coupon.deleted", "action.woocommerce"])
    expect(read(wooOrder(), type).kind).toBe("ignored");
});

describe("a delivery's identity", () => {
  test("is the order and the bytes", () => {
    const [one, two] = [bytes(wooOrder()), bytes(wooOrder({ status: "completed" }))];
    expect(wooIdentity(one, "order.updated")).toEqual({
      eventId: expect.stringMatching(/^727\.[0-9a-f]{40}$/),
      type: "order.updated",
    });
    expect(wooIdentity(one, "order.created").eventId).toBe(wooIdentity(one, "order.updated").eventId);
    expect(wooIdentity(two, "order.updated").eventId).not.toBe(wooIdentity(one, "order.updated").eventId);
  });
  test("an order that is fetched goes by the id of its webhook", () => {
    const webhook = bytes(JSON.stringify({ ...wooOrder(), _links: { self: [] } }).replaceAll("/", "\\/"));
    const fetched = bytes(JSON.stringify(wooOrder(), null, 2));
    expect(wooIdentity(fetched, "order.updated")).toEqual(wooIdentity(webhook, "order.updated"));
    expect(wooEssenceOf(fetched)).toBe(wooEssenceOf(webhook));
  });
  test("never throws, whatever the bytes", () => {
    for (const body of ["null", "[]", "5", "{", '{"id":9007199254740993}', '{"id":"#"}'])
      expect(wooIdentity(bytes(body), "<b>")).toEqual({
        eventId: expect.stringMatching(/^0\.[0-9a-f]{40}$/),
        type: "unknown",
      });
  });
});

test("a ping is a form with the hook's number and nothing else", () => {
  expect(isWooPing(bytes("webhook_id=1"))).toBe(true);
  for (const body of [
    "webhook_id=",
    "webhook_id=1&x=2",
    "webhook_id=1\n",
    "x webhook_id=1",
    '{"webhook_id":1}',
    `webhook_id=${"1".repeat(99)}`,
  ])
    expect(isWooPing(bytes(body))).toBe(false);
});
