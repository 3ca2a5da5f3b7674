import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Order } from "@laurel/contract";
import * as Events from "@laurel/core/event";
import { accountsOf, balancesOf } from "@laurel/core/ledger";
import { checkLedger } from "@laurel/core/ledger-check";
import * as Orders from "@laurel/core/order";
import type { Item } from "@laurel/core/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  type Purchase,
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
import { createRedirect } from "../redirect.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
let bela: TestAmbassador;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Probe", { tierId: world.program.laurelTierId });
});
afterAll(async () => {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const bought = (more: Partial<Purchase> = {}) => purchase(world.clock.now(), more);
const completed = (of: Purchase, more: Record<string, unknown> = {}) =>
  event("checkout.session.completed", session(of, more), of.at);
const tell = async (...told: StripeEvent[]) => {
  for (const each of told) expect((await checkout.tell(each)).status).toBe(200);
};
const ordersOf = async (of: Purchase): Promise<Order[]> =>
  (await Orders.list(world.ctx(), { externalId: of.session })).items;
async function orderOf(of: Purchase): Promise<Order> {
  const [order] = await ordersOf(of);
  expect(order).toBeDefined();
  return order!;
}
async function itemsOf(pk: string): Promise<Item[]> {
  const { Items = [] } = await world.table.client.send(
    new ScanCommand({
      TableName: world.table.name,
      ConsistentRead: true,
      FilterExpression: "begins_with(pk, :pk)",
      ExpressionAttributeValues: { ":pk": pk },
    }),
  );
  return Items;
}
const balance = async (who: TestAmbassador, currency = "EUR") => {
  const account = (await accountsOf(world.table, who.id)).find((each) => each.currency === currency);
  return account && balancesOf(account);
};
const receiptOf = (order: Order, actor = world.staff("viewer")) => Orders.receipt(world.ctx(actor), order.id);

test("a sale by promotion code: order, commission, balance, and the receipt says why", async () => {
  const of = bought({ currency: "gbp" });
  await tell(completed(of, { ...withCode(anna.promotionCodeId), ...withEmail("one@example.com") }));
  expect(await orderOf(of)).toEqual({
    id: expect.stringMatching(/^ord_/),
    connectionId: world.program.connectionId,
    externalIds: [of.session, of.paymentIntent],
    occurredAt: of.at.toISOString(),
    status: "paid",
    currency: "GBP",
    grossMinor: 11_900,
    baseMinor: 10_000,
    refundedMinor: 0,
    disputedMinor: 0,
    newCustomer: true,
    number: null,
    subscriptionId: null,
    mergedInto: null,
    attribution: { ambassadorId: anna.id, code: anna.code, reason: "promotion_code" },
    // 30 days after 15 June, at midnight in Berlin.
    commission: {
      earnedMinor: 1000,
      reversedMinor: 0,
      state: "pending",
      releaseAt: "2026-07-14T22:00:00.000Z",
      releaseDay: "2026-07-15",
    },
  });
  expect(await balance(anna, "GBP")).toMatchObject({ pendingMinor: 1000, availableMinor: 0, earnedMinor: 1000 });
  const receipt = await receiptOf(await orderOf(of));
  expect(receipt).toMatchObject({
    revision: 1,
    summary: `It belongs to Anna Muster, because of the promo code ${anna.code}.`,
    candidates: [{ who: "Anna Muster", outcome: "won", rule: "strongest_signal" }],
    base: {
      baseMinor: 10_000,
      lines: [
        { label: "Paid in all", amountMinor: 11_900 },
        { label: "Tax", amountMinor: -1900 },
      ],
    },
    rate: { tierName: "Starter", rateBp: 1000 },
    commission: { releaseDay: "2026-07-15" },
  });
});

test("each tier has its own rate", async () => {
  const of = bought({ currency: "chf" });
  await tell(completed(of, withCode(bela.promotionCodeId)));
  expect((await orderOf(of)).commission).toMatchObject({ earnedMinor: 1500 });
});

test("50 deliveries of one event at once: 50 × 200, one order, one commission, exact balances", async () => {
  const of = bought({ currency: "sek" });
  const told = completed(of, { ...withCode(anna.promotionCodeId), ...withEmail("fifty@example.com") });
  const answers = await Promise.all(Array.from({ length: 50 }, () => checkout.tell(told)));
  expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(200));
  await world.settle();
  expect(await ordersOf(of)).toHaveLength(1);
  expect(
    (await itemsOf("AMB#")).filter((item) => item.currency === "SEK" && item.__edb_e__ === "commission"),
  ).toHaveLength(1);
  expect((await itemsOf("AMB#")).filter((item) => item.currency === "SEK" && item.__edb_e__ === "entry")).toHaveLength(
    1,
  );
  expect(await balance(anna, "SEK")).toMatchObject({ pendingMinor: 1000, earnedMinor: 1000, reversedMinor: 0 });
});

test("the same purchase told by 20 different events at once is one order", async () => {
  const of = bought({ currency: "nok" });
  const events = Array.from({ length: 20 }, (_, n) =>
    n % 2
      ? completed(of, withCode(anna.promotionCodeId))
      : event("checkout.session.async_payment_succeeded", session(of, withCode(anna.promotionCodeId)), of.at),
  );
  const answers = await Promise.all(events.map((told) => checkout.tell(told)));
  expect(answers.every((answer) => answer.status === 200)).toBe(true);
  await world.settle();
  world.clock.advance(minuteMs);
  await Events.sweepEvents(world.ctx());
  expect(await ordersOf(of)).toHaveLength(1);
  expect(await balance(anna, "NOK")).toMatchObject({ pendingMinor: 1000, earnedMinor: 1000 });
});

test("a slow payment: pending first, earned when it comes, void when it fails, in both orders", async () => {
  const slow = (of: Purchase) => completed(of, { ...withCode(anna.promotionCodeId), payment_status: "unpaid" });
  const ends = (of: Purchase, how: "succeeded" | "failed") =>
    event(
      `checkout.session.async_payment_${how}`,
      session(of, { ...withCode(anna.promotionCodeId), payment_status: how === "failed" ? "unpaid" : "paid" }),
      of.at,
    );
  const of = () => bought({ currency: "czk" });

  const first = of();
  await tell(slow(first));
  expect(await orderOf(first)).toMatchObject({
    status: "pending",
    commission: null,
    attribution: { ambassadorId: anna.id },
  });
  expect(await balance(anna, "CZK")).toBeUndefined();
  await tell(ends(first, "succeeded"));
  expect(await orderOf(first)).toMatchObject({ status: "paid", commission: { earnedMinor: 1000, state: "pending" } });

  const second = of();
  await tell(ends(second, "succeeded"), slow(second));
  expect(await orderOf(second)).toMatchObject({ status: "paid", commission: { earnedMinor: 1000 } });

  const third = of();
  await tell(slow(third), ends(third, "failed"));
  expect(await orderOf(third)).toMatchObject({ status: "void", commission: null });

  const fourth = of();
  await tell(ends(fourth, "failed"), slow(fourth));
  expect(await orderOf(fourth)).toMatchObject({ status: "void", commission: null });
  expect(await balance(anna, "CZK")).toMatchObject({ pendingMinor: 2000, earnedMinor: 2000 });
});

test("nothing paid is a conversion that earns nothing", async () => {
  const of = bought({ totalMinor: 0, currency: "ron" });
  await tell(
    completed(of, { ...withCode(anna.promotionCodeId), payment_status: "no_payment_required", payment_intent: null }),
  );
  expect(await orderOf(of)).toMatchObject({
    status: "paid",
    grossMinor: 0,
    baseMinor: 0,
    commission: { earnedMinor: 0, state: "pending" },
  });
  expect(await balance(anna, "RON")).toBeUndefined();
});

test("an unknown promotion code is looked up, and the order decided again", async () => {
  // The code exists at the checkout and is ours, but its id never reached us.
  const id = providerId("promo");
  world.stripe.promotionCodes.set(id, { ...world.stripe.promotionCodes.get(anna.promotionCodeId)!, id, active: false });
  const { click } = await clickOn(bela);
  const of = bought({ currency: "huf" });
  await tell(completed(of, { ...withCode(id), client_reference_id: click }));
  const before = await orderOf(of);
  expect(before).toMatchObject({ status: "paid", attribution: null, commission: null });
  expect(await receiptOf(before)).toMatchObject({
    revision: 1,
    summary: expect.stringContaining("being looked up"),
    candidates: [{ rule: "not_known_yet" }, { who: "Bela Probe", rule: "weaker_signal", outcome: "lost" }],
  });
  // Paid in part back meanwhile: what is earned later is reversed in the same entry.
  await tell(event("refund.created", refund(of, 5950), of.at));

  const calls = world.stripe.calls.length;
  await world.settle();
  expect(world.stripe.calls.slice(calls).map((call) => call.name)).toEqual(["getPromotionCode"]);
  const after = await orderOf(of);
  expect(after).toMatchObject({
    attribution: { ambassadorId: anna.id, code: anna.code, reason: "promotion_code" },
    status: "partly_refunded",
    commission: { earnedMinor: 1000, reversedMinor: 500 },
  });
  expect(await receiptOf(after)).toMatchObject({
    revision: 2,
    candidates: [
      { who: "Anna Muster", rule: "strongest_signal", outcome: "won" },
      { who: "Bela Probe", rule: "weaker_signal", outcome: "lost" },
    ],
    revisions: [
      { revision: 1, cause: "First decision" },
      { revision: 2, cause: expect.stringContaining("looked up") },
    ],
  });
  expect(await balance(anna, "HUF")).toMatchObject({ pendingMinor: 500, earnedMinor: 1000, reversedMinor: 500 });

  // The next order with it needs no look-up.
  const next = bought({ currency: "huf" });
  await tell(completed(next, withCode(id)));
  expect((await orderOf(next)).attribution?.ambassadorId).toBe(anna.id);
});

test.each([
  ["of the shop's own", "SUMMER", {}],
  ["that pretends to be ours", undefined, { laurel_code: "x", laurel_ambassador: "amb_somebody" }],
  ["that the checkout does not know", null, {}],
])("a code %s lets the click win in the second decision", async (_name, code, metadata) => {
  const id = providerId("promo");
  if (code !== null)
    world.stripe.promotionCodes.set(id, {
      id,
      code: code ?? anna.code,
      active: true,
      couponId: "c",
      metadata: metadata as Record<string, string>,
    });
  const { click } = await clickOn(bela);
  const of = bought();
  await tell(completed(of, { ...withCode(id), client_reference_id: click }));
  await world.settle();
  const order = await orderOf(of);
  expect(order).toMatchObject({
    attribution: { ambassadorId: bela.id, reason: "click" },
    commission: { earnedMinor: 1500 },
  });
  expect((await receiptOf(order)).candidates.map((each) => each.rule)).toEqual(["not_ours", "strongest_signal"]);
});

test("two codes that nobody knows are looked up one after the other", async () => {
  const [foreign, ours] = [providerId("promo"), providerId("promo")];
  world.stripe.promotionCodes.set(ours, {
    ...world.stripe.promotionCodes.get(anna.promotionCodeId)!,
    id: ours,
    active: false,
  });
  const of = bought();
  await tell(completed(of, { discounts: [{ promotion_code: foreign }, { promotion_code: ours }] }));
  await world.settle();
  expect((await orderOf(of)).attribution).toMatchObject({ ambassadorId: anna.id, reason: "promotion_code" });
});

test("while the checkout does not answer, the order waits for its code", async () => {
  const id = providerId("promo");
  world.stripe.promotionCodes.set(id, { ...world.stripe.promotionCodes.get(anna.promotionCodeId)!, id, active: false });
  const { AppError } = await import("@laurel/core/kernel");
  const of = bought();
  await tell(completed(of, withCode(id)));
  world.stripe.failNext(new AppError("unavailable", "stripe.unavailable", "Stripe has trouble."));
  await world.settle();
  expect((await orderOf(of)).attribution).toBeNull();
  const { sweepEffects } = await import("@laurel/core/effect-runner");
  world.clock.advance(5 * minuteMs);
  await sweepEffects(world.ctx());
  expect((await orderOf(of)).attribution?.ambassadorId).toBe(anna.id);
});

test("a late order with a code that was disabled meanwhile still attributes", async () => {
  const { CodeEntity, findCode, PromoEntity, promotionCodesOf } = await import("@laurel/core/code");
  const { transact, write } = await import("@laurel/core/table");
  const carl = await ambassador(world, "Carl Gone");
  const code = (await findCode(world.ctx(), carl.code))!;
  const at = { table: world.table.name };
  const gone = { ...code, state: "disabled" as const, ambassadorStatus: "left" as const, version: code.version + 1 };
  await transact(world.table, [
    write.put("code", CodeEntity.put(gone).params(at)),
    ...Object.entries(promotionCodesOf(code)).map(([connectionId, promotionCodeId]) =>
      write.put(
        `promo ${promotionCodeId}`,
        PromoEntity.put({
          connectionId,
          promotionCodeId,
          ours: true,
          code: code.code,
          ambassadorId: code.ambassadorId,
          campaignId: code.campaignId,
          tierId: code.tierId,
          ambassadorStatus: "left",
        }).params(at),
      ),
    ),
  ]);
  const of = bought();
  await tell(completed(of, withCode(carl.promotionCodeId)));
  expect(await orderOf(of)).toMatchObject({
    attribution: { ambassadorId: carl.id },
    commission: { earnedMinor: 1000 },
  });
});

const phone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/** A visit by somebody's link, as a browser makes it. */
async function clickOn(who: TestAmbassador): Promise<{ click: string; to: URL }> {
  const redirect = createRedirect({
    table: world.table,
    now: world.clock.now,
    newId: world.newId,
    log: world.runtime.log,
  });
  const answer = await redirect.request(`/r/${who.code}?utm_source=insta`, {
    headers: { "user-agent": phone },
  });
  const to = new URL(answer.headers.get("location")!);
  return { click: to.searchParams.get("laurel_click")!, to };
}

test("a click by the link attributes, from the redirect to the receipt", async () => {
  const { click, to } = await clickOn(bela);
  expect([to.searchParams.get("laurel_code"), to.searchParams.get("utm_source")]).toEqual([bela.code, "insta"]);
  world.clock.advance(3 * dayMs);
  const of = bought();
  await tell(completed(of, { client_reference_id: click }));
  const order = await orderOf(of);
  expect(order).toMatchObject({
    attribution: { ambassadorId: bela.id, code: bela.code, reason: "click" },
    commission: { earnedMinor: 1500 },
  });
  expect((await receiptOf(order)).signals).toEqual([
    { kind: "click", value: click, seenAt: new Date(world.clock.now().getTime() - 3 * dayMs).toISOString() },
  ]);
});

test("a click that is older than the window, or that nobody knows, attributes to nobody", async () => {
  const { click } = await clickOn(bela);
  world.clock.advance(31 * dayMs);
  const late = bought();
  await tell(completed(late, { client_reference_id: click }));
  expect((await receiptOf(await orderOf(late))).candidates).toMatchObject([
    { rule: "outside_window", outcome: "lost" },
  ]);
  const unknown = bought();
  await tell(completed(unknown, { client_reference_id: "clk_01hzy3v8k2e8mbd3fwq6c5t9xa" }));
  expect(await orderOf(unknown)).toMatchObject({ attribution: null, commission: null, status: "paid" });
  expect((await receiptOf(await orderOf(unknown))).candidates).toMatchObject([
    { who: "nobody", rule: "unknown_click" },
  ]);
});

test("a known customer: whoever brought them first has their later orders that nobody else brings", async () => {
  const email = withEmail("Regular@Example.com ");
  const first = bought();
  await tell(completed(first, { ...withCode(anna.promotionCodeId), ...email }));
  const second = bought();
  await tell(completed(second, withEmail("regular@example.com")));
  expect(await orderOf(second)).toMatchObject({
    attribution: { ambassadorId: anna.id, code: anna.code, reason: "customer" },
    commission: { earnedMinor: 1000 },
  });
  // Another's code wins the order, and not the customer.
  const third = bought();
  await tell(completed(third, { ...withCode(bela.promotionCodeId), ...email }));
  expect((await orderOf(third)).attribution).toMatchObject({ ambassadorId: bela.id, reason: "promotion_code" });
  const fourth = bought();
  await tell(completed(fourth, email));
  expect((await orderOf(fourth)).attribution).toMatchObject({ ambassadorId: anna.id, reason: "customer" });
  const [customer] = (await itemsOf("CUS#")).filter(
    (item) => item.boundAmbassadorId === anna.id && item.orderCount === 4,
  );
  expect(customer).toBeDefined();
});

test("a customer counts once for a purchase that is told again, and not before it is paid", async () => {
  const email = withEmail("slow@example.com");
  const of = bought();
  await tell(completed(of, { ...email, payment_status: "unpaid" }));
  const counted = async () =>
    (await itemsOf("CUS#")).find((item) => item.firstOrderId && item.orderCount && item.pk === customerPk)?.orderCount;
  const { emailKey } = await import("@laurel/core/kernel");
  const customerPk = `CUS#${emailKey(world.ctx().keys, "slow@example.com")}`;
  expect(await counted()).toBeUndefined();
  await tell(event("checkout.session.async_payment_succeeded", session(of, email), of.at), completed(of, email));
  expect(await counted()).toBe(1);
});

test("a replay of what was decided well changes no money", async () => {
  const of = bought({ currency: "isk" });
  const sale = completed(of, { ...withCode(anna.promotionCodeId), ...withEmail("replay@example.com") });
  const back = event("refund.created", refund(of, 5950), of.at);
  await tell(sale, back);
  const before = [await orderOf(of), await balance(anna, "ISK")];
  const manager = world.ctx(world.staff("manager"));
  for (const told of [sale, back, sale]) {
    const shown = await Events.replay(manager, `${world.program.connectionId}~${told.id}`);
    expect(shown.status).toBe("processed");
  }
  const { version: _before, ...balanceBefore } = { version: 0, ...(before[1] as object) };
  expect([await orderOf(of), await balance(anna, "ISK")]).toEqual([before[0], balanceBefore]);
  const audited = (await itemsOf("AUDIT")).filter(
    (item) => item.action === "event.replayed" && item.subject?.includes(sale.id),
  );
  expect(audited).toHaveLength(2);
  const entries = (await itemsOf("AMB#")).filter((item) => item.__edb_e__ === "entry" && item.currency === "ISK");
  expect(entries.map((item) => item.kind).sort()).toEqual(["earn", "reverse"]);
});

test("the ambassador is thanked once for a sale, and not for one that came back", async () => {
  const of = bought();
  const sale = completed(of, withCode(anna.promotionCodeId));
  await world.settle();
  world.mails.length = 0;
  await Promise.all([checkout.tell(sale), checkout.tell(sale)]);
  await world.settle();
  await world.settle();
  expect(world.mails.map((mail) => mail.to)).toEqual([anna.email]);
  const returned = bought();
  await tell(
    completed(returned, withCode(anna.promotionCodeId)),
    event("refund.created", refund(returned, 11_900), returned.at),
  );
  await world.settle();
  expect(world.mails).toHaveLength(1);
});
