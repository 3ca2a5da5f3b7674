import type { Id, Order, Receipt } from "@laurel/contract";
import { Receipt as ReceiptSchema } from "@laurel/contract";
import { createRedirect } from "@laurel/functions/redirect.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dump } from "../../../local/src/dump.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  providerId,
  purchase,
  refund,
  session,
  type TestAmbassador,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import * as Events from "../event/index.ts";
import type { Actor } from "../kernel/index.ts";
import { defaultRules } from "../program/index.ts";
import * as Orders from "./index.ts";

/** Recognisable wherever they should turn up. */
const buyer = {
  email: "Wilhelmina.Buyer@private.example",
  name: "Wilhelmina Geheim",
  street: "Verborgene Gasse 7",
  phone: "+43 660 5550199",
};
const traces = ["wilhelmina", "geheim", "verborgene", "5550199", "private.example"];

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
let bela: TestAmbassador;
let order: Order;
let click: string;
const at = { first: "2026-06-15T10:00:00.000Z", clicked: "2026-06-14T10:00:00.000Z" };

beforeAll(async () => {
  world = await openWorld({ now: at.clicked });
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Probe", { tierId: world.program.laurelTierId });
  const shopper = (email = buyer.email) => ({
    customer: "cus_test000001",
    customer_email: buyer.email,
    customer_details: {
      email,
      name: buyer.name,
      phone: buyer.phone,
      address: { line1: buyer.street, city: "Wien", country: "AT" },
    },
    collected_information: { shipping_details: { name: buyer.name, address: { line1: buyer.street } } },
    metadata: { note: `for ${buyer.name}` },
    custom_fields: [{ key: "phone", text: { value: buyer.phone } }],
  });
  // The buyer is known as Bela's, clicked Anna's link, and pays with a code that is Bela's but must be looked up first.
  const known = purchase(world.clock.now());
  await checkout.tell(
    event(
      "checkout.session.completed",
      session(known, { ...shopper(), discounts: [{ promotion_code: bela.promotionCodeId }] }),
      known.at,
    ),
  );
  const redirect = createRedirect({
    table: world.table,
    now: world.clock.now,
    newId: world.newId,
    log: world.runtime.log,
  });
  const visit = await redirect.request(`/r/${anna.code}`, {
    headers: {
      "user-agent":
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    },
  });
  click = new URL(visit.headers.get("location")!).searchParams.get("laurel_click")!;
  world.clock.set(at.first);
  const foreign = providerId("promo");
  const of = purchase(world.clock.now());
  await checkout.tell(
    event(
      "checkout.session.completed",
      session(of, { ...shopper(), discounts: [{ promotion_code: foreign }], client_reference_id: click }),
      of.at,
    ),
  );
  world.clock.advance(60_000);
  await world.settle();
  await checkout.tell(event("refund.created", refund(of, 5950), world.clock.now()));
  [order] = (await Orders.list(world.ctx(), { externalId: of.session })).items as [Order];
});
afterAll(() => world.close());

const as = (who: TestAmbassador): Actor => ({
  kind: "person",
  personId: world.newId("person") as Id<"person">,
  roles: ["ambassador"],
  ambassadorId: who.id,
  network: "127.0.0.1",
});
const receiptFor = (actor: Actor): Promise<Receipt> => Orders.receipt(world.ctx(actor), order.id);

test("both renderings, field by field", async () => {
  const staff = await receiptFor(world.staff("viewer"));
  const own = await receiptFor(as(anna));
  expect([ReceiptSchema.parse(staff), ReceiptSchema.parse(own)]).toEqual([staff, own]);

  expect(staff).toEqual({
    orderId: order.id,
    audience: "staff",
    revision: 2,
    decidedAt: "2026-06-15T10:01:00.000Z",
    summary: `It belongs to Anna Muster, because of the click on the link ${anna.code}.`,
    order: {
      version: expect.any(Number),
      number: null,
      connectionId: world.program.connectionId,
      externalIds: order.externalIds,
      occurredAt: at.first,
      status: "partly_refunded",
      currency: "EUR",
      grossMinor: 11_900,
      refundedMinor: 5950,
    },
    signals: [
      { kind: "promotion_code", value: expect.stringMatching(/^promo_/), seenAt: null },
      { kind: "click", value: click, seenAt: at.clicked },
      { kind: "customer", value: null, seenAt: "2026-06-14T10:00:00.000Z" },
    ],
    candidates: [
      {
        who: "nobody",
        ambassadorId: null,
        kind: "promotion_code",
        code: null,
        outcome: "lost",
        rule: "not_ours",
        explanation: "The code is not one of this program",
      },
      {
        who: "Anna Muster",
        ambassadorId: anna.id,
        kind: "click",
        code: anna.code,
        outcome: "won",
        rule: "strongest_signal",
        explanation: "The strongest signal that named an ambassador",
      },
      {
        who: "Bela Probe",
        ambassadorId: bela.id,
        kind: "customer",
        code: bela.code,
        outcome: "lost",
        rule: "weaker_signal",
        explanation: "A stronger signal named somebody",
      },
    ],
    rules: { version: 1, ...defaultRules, holdDays: 30 },
    inputs: { newCustomer: false, subscription: null },
    holds: [],
    base: {
      baseMinor: 10_000,
      lines: [
        { label: "Paid in all", amountMinor: 11_900 },
        { label: "Tax", amountMinor: -1900 },
      ],
    },
    rate: { tierId: world.program.starterTierId, tierName: "Starter", rateBp: 1000 },
    commission: {
      earnedMinor: 1000,
      reversedMinor: 500,
      state: "pending",
      releaseAt: "2026-07-14T22:00:00.000Z",
      releaseDay: "2026-07-15",
    },
    reversals: [
      { at: "2026-06-15T10:01:00.000Z", cause: "refund", refundedMinor: 5950, disputedMinor: 0, reversedMinor: 500 },
    ],
    revisions: [
      { revision: 1, decidedAt: at.first, cause: "First decision" },
      { revision: 2, decidedAt: "2026-06-15T10:01:00.000Z", cause: "The promotion code was looked up at the checkout" },
    ],
  } satisfies Receipt);

  // The ambassador's is the same, but for these fields.
  const another = (rule: Receipt["candidates"][number]["rule"], explanation: string) => ({
    who: "another ambassador",
    ambassadorId: null,
    kind: null,
    code: null,
    outcome: "lost" as const,
    rule,
    explanation,
  });
  expect(own).toEqual({
    ...staff,
    audience: "ambassador",
    summary: `It is yours, because of the click on the link ${anna.code}.`,
    order: { ...staff.order, connectionId: null, externalIds: [] },
    signals: [staff.signals[1]!],
    candidates: [
      another("not_ours", "The code is not one of this program"),
      { ...staff.candidates[1]!, who: "you" },
      another("weaker_signal", "A stronger signal named somebody"),
    ],
  });
});

test("an ambassador's receipt has no word about anybody else", async () => {
  const text = JSON.stringify(await receiptFor(as(anna)));
  for (const other of [bela.id, bela.code, "Bela", "Probe", "promo_", "pi_test", "cs_test", "con_"])
    expect(text).not.toContain(other);
  expect(text).toContain(anna.code);
});

test("somebody else's receipt looks like one that does not exist", async () => {
  const attempt = (id: string) =>
    Orders.receipt(world.ctx(as(bela)), id).then(
      () => "open",
      (error) => ({ ...error, message: error.message }),
    );
  const theirs = await attempt(order.id);
  expect(theirs).toMatchObject({ kind: "not_found" });
  expect(await attempt(world.newId("order"))).toEqual(theirs);
});

test("nothing about the buyer is in any receipt, list, inbox, log or mail, nor in any item but the stored body", async () => {
  const manager = world.ctx(world.staff("manager"));
  const events = await Events.list(manager, {});
  const shown = {
    receipts: [await receiptFor(world.staff("owner")), await receiptFor(as(anna))],
    orders: [
      await Orders.list(manager, {}),
      await Orders.list(manager, { code: anna.code }),
      await Orders.mine(world.ctx(as(anna)), {}),
    ],
    commissions: await Orders.myCommissions(world.ctx(as(anna)), {}),
    events,
    payloads: await Promise.all(events.items.map((each) => Events.get(manager, each.id))),
    logs: world.logs,
    mails: world.mails,
  };
  expect(shown.payloads.length).toBe(3);
  expect(shown.orders[0]!.items.length).toBe(2);
  const text = JSON.stringify(shown).toLowerCase();
  for (const trace of traces) expect(text).not.toContain(trace);
  // The body itself is gzipped; everything else in the table is searched as it stands.
  const stored = (await dump(world.table)).join("\n").toLowerCase();
  for (const trace of traces) expect(stored).not.toContain(trace);
});

test("an ambassador's list of orders names no ids of the checkout", async () => {
  const { items } = await Orders.mine(world.ctx(as(anna)), {});
  expect(items).toMatchObject([
    { id: order.id, externalIds: [], attribution: { ambassadorId: anna.id, code: anna.code, reason: "click" } },
  ]);
  expect((await Orders.mine(world.ctx(as(bela)), {})).items.map((each) => each.attribution?.ambassadorId)).toEqual([
    bela.id,
  ]);
});
