import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { ConnectionEntity } from "@laurel/core/connection";
import { get, list as listEvents, sweepEvents } from "@laurel/core/event";
import { AppError, sha256 } from "@laurel/core/kernel";
import { list as listOrders } from "@laurel/core/order";
import { getItem } from "@laurel/core/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dump } from "../../packages/local/src/dump.ts";
import {
  ambassador,
  type Checkout,
  charge,
  event,
  openCheckout,
  providerId,
  purchase,
  refund,
  type StripeEvent,
  session,
  type TestAmbassador,
  withCode,
} from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { createWebhook } from "./app.ts";

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
const otherSecret = "whsec_test_other_connection";
let otherPath: string;
let otherId: string;

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  // Nothing is left of how she came in.
  world.clock.advance(20 * 60_000);
  otherId = world.newId("connection");
  otherPath = `/webhooks/stripe/${otherId}`;
  const other = { id: otherId, provider: "stripe" as const, name: "Other", livemode: false, namespace: "stripe_other" };
  await world.table.client.send(
    new PutCommand(ConnectionEntity.create(other).params({ table: world.table.name }) as never),
  );
  await world.ctx().gateways.secrets.putConnection(otherId, { apiKey: "sk_test_other", webhookSecrets: [otherSecret] });
});
afterAll(() => world.close());

const bytesOf = (told: unknown) => (typeof told === "string" ? told : JSON.stringify(told));
const bought = () => purchase(world.clock.now());
const sale = (changes: Record<string, unknown> = {}, more: Record<string, unknown> = {}): StripeEvent =>
  event(
    "checkout.session.completed",
    session(bought(), { ...withCode(anna.promotionCodeId), ...changes }),
    world.clock.now(),
    more,
  );

/** Which items a request made or changed. Nothing partial can hide from it. */
async function changes(act: () => Promise<Response>): Promise<{ response: Response; touched: string[] }> {
  const before = new Set(await dump(world.table));
  const response = await act();
  const touched = (await dump(world.table))
    .filter((line) => !before.has(line))
    .map((line) => {
      const { pk, sk } = JSON.parse(line) as { pk: string; sk: string };
      return `${pk.split("#")[0]} ${sk.split("#")[0]}`;
    })
    // When something last came, whatever it was: noted once a minute, beside everything else.
    .filter((what) => what !== "CONNECTION SEEN");
  return { response, touched };
}

const doneOf = async (told: StripeEvent, connectionId: string = world.program.connectionId) =>
  getItem(world.table, { pk: `EVT#${connectionId}#${told.id}`, sk: "DONE" });

/** What an attributed sale by code writes: event, order, ids, commission, entry, account. */
const wholeSale = ["ALIAS ALIAS", "ALIAS ALIAS", "AMB ACC", "AMB COM", "AMB LED", "EVT DONE", "EVT IN", "ORDER ORDER"];

test("a good sale writes exactly what belongs to it", async () => {
  const { response, touched } = await changes(() => checkout.tell(sale()));
  expect([response.status, touched.sort()]).toEqual([200, wholeSale]);
  expect(await response.json()).toEqual({ received: true });
});

const signed = (body: string | Uint8Array, header?: string) => ({
  body,
  headers: { "stripe-signature": header ?? checkout.sign(body) },
});
interface Refused {
  body?: string | Uint8Array;
  headers?: Record<string, string>;
  path?: string;
  method?: string;
}
const nowS = () => Math.floor(Date.now() / 1000);

test.each<[string, () => Refused, number]>([
  ["1: GET", () => ({ method: "GET" }), 405],
  ["1: PUT", () => ({ method: "PUT", ...signed(bytesOf(sale())) }), 405],
  [
    "2: a connection that does not exist",
    () => ({ ...signed(bytesOf(sale())), path: "/webhooks/stripe/con_00000000000000000000000000" }),
    404,
  ],
  [
    "2: a provider that does not exist",
    () => ({ ...signed(bytesOf(sale())), path: checkout.path.replace("stripe", "paypal") }),
    404,
  ],
  ["2: no connection", () => ({ ...signed(bytesOf(sale())), path: "/webhooks/stripe" }), 404],
  ["3: more than 1 MiB", () => signed(" ".repeat(1024 * 1024 + 1)), 413],
  [
    "3: more than 1 MiB, told by its header",
    () => ({ ...signed("{}"), headers: { "content-length": "2000000" } }),
    413,
  ],
  ["4: an empty body", () => signed(""), 400],
  [
    "6: gzip",
    () => ({ ...signed(bytesOf(sale())), headers: { ...signed(bytesOf(sale())).headers, "content-encoding": "gzip" } }),
    415,
  ],
  ["8: no signature", () => ({ body: bytesOf(sale()) }), 400],
  [
    "9: v0 only",
    () => {
      const body = bytesOf(sale());
      return signed(body, checkout.sign(body).replace("v1=", "v0="));
    },
    400,
  ],
  [
    "10: another merchant's secret",
    () => {
      const body = bytesOf(sale());
      return signed(body, checkout.sign(body, otherSecret));
    },
    400,
  ],
  [
    "11: 302 s old",
    () => {
      const body = bytesOf(sale());
      return signed(body, checkout.sign(body, undefined, nowS() - 302));
    },
    400,
  ],
  [
    "12: a year ahead",
    () => {
      const body = bytesOf(sale());
      return signed(body, checkout.sign(body, undefined, nowS() + 31_536_000));
    },
    400,
  ],
  [
    "14: written anew with other spaces",
    () => {
      const told = sale();
      return signed(JSON.stringify(told, null, 2), checkout.sign(bytesOf(told)));
    },
    400,
  ],
  [
    "15: a byte order mark",
    () => {
      const body = Buffer.from(`\ufeff${bytesOf(sale())}`);
      return signed(body);
    },
    400,
  ],
  [
    "15: bytes that are not UTF-8",
    () => {
      const body = Buffer.concat([Buffer.from(bytesOf(sale())), Buffer.from([0xff, 0xfe])]);
      return signed(body);
    },
    400,
  ],
  ["a header of rubbish", () => signed(bytesOf(sale()), "t=,v1=,,==;"), 400],
  [
    "a signature in upper case",
    () => {
      const body = bytesOf(sale());
      const [t, v1] = checkout.sign(body).split(",v1=");
      return signed(body, `${t},v1=${v1!.toUpperCase()}`);
    },
    400,
  ],
])("refused, and nothing written: %s", async (_name, request, status) => {
  const { method = "POST", path = checkout.path, body, headers = {} } = request();
  const app = createWebhook(world.runtime);
  const { response, touched } = await changes(async () =>
    app.request(path, { method, headers, ...(body !== undefined && method !== "GET" ? { body: body as never } : {}) }),
  );
  expect([response.status, touched]).toEqual([status, []]);
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem).toMatchObject({ status, code: expect.any(String), requestId: expect.any(String) });
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});

test("2: an unknown connection and another provider's are told apart by nothing", async () => {
  const answers = await Promise.all(
    ["/webhooks/stripe/con_00000000000000000000000000", checkout.path.replace("stripe", "shopify")].map(
      async (path) => {
        const response = await checkout.post("{}", {}, path);
        const { instance, requestId, ...rest } = (await response.json()) as Record<string, unknown>;
        return { status: response.status, rest };
      },
    ),
  );
  expect(answers[0]).toEqual(answers[1]);
});

const thin = (more: Record<string, unknown> = {}) => ({
  id: providerId("evt"),
  object: "v2.core.event",
  type: "v1.refund.created",
  created: "2026-06-15T10:00:00.000Z",
  livemode: false,
  related_object: { id: "re_1", type: "refund", url: "/v1/refunds/re_1" },
  ...more,
});

test("19: a thin event is kept and answered at once; what it is about is asked for afterwards", async () => {
  const of = bought();
  await checkout.tell(event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at));
  const told = thin() as unknown as StripeEvent;
  world.stripe.objects.set("/v1/refunds/re_1", refund(of, 5950));
  const asked = () => world.stripe.calls.filter((call) => call.name === "getObject").length;
  const before = asked();
  const { response, touched } = await changes(() => checkout.tell(told));
  expect([response.status, touched, asked() - before]).toEqual([200, ["EVT IN"], 0]);
  await world.settle();
  expect((await doneOf(told))?.status).toBe("processed");
  expect((await orderOf(of)).refundedMinor).toBe(5950);
});

test.each<[string, Error | undefined, string]>([
  ["404", undefined, "waiting"],
  ["403", new AppError("rejected", "stripe.rejected", "Stripe said no: not allowed"), "waiting"],
  ["429", new AppError("unavailable", "stripe.rate_limit", "Stripe asks for a pause."), "waiting"],
  ["a time-out", new AppError("unavailable", "stripe.unreachable", "Stripe cannot be reached."), "waiting"],
])("34: asking fails with %s: the event is answered already, and asked about again", async (_name, error, status) => {
  const of = bought();
  await checkout.tell(event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at));
  const told = thin({ related_object: { url: `/v1/refunds/re_of_${of.charge}` } }) as unknown as StripeEvent;
  const isThere = () => world.stripe.objects.set(`/v1/refunds/re_of_${of.charge}`, refund(of, 5950));
  if (error) isThere();
  expect((await checkout.tell(told)).status).toBe(200);
  if (error) world.stripe.failNext(error);
  await world.settle();
  const shown = await get(world.ctx(), `${world.program.connectionId}~${told.id}`);
  expect(shown).toMatchObject({ status, attempts: 1 });
  isThere();
  world.clock.advance(60_000);
  await sweepEvents(world.ctx());
  expect((await orderOf(of)).refundedMinor).toBe(5950);
});

test("33: a dispute of a status never seen holds the commission, and takes nothing", async () => {
  const of = bought();
  await checkout.tell(event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at));
  const strange = {
    id: providerId("du"),
    charge: of.charge,
    payment_intent: of.paymentIntent,
    amount: 11_900,
    currency: "eur",
    status: "teleported",
    balance_transactions: [],
  };
  const { response, touched } = await changes(() => checkout.tell(event("charge.dispute.created", strange, of.at)));
  expect(response.status).toBe(200);
  expect(touched.sort()).toEqual(["ALIAS ALIAS", "AMB ACC", "AMB COM", "AMB LED", "EVT DONE", "EVT IN", "ORDER ORDER"]);
  expect((await orderOf(of)).commission).toMatchObject({ state: "held", reversedMinor: 0 });
});

test("32: a dispute of an unknown payment waits", async () => {
  const of = bought();
  const told = event(
    "charge.dispute.created",
    { id: providerId("du"), charge: of.charge, amount: 5, currency: "eur", status: "needs_response" },
    of.at,
  );
  const { response, touched } = await changes(() => checkout.tell(told));
  expect([response.status, touched.sort()]).toEqual([200, ["ALIAS ALIAS", "ALIAS PARKED", "EVT DONE", "EVT IN"]]);
});

type Status = "processed" | "ignored" | "unprocessable";
const stored = ["EVT DONE", "EVT IN"];

test.each<[string, () => unknown, Status]>([
  ["7: 5,000 deep", () => `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`, "unprocessable"],
  ["17: null", () => null, "unprocessable"],
  ["17: a list", () => [], "unprocessable"],
  ["17: a number", () => 5, "unprocessable"],
  ["17: a text", () => '"x"', "unprocessable"],
  ["18: broken JSON", () => '{"id":"evt_broken","type":"refund.created"', "unprocessable"],
  ["19: a thin event of a kind that says nothing here", () => thin({ type: "v1.invoice.sent" }), "ignored"],
  ["19: a thin event that does not say where its object is", () => thin({ related_object: null }), "unprocessable"],
  [
    "19: a thin event that would have us ask elsewhere",
    () => thin({ related_object: { url: "https://evil.example/v1/x" } }),
    "unprocessable",
  ],
  ["20: an unknown type", () => event("checkout.session.teleported", {}, world.clock.now()), "ignored"],
  [
    "20: a transfer, of which nothing is made yet",
    () => event("transfer.reversed", { id: "tr_1" }, world.clock.now()),
    "ignored",
  ],
  ["21: of live mode", () => sale({}, { livemode: true }), "ignored"],
  ["22: of an account that is not the connection's", () => sale({}, { account: "acct_other" }), "unprocessable"],
  ["26: an amount as text", () => sale({ amount_total: "11900" }), "unprocessable"],
  ["26: an amount with a fraction", () => sale({ amount_total: 119.5 }), "unprocessable"],
  ["26: a negative amount", () => sale({ amount_total: -1 }), "unprocessable"],
  [
    "26: an amount beyond every number",
    () => bytesOf(sale()).replace('"amount_total":11900', '"amount_total":1e400'),
    "unprocessable",
  ],
  ["26: an amount above what is exact", () => sale({ amount_total: 2 ** 53 }), "unprocessable"],
  ["26: no amount", () => sale({ amount_total: null }), "unprocessable"],
  [
    "26: a refund's amount as text",
    () => event("refund.created", refund(bought(), 5, { amount: "5" }), world.clock.now()),
    "unprocessable",
  ],
  ["27: no currency", () => sale({ currency: null }), "unprocessable"],
  ["27: a currency that is none", () => sale({ currency: "zzz" }), "unprocessable"],
  ["28: no object", () => ({ ...sale(), data: {} }), "unprocessable"],
  ["28: an object that was deleted", () => sale({ deleted: true }), "unprocessable"],
  ["28: no data", () => ({ ...sale(), data: null }), "unprocessable"],
  [
    "26: an invoice without amounts",
    () => event("invoice.paid", { id: "in_1", currency: "eur", amount_paid: 100 }, world.clock.now()),
    "unprocessable",
  ],
  [
    "26: a dispute's amount as text",
    () =>
      event("charge.dispute.created", { id: "du_1", charge: "ch_1", amount: "5", currency: "eur" }, world.clock.now()),
    "unprocessable",
  ],
  ["a checkout for a subscription that names none", () => sale({ mode: "subscription" }), "unprocessable"],
  ["an event without a type", () => ({ ...sale(), type: undefined }), "unprocessable"],
])("stored, answered with 200 and without effect: %s", async (_name, told, status) => {
  const body = bytesOf(told());
  const { response, touched } = await changes(() => checkout.post(body, { "stripe-signature": checkout.sign(body) }));
  expect([response.status, touched.sort()]).toEqual([200, stored]);
  const done = (await dump(world.table))
    .map((line) => JSON.parse(line))
    .find((item) => item.sk === "DONE" && item.hash === sha256(body));
  expect([done?.status, done?.orderId]).toEqual([status, undefined]);
  // A marketer finds it in the inbox, where it looks for a person's attention if it needs any.
  const { items } = await listEvents(world.ctx(), { status });
  expect(items.map((each) => each.providerEventId)).toContain(done.eventId);
});

test.each<[string, () => { told: StripeEvent; body?: string; header?: (body: string) => string }]>([
  [
    "7: 5,000 deep inside its metadata",
    () => {
      const told = sale();
      return {
        told,
        body: bytesOf(told).replace('"metadata":{}', `"metadata":{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`),
      };
    },
  ],
  ["11: 298 s old", () => ({ told: sale(), header: (body) => checkout.sign(body, undefined, nowS() - 298) })],
  [
    "13: two signatures, the second good",
    () => ({ told: sale(), header: (body) => checkout.sign(body).replace(",v1=", `,v1=${"0".repeat(64)},v1=`) }),
  ],
  [
    "16: the header twice",
    () => ({ told: sale(), header: (body) => `${checkout.sign(body)}, ${checkout.sign(body)}` }),
  ],
  [
    "the secret that was current until now",
    () => ({ told: sale(), header: (body) => checkout.sign(body, world.webhookSecrets[1]) }),
  ],
  ["27: a currency in upper case", () => ({ told: sale({ currency: "EUR" }) })],
  ["29: a reference of 10 kB", () => ({ told: sale({ client_reference_id: "x".repeat(10_000) }) })],
  [
    "29: a reference that is SQL, HTML, line breaks, NUL and an emoji",
    () => ({ told: sale({ client_reference_id: "'; DROP TABLE x; --<script>\r\nX: y\u0000🙂" }) }),
  ],
  [
    "30: __proto__ and constructor in metadata",
    () => {
      const told = sale();
      return {
        told,
        body: bytesOf(told).replace(
          '"metadata":{}',
          '"metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
        ),
      };
    },
  ],
])("taken as the sale that it is: %s", async (_name, make) => {
  const { told, body = bytesOf(told), header = (text: string) => checkout.sign(text) } = make();
  const { response, touched } = await changes(() => checkout.post(body, { "stripe-signature": header(body) }));
  expect([response.status, touched.sort()]).toEqual([200, wholeSale]);
  expect((await doneOf(told))?.status).toBe("processed");
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect((await dump(world.table)).some((line) => line.includes("DROP TABLE") || line.includes("xxxxxxxxxx"))).toBe(
    false,
  );
});

test("23: the same id with another body or type: the first one counts, and the inbox says so", async () => {
  const told = sale();
  await checkout.tell(told);
  const other = { ...told, type: "checkout.session.async_payment_failed" };
  const { response, touched } = await changes(() => checkout.tell(other));
  expect([response.status, touched]).toEqual([200, ["EVT IN"]]);
  const shown = await get(world.ctx(), `${world.program.connectionId}~${told.id}`);
  expect(shown).toMatchObject({
    type: "checkout.session.completed",
    status: "processed",
    outcome: expect.stringContaining("Another body"),
  });
});

test("a redelivery that only counts fewer open deliveries is the same event", async () => {
  const told = sale();
  await checkout.tell(told);
  const { response, touched } = await changes(() => checkout.tell({ ...told, pending_webhooks: 0 }));
  expect([response.status, touched]).toEqual([200, []]);
});

test("24: another connection's event id under one's own secret touches nothing of the other", async () => {
  const told = sale();
  await checkout.tell(told);
  const forged = { ...told, data: { object: { ...told.data.object, amount_total: 1, total_details: null } } };
  const body = bytesOf(forged);
  const { response, touched } = await changes(() =>
    checkout.post(body, { "stripe-signature": checkout.sign(body, otherSecret) }, otherPath),
  );
  expect(response.status).toBe(200);
  // It is an order of its own, in its own space, and nobody's: the code is the other connection's.
  expect(touched.sort()).toEqual(["ALIAS ALIAS", "ALIAS ALIAS", "EFFECT EFFECT", "EVT DONE", "EVT IN", "ORDER ORDER"]);
  expect((await doneOf(told))?.status).toBe("processed");
  // And before the event itself came, it does not stand in its way.
  const next = sale();
  const early = bytesOf(next);
  await checkout.post(early, { "stripe-signature": checkout.sign(early, otherSecret) }, otherPath);
  const own = await changes(() => checkout.tell(next));
  expect(own.touched.sort()).toEqual(wholeSale);
});

const orderOf = async (of: { session: string }) => {
  return (await listOrders(world.ctx(), { externalId: of.session })).items[0]!;
};

test("31: more refunded than paid is cut to what was paid; another currency changes nothing", async () => {
  const of = bought();
  await checkout.tell(event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at));
  await checkout.tell(event("refund.created", refund(of, 3000, { currency: "usd" }), of.at));
  expect(await orderOf(of)).toMatchObject({ status: "paid", refundedMinor: 0, commission: { reversedMinor: 0 } });
  await checkout.tell(event("refund.created", refund(of, 99_999), of.at));
  const { commission, ...order } = await orderOf(of);
  expect(order).toMatchObject({ status: "refunded", refundedMinor: 11_900 });
  expect(commission).toMatchObject({ state: "reversed", reversedMinor: commission!.earnedMinor });
  // Both are written on the order, for a person to see.
  const stored = await getItem(world.table, { pk: `ORDER#${order.id}`, sk: "ORDER" });
  expect(stored?.flags).toEqual(["refund_currency_USD", "refund_above_gross"]);
});

test("32: a refund of an unknown payment waits", async () => {
  const of = bought();
  const { response, touched } = await changes(() => checkout.tell(event("charge.refunded", charge(of, 500), of.at)));
  expect([response.status, touched.sort()]).toEqual([
    200,
    ["ALIAS ALIAS", "ALIAS ALIAS", "ALIAS PARKED", "EVT DONE", "EVT IN"],
  ]);
});

test("nothing of all this was a surprise to us, and all that nobody understood has raised the alarm", async () => {
  const items = (await dump(world.table)).map((line) => JSON.parse(line));
  const unclear = items.filter((item) => item.sk === "DONE" && item.status === "unprocessable");
  expect(unclear.length).toBeGreaterThan(20);
  expect(world.metrics.DeadLetters).toBe(unclear.length);
  expect(world.logs.filter((each) => each.level === "error")).toEqual([]);
});
