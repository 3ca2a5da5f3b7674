import { expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { Dispute } from "../../order/fact.ts";
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
const told = (object: Json, type = "charge.dispute.updated"): StripeTold =>
  stripeFactOf(connection, Buffer.from(JSON.stringify({ id: "evt_1", type, created, data: { object } })), now);
const disputed: Json = {
  id: "du_1",
  object: "dispute",
  amount: 11_900,
  currency: "eur",
  charge: "ch_1",
  payment_intent: "pi_1",
  reason: "fraudulent",
  status: "needs_response",
  balance_transactions: [{ amount: -11_900, currency: "eur", fee: 2000 }],
};
const read = (changes: Json = {}, type?: string) => told({ ...disputed, ...changes }, type) as Dispute;

test("a dispute", () => {
  expect(read()).toEqual({
    kind: "dispute",
    aliases: ["pi_1", "ch_1"],
    disputeId: "du_1",
    state: "open",
    step: 21,
    amountMinor: 11_900,
    withdrawnMinor: 11_900,
    currency: "EUR",
    at: "2026-06-15T09:00:00.000Z",
  } satisfies Dispute);
  // As older accounts have it.
  expect(read({ id: "dp_1", payment_intent: null })).toMatchObject({ disputeId: "dp_1", aliases: ["ch_1"] });
});

test.each<[string, Dispute["state"]]>([
  ["warning_needs_response", "inquiry"],
  ["warning_under_review", "inquiry"],
  ["warning_closed", "won"],
  ["needs_response", "open"],
  ["under_review", "open"],
  ["won", "won"],
  ["lost", "lost"],
  ["prevented", "prevented"],
  ["charge_refunded", "prevented"],
  ["appeal_needs_response", "open"],
  ["appeal_under_review", "open"],
  ["teleported", "unknown"],
  ["constructor", "unknown"],
])("a dispute that is %s: %s", (status, state) => {
  expect(read({ status }).state).toBe(state);
});

test("the steps rise along the way, over an appeal too", () => {
  const way = ["needs_response", "under_review", "lost", "appeal_needs_response", "appeal_under_review", "won"];
  const steps = way.map((status) => read({ status }).step);
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  // Of the same status, the one that knows of more movements is the later.
  const more = [{ amount: -11_900 }, { amount: 11_900 }];
  expect(read({ balance_transactions: more }).step).toBeGreaterThan(read().step);
});

const moves = (...amounts: number[]) => ({
  balance_transactions: amounts.map((amount) => ({ amount, currency: "usd" })),
});

test.each<[string, Json, string | undefined, number | undefined]>([
  ["all was withdrawn", moves(-13_000), undefined, 11_900],
  ["all came back", { ...moves(-13_000, 13_000), status: "won" }, undefined, 0],
  ["a part came back", { ...moves(-13_000, 6500), status: "won" }, undefined, 5950],
  ["it was won, and nothing has come back yet", { ...moves(-13_000), status: "won" }, undefined, undefined],
  [
    "withdrawn again by an appeal that was lost",
    { ...moves(-13_000, 13_000, -13_000), status: "lost" },
    undefined,
    11_900,
  ],
  ["nothing was moved yet", moves(), undefined, 0],
  ["nothing is told of movements", { balance_transactions: undefined }, undefined, undefined],
  ["withdrawn by its own event alone", { balance_transactions: undefined }, "charge.dispute.funds_withdrawn", 11_900],
  [
    "given back by its own event alone",
    { balance_transactions: [], status: "won" },
    "charge.dispute.funds_reinstated",
    0,
  ],
  ["an inquiry moves nothing", { ...moves(), status: "warning_needs_response" }, undefined, undefined],
])("%s", (_name, changes, type, withdrawnMinor) => {
  expect(read(changes, type).withdrawnMinor).toBe(withdrawnMinor);
});

test.each<[string, Json, Dispute["inBalance"]]>([
  ["withdrawn", moves(-13_000), { currency: "USD", amountMinor: 13_000, withdrawnMinor: 13_000 }],
  [
    "half of it given back",
    { ...moves(-13_000, 6500), status: "won" },
    { currency: "USD", amountMinor: 13_000, withdrawnMinor: 6500 },
  ],
  ["won, and on its way back", { ...moves(-13_000), status: "won" }, { currency: "USD", amountMinor: 13_000 }],
  ["nothing was moved yet", moves(), undefined],
  ["in the currency of the dispute", {}, undefined],
  [
    "in two currencies",
    {
      balance_transactions: [
        { amount: -1, currency: "usd" },
        { amount: 1, currency: "eur" },
      ],
    },
    undefined,
  ],
  ["in no currency that is told", { balance_transactions: [{ amount: -13_000 }] }, undefined],
])("what a dispute takes from a balance of another currency: %s", (_name, changes, inBalance) => {
  expect(read(changes).inBalance).toEqual(inBalance);
});

test("a dispute without an id, a payment, a currency or an amount is not understood", () => {
  for (const changes of [
    { id: null },
    { charge: null, payment_intent: null },
    { currency: "zzz" },
    { amount: "5" },
    { amount: -5 },
    { balance_transactions: [{ amount: "x" }] },
  ])
    expect([changes, told({ ...disputed, ...changes }).kind]).toEqual([changes, "unprocessable"]);
});

test("a warning of fraud, the end of a subscription, and the discount that one began with", () => {
  expect(
    told(
      { id: "issfr_1", charge: "ch_1", payment_intent: "pi_1", actionable: true },
      "radar.early_fraud_warning.created",
    ),
  ).toEqual({
    kind: "warning",
    aliases: ["pi_1", "ch_1"],
    reason: "early_fraud_warning:issfr_1",
    at: "2026-06-15T09:00:00.000Z",
  });
  expect(told({ id: "sub_1", ended_at: created - 60 }, "customer.subscription.deleted")).toEqual({
    kind: "subscription_end",
    subscriptionId: "sub_1",
    at: "2026-06-15T08:59:00.000Z",
  });
  const discount = { id: "di_1", subscription: "sub_1", promotion_code: "promo_1", source: { coupon: "laurel" } };
  expect(told(discount, "customer.discount.created")).toEqual({
    kind: "subscription_start",
    aliases: [],
    subscriptionId: "sub_1",
    occurredAt: "2026-06-15T09:00:00.000Z",
    signals: { promotionCodeIds: ["promo_1"], clickId: null, email: null },
    complete: false,
  });
  expect(told({ ...discount, subscription: null }, "customer.discount.created").kind).toBe("ignored");
  expect(told({ ...discount, promotion_code: null }, "customer.discount.created").kind).toBe("ignored");
});
