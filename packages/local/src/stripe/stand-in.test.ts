import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKey, openReceiver, openStandIn, webhookSecret } from "./testing.ts";

type Opened = Awaited<ReturnType<typeof openStandIn>>;
type Receiver = Awaited<ReturnType<typeof openReceiver>>;

const unique = () => Math.random().toString(36).slice(2, 10).toUpperCase();
const refusal = (promise: PromiseLike<unknown>): Promise<Stripe.errors.StripeError> =>
  Promise.resolve(promise).then(
    () => expect.fail("it should have been refused"),
    (error) => {
      expect(error).toBeInstanceOf(Stripe.errors.StripeError);
      return error;
    },
  );

let opened: Opened;
let receiver: Receiver;
let stripe: Stripe;
beforeAll(async () => {
  receiver = await openReceiver();
  opened = await openStandIn({ webhookUrl: receiver.url });
  stripe = opened.stripe;
  await stripe.coupons.create({ id: "spring", percent_off: 15, duration: "once", name: "Spring" });
});
afterAll(async () => {
  await opened.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
});

const lineOf = (unitAmount: number, currency = "eur", more: object = {}) => ({
  quantity: 1,
  price_data: { currency, unit_amount: unitAmount, product_data: { name: "Demo trail shoes" } },
  ...more,
});
const sessionOf = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}): Stripe.Checkout.SessionCreateParams => ({
  mode: "payment",
  line_items: [lineOf(10_000)],
  success_url: "https://shop.example/thanks",
  ...more,
});
const buy = async (
  more: Partial<Stripe.Checkout.SessionCreateParams> = {},
  buyer: object = { email: "ada@example.com" },
) => {
  const { id } = await stripe.checkout.sessions.create(sessionOf(more));
  return (await opened.standIn.complete(apiKey, id, buyer)).session;
};

describe("who may ask, and how", () => {
  test("without a key or with an unknown one: 401, and the key is blacked out", async () => {
    const error = await refusal(opened.sdk("sk_test_unknown_key_1234").coupons.list());
    expect(error).toMatchObject({ type: "StripeAuthenticationError", statusCode: 401 });
    expect(error.message).toMatch(/^Invalid API Key provided: sk_test_\*+1234$/);
    const bare = await fetch(`${opened.apiBase}/v1/coupons`);
    expect(bare.status).toBe(401);
    expect(await bare.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining("did not provide an API key") },
    });
  });

  test("an address that does not exist, another API version and JSON are refused", async () => {
    const ask = (path: string, init: RequestInit) =>
      fetch(opened.apiBase + path, {
        ...init,
        headers: { authorization: `Bearer ${apiKey}`, ...(init.headers as object) },
      });
    expect((await ask("/v1/customers", { method: "GET" })).status).toBe(404);
    expect((await ask("/v1/coupons", { method: "GET", headers: { "stripe-version": "2020-08-27" } })).status).toBe(400);
    expect(
      (await ask("/v1/coupons", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }))
        .status,
    ).toBe(400);
    const basic = await fetch(`${opened.apiBase}/v1/coupons`, {
      headers: { authorization: `Basic ${btoa(`${apiKey}:`)}` },
    });
    expect(basic.status).toBe(200);
  });

  test.each<[string, () => PromiseLike<unknown>, object]>([
    [
      "an unknown parameter",
      () => stripe.coupons.create({ percent_off: 5, colour: "red" } as never),
      { code: "parameter_unknown", param: "colour" },
    ],
    [
      "an unknown parameter inside",
      () => stripe.checkout.sessions.create(sessionOf({ line_items: [lineOf(100, "eur", { amount: 5 })] })),
      { code: "parameter_unknown", param: "line_items[0][amount]" },
    ],
    [
      "a missing one",
      () => stripe.promotionCodes.create({} as never),
      { code: "parameter_missing", param: "promotion" },
    ],
    [
      "a number that is none",
      () => stripe.refunds.create({ amount: "ten" as never, charge: "ch_1" }),
      { code: "parameter_invalid_integer", param: "amount" },
    ],
    [
      "a broken amount",
      () => stripe.refunds.create({ amount: 10.5, charge: "ch_1" }),
      { code: "parameter_invalid_integer", param: "amount" },
    ],
    [
      "an empty text",
      () => stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: "" } }),
      { code: "parameter_invalid_empty" },
    ],
    [
      "the old place of a coupon",
      () => stripe.promotionCodes.create({ coupon: "spring", code: "OLD" } as never),
      { statusCode: 400 },
    ],
    ["a page of 101", () => stripe.events.list({ limit: 101 }), { param: "limit" }],
    [
      "a cursor that is nowhere",
      () => stripe.events.list({ starting_after: "evt_none" }),
      { code: "resource_missing", param: "starting_after" },
    ],
    [
      "a part that cannot be expanded",
      () => stripe.coupons.retrieve("spring", { expand: ["shop"] }),
      { param: "expand" },
    ],
  ])("%s is refused by name", async (_name, ask, expected) => {
    expect(await refusal(ask())).toMatchObject({ rawType: "invalid_request_error", ...expected });
  });

  test("metadata may have any keys, and none of them means anything", async () => {
    const made = await stripe.coupons.create({
      percent_off: 5,
      metadata: JSON.parse('{"0":"a","__proto__":"b","constructor":"c","a b":"d"}'),
    });
    const kept = (await stripe.coupons.retrieve(made.id)).metadata;
    expect(JSON.stringify(kept)).toBe('{"0":"a","constructor":"c","a b":"d"}');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("idempotency keys", () => {
  const create = (code: string, idempotencyKey: string, client = stripe) =>
    client.promotionCodes.create({ promotion: { type: "coupon", coupon: "spring" }, code }, { idempotencyKey });

  test("the same key gives the same answer, and says so", async () => {
    const code = `KEY${unique()}`;
    const first = await create(code, code);
    const second = await create(code, code);
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
    expect(second.lastResponse.requestId).toBe(first.lastResponse.requestId);
  });

  test("other parameters under the same key are refused", async () => {
    const key = unique();
    await create(`A${key}`, key);
    expect(await refusal(create(`B${key}`, key))).toMatchObject({ type: "StripeIdempotencyError", statusCode: 400 });
  });

  test("a refusal is repeated too, even when its cause is gone", async () => {
    const code = `BUSY${unique()}`;
    const first = await create(code, `1${code}`);
    const no = await refusal(create(code, `2${code}`));
    await stripe.promotionCodes.update(first.id, { active: false });
    expect(await refusal(create(code, `2${code}`))).toMatchObject({
      code: "resource_already_exists",
      requestId: no.requestId,
    });
    expect((await create(code, `3${code}`)).active).toBe(true);
  });

  test("a request that was refused before it began leaves the key free", async () => {
    const key = unique();
    await refusal(
      stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: "spring" }, colour: "red" } as never, {
        idempotencyKey: key,
      }),
    );
    expect((await create(`FREE${key}`, key)).active).toBe(true);
  });

  test("two at once: one works, the other is told to wait, and one thing is made", async () => {
    opened.standIn.latencyMs = 60;
    const code = `RACE${unique()}`;
    const outcomes = await Promise.allSettled([create(code, code), create(code, code)]);
    opened.standIn.latencyMs = 0;
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const rejected = outcomes.find((each) => each.status === "rejected");
    expect(rejected?.reason).toMatchObject({ statusCode: 409, code: "idempotency_key_in_use" });
    expect((await stripe.promotionCodes.list({ code })).data).toHaveLength(1);
  });

  test("the same keys at two stand-ins give the same ids", async () => {
    const other = await openStandIn();
    try {
      await other.stripe.coupons.create({ id: "spring", percent_off: 15 });
      const code = `SEED${unique()}`;
      expect((await create(code, code, other.stripe)).id).toBe((await create(code, code)).id);
    } finally {
      await other.close();
    }
  });
});

describe("coupons and promotion codes", () => {
  test.each<[string, Stripe.CouponCreateParams, object]>([
    ["twice the same id", { id: "spring", percent_off: 10 }, { code: "resource_already_exists" }],
    ["neither percent nor amount", {}, { param: "percent_off" }],
    ["both", { percent_off: 5, amount_off: 100, currency: "eur" }, { param: "percent_off" }],
    ["more than everything", { percent_off: 101 }, { param: "percent_off" }],
    ["an amount without a currency", { amount_off: 100 }, { param: "currency" }],
    ["a currency that nobody has", { amount_off: 100, currency: "zzz" }, { param: "currency" }],
    ["a name of 41 characters", { percent_off: 5, name: "x".repeat(41) }, { param: "name" }],
  ])("a coupon with %s is refused", async (_name, params, expected) => {
    expect(await refusal(stripe.coupons.create(params))).toMatchObject({ statusCode: 400, ...expected });
  });

  test("a deleted coupon is gone and its codes stop", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 20 });
    const code = await stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: coupon.id },
      code: `GONE${unique()}`,
    });
    expect(await stripe.coupons.del(coupon.id)).toMatchObject({ deleted: true });
    expect(await refusal(stripe.coupons.retrieve(coupon.id))).toMatchObject({
      statusCode: 404,
      code: "resource_missing",
    });
    expect((await stripe.promotionCodes.retrieve(code.id)).active).toBe(false);
    expect((await refusal(stripe.promotionCodes.update(code.id, { active: true }))).statusCode).toBe(400);
  });

  test("a promotion code names its coupon where this API version does", async () => {
    const code = await stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: "spring" },
      code: `SHAPE-${unique()}`,
      metadata: { a: "b" },
    });
    expect(code).toMatchObject({
      promotion: { type: "coupon", coupon: "spring" },
      active: true,
      times_redeemed: 0,
      metadata: { a: "b" },
    });
    expect(code).not.toHaveProperty("coupon");
    const full = await stripe.promotionCodes.retrieve(code.id, { expand: ["promotion.coupon"] });
    expect(full.promotion.coupon).toMatchObject({ id: "spring", percent_off: 15 });
  });

  test.each(["ANNÄ15", "A B", "A_B", "", "🙂"])("the text %j is refused", async (code) => {
    const error = await refusal(
      stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: "spring" }, code }),
    );
    expect(error).toMatchObject({ statusCode: 400, param: "code" });
  });

  test("a code stops after its last redemption, and its text is free again", async () => {
    const code = `ONCE${unique()}`;
    const make = () =>
      stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: "spring" }, code, max_redemptions: 1 });
    const first = await make();
    await buy({ discounts: [{ promotion_code: first.id }] });
    expect(await stripe.promotionCodes.retrieve(first.id)).toMatchObject({ active: false, times_redeemed: 1 });
    expect(
      await refusal(stripe.checkout.sessions.create(sessionOf({ discounts: [{ promotion_code: first.id }] }))),
    ).toMatchObject({ statusCode: 400 });
    expect((await make()).id).not.toBe(first.id);
  });

  test("lists come in pages, newest first, both ways", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 1 });
    for (let at = 0; at < 5; at++)
      await stripe.promotionCodes.create({
        promotion: { type: "coupon", coupon: coupon.id },
        code: `PAGE${at}${unique()}`,
      });
    const whole = await stripe.promotionCodes.list({ coupon: coupon.id, limit: 100 });
    expect(whole.has_more).toBe(false);
    const ids = whole.data.map(({ id }) => id);
    const first = await stripe.promotionCodes.list({ coupon: coupon.id, limit: 2 });
    expect(first).toMatchObject({ object: "list", has_more: true, url: "/v1/promotion_codes" });
    const back = await stripe.promotionCodes.list({ coupon: coupon.id, limit: 2, ending_before: ids[3]! });
    expect(back.data.map(({ id }) => id)).toEqual([ids[1], ids[2]]);
    const walked: string[] = [];
    for await (const each of stripe.promotionCodes.list({ coupon: coupon.id, limit: 2 })) walked.push(each.id);
    expect(walked).toEqual(ids);
    expect(
      (await stripe.promotionCodes.list({ coupon: coupon.id, created: { gt: whole.data[0]!.created + 10 } })).data,
    ).toEqual([]);
  });
});

describe("checkout sessions", () => {
  test("discount, tax and shipping come out apart", async () => {
    const code = await stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: "spring" },
      code: `BASE${unique()}`,
    });
    const vat = await stripe.taxRates.create({ display_name: "VAT", percentage: 19, inclusive: true });
    const session = await stripe.checkout.sessions.create(
      sessionOf({
        line_items: [{ ...lineOf(12_900), tax_rates: [vat.id] }],
        discounts: [{ promotion_code: code.id }],
        client_reference_id: "clk_123",
        metadata: { basket: "1" },
        shipping_options: [
          {
            shipping_rate_data: {
              display_name: "Parcel",
              type: "fixed_amount",
              fixed_amount: { amount: 490, currency: "eur" },
            },
          },
        ],
        expand: ["line_items"],
      }),
    );
    expect(session).toMatchObject({
      status: "open",
      payment_status: "unpaid",
      payment_intent: null,
      currency: "eur",
      amount_subtotal: 12_900,
      amount_total: 11_455,
      total_details: { amount_discount: 1_935, amount_tax: 1_751, amount_shipping: 490 },
      shipping_cost: { amount_subtotal: 490, amount_tax: 0, amount_total: 490 },
      discounts: [{ promotion_code: code.id, coupon: null }],
      client_reference_id: "clk_123",
      metadata: { basket: "1" },
      line_items: { data: [{ description: "Demo trail shoes", amount_total: 10_965, amount_tax: 1_751, quantity: 1 }] },
    });
    expect(await stripe.checkout.sessions.retrieve(session.id)).not.toHaveProperty("line_items");
    expect((await stripe.checkout.sessions.listLineItems(session.id)).data).toHaveLength(1);
  });

  test.each<[string, object, object]>([
    [
      "a currency that nobody has",
      { line_items: [lineOf(100, "zzz")] },
      { param: "line_items[0][price_data][currency]" },
    ],
    [
      "two currencies",
      { line_items: [lineOf(100), lineOf(100, "usd")] },
      { param: "line_items[1][price_data][currency]" },
    ],
    [
      "a negative amount",
      { line_items: [lineOf(-100)] },
      { code: "parameter_invalid_integer", param: "line_items[0][price_data][unit_amount]" },
    ],
    ["too little", { line_items: [lineOf(10)] }, { code: "amount_too_small" }],
    ["too much", { line_items: [lineOf(100_000_000)] }, { code: "amount_too_large" }],
    ["a third decimal that is not 0", { line_items: [lineOf(1_001, "kwd")] }, { code: "amount_invalid" }],
    ["no lines", { line_items: [] }, { param: "line_items" }],
    [
      "both ways of a discount",
      { allow_promotion_codes: true, discounts: [{ coupon: "spring" }] },
      { param: "allow_promotion_codes" },
    ],
    ["two discounts", { discounts: [{ coupon: "spring" }, { coupon: "spring" }] }, { param: "discounts" }],
    ["a code that does not exist", { discounts: [{ promotion_code: "promo_none" }] }, { code: "resource_missing" }],
    ["a long reference", { client_reference_id: "x".repeat(201) }, { param: "client_reference_id" }],
    [
      "the old name of the payment methods",
      { payment_method_types: ["card"] },
      { code: "parameter_unknown", param: "payment_method_types" },
    ],
    ["an address that is none", { success_url: "thanks" }, { code: "url_invalid" }],
    ["a subscription", { mode: "subscription" }, { param: "mode" }],
  ])("%s is refused", async (_name, more, expected) => {
    expect(await refusal(stripe.checkout.sessions.create(sessionOf(more)))).toMatchObject(expected);
  });

  test("paying makes the payment and its charge, and tells of it with a signature that holds", async () => {
    const session = await buy({ client_reference_id: "clk_1", payment_intent_data: { metadata: { a: "b" } } });
    expect(session).toMatchObject({
      status: "complete",
      payment_status: "paid",
      payment_intent: expect.stringMatching(/^pi_/),
      customer_details: { email: "ada@example.com" },
    });
    const intent = await stripe.paymentIntents.retrieve(session.payment_intent as string, {
      expand: ["latest_charge"],
    });
    expect(intent).toMatchObject({
      status: "succeeded",
      amount: 10_000,
      amount_received: 10_000,
      metadata: { a: "b" },
      latest_charge: { object: "charge", paid: true, amount_refunded: 0, payment_intent: intent.id },
    });
    expect(receiver.typesOf()).toEqual(["charge.succeeded", "checkout.session.completed", "payment_intent.succeeded"]);
    for (const { body, headers } of receiver.received) {
      const event = stripe.webhooks.constructEvent(body, headers["stripe-signature"]!, webhookSecret);
      expect(event).toMatchObject({
        object: "event",
        api_version: "2026-10-28.endive",
        livemode: false,
        pending_webhooks: 1,
      });
      expect(await stripe.events.retrieve(event.id)).toMatchObject({ id: event.id, type: event.type });
    }
    const told = receiver.received.find(({ event }) => event.type === "checkout.session.completed");
    expect(told?.event.data.object).toMatchObject({
      id: session.id,
      client_reference_id: "clk_1",
      amount_total: 10_000,
    });
    expect(told?.event.data.object).not.toHaveProperty("line_items");
    await expect(opened.standIn.complete(apiKey, session.id)).rejects.toThrow("complete already");
  });

  test("the buyer may type a code where the session allows it, in any case", async () => {
    const code = `TYPED${unique()}`;
    const { id } = await stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: "spring" }, code });
    const session = await buy({ allow_promotion_codes: true }, { promotionCode: code.toLowerCase() });
    expect(session).toMatchObject({ amount_total: 8_500, discounts: [{ promotion_code: id }] });
    await expect(buy({}, { promotionCode: code })).rejects.toThrow("does not take promotion codes");
    await expect(buy({ allow_promotion_codes: true }, { promotionCode: "NONE" })).rejects.toThrow("invalid");
  });

  test("for nothing: no payment is made", async () => {
    const all = await stripe.coupons.create({ percent_off: 100 });
    expect(await buy({ discounts: [{ coupon: all.id }] })).toMatchObject({
      amount_total: 0,
      payment_status: "no_payment_required",
      payment_intent: null,
    });
    expect(receiver.typesOf()).toEqual(["checkout.session.completed"]);
  });

  test.each([true, false])("a delayed payment completes first and ends later, arriving: %s", async (arrives) => {
    const session = await buy({}, { delayed: true });
    expect(session).toMatchObject({ status: "complete", payment_status: "unpaid" });
    expect(receiver.typesOf()).toEqual(["checkout.session.completed"]);
    expect(await refusal(stripe.refunds.create({ payment_intent: session.payment_intent as string }))).toMatchObject({
      statusCode: 400,
    });
    receiver.received.length = 0;
    const settled = await opened.standIn.settlePayment(apiKey, session.id, arrives);
    expect(settled.session.payment_status).toBe(arrives ? "paid" : "unpaid");
    expect(receiver.typesOf()).toContain(`checkout.session.async_payment_${arrives ? "succeeded" : "failed"}`);
    await expect(opened.standIn.settlePayment(apiKey, session.id, true)).rejects.toThrow();
  });

  test("an open session can be ended, and is not paid then", async () => {
    const { id } = await stripe.checkout.sessions.create(sessionOf());
    expect(await stripe.checkout.sessions.expire(id)).toMatchObject({ status: "expired" });
    await expect(opened.standIn.complete(apiKey, id)).rejects.toThrow("expired already");
    expect((await stripe.checkout.sessions.list({ status: "expired", limit: 1 })).data[0]?.id).toBe(id);
  });
});

describe("refunds", () => {
  test("in parts, up to what is left; the charge counts them together", async () => {
    const { payment_intent } = await buy();
    const paymentIntent = payment_intent as string;
    receiver.received.length = 0;
    const part = await stripe.refunds.create({
      payment_intent: paymentIntent,
      amount: 3_000,
      reason: "requested_by_customer",
    });
    expect(part).toMatchObject({ status: "succeeded", amount: 3_000, currency: "eur", payment_intent: paymentIntent });
    await opened.standIn.deliveriesOf(apiKey, part.lastResponse.requestId);
    expect(receiver.typesOf()).toEqual(["charge.refunded", "refund.created"]);
    expect(await refusal(stripe.refunds.create({ payment_intent: paymentIntent, amount: 7_001 }))).toMatchObject({
      param: "amount",
    });
    for (const amount of [0, -1])
      expect(await refusal(stripe.refunds.create({ payment_intent: paymentIntent, amount }))).toMatchObject({
        param: "amount",
      });
    const rest = await stripe.refunds.create({ charge: part.charge as string });
    expect(rest.amount).toBe(7_000);
    expect(await refusal(stripe.refunds.create({ payment_intent: paymentIntent }))).toMatchObject({
      code: "charge_already_refunded",
    });
    const told = (await opened.standIn.deliveriesOf(apiKey, rest.lastResponse.requestId)).find(
      ({ event }) => event.type === "charge.refunded",
    );
    expect(told?.event.data).toMatchObject({
      object: { amount_refunded: 10_000, refunded: true },
      previous_attributes: { amount_refunded: 3_000 },
    });
    expect((await stripe.refunds.list({ payment_intent: paymentIntent })).data.map(({ amount }) => amount)).toEqual([
      7_000, 3_000,
    ]);
  });

  test("to a bank account it is pending first, and may fail", async () => {
    const session = await buy({}, { delayed: true });
    await opened.standIn.settlePayment(apiKey, session.id, true);
    const refund = await stripe.refunds.create({ payment_intent: session.payment_intent as string });
    expect(refund.status).toBe("pending");
    await opened.standIn.settled();
    receiver.received.length = 0;
    expect((await opened.standIn.settleRefund(apiKey, refund.id, false)).refund.status).toBe("failed");
    expect(receiver.typesOf()).toEqual(["charge.refund.updated", "refund.failed", "refund.updated"]);
    expect(await stripe.charges.retrieve(refund.charge as string)).toMatchObject({
      amount_refunded: 0,
      refunded: false,
    });
  });

  test("of nothing that exists is refused", async () => {
    expect(await refusal(stripe.refunds.create({ charge: "ch_none" }))).toMatchObject({
      statusCode: 404,
      code: "resource_missing",
    });
    expect(await refusal(stripe.refunds.create({}))).toMatchObject({ code: "parameter_missing" });
  });
});

describe("deliveries", () => {
  test("an event goes out again on demand, many times at once", async () => {
    await buy();
    const [{ event }] = receiver.received as [(typeof receiver.received)[number]];
    receiver.received.length = 0;
    const attempts = await opened.standIn.deliver(apiKey, event.id, { times: 20 });
    expect(attempts).toHaveLength(20);
    expect(attempts.every(({ status, answer }) => status === 200 && answer === '{"status":200}')).toBe(true);
    expect(new Set(receiver.received.map((each) => each.event.id))).toEqual(new Set([event.id]));
  });

  test("anything but a 2xx is tried again, signed anew, and each answer is kept", async () => {
    const picky = await openReceiver((_event, times) => [500, 302, 204][times - 1] ?? 200);
    const own = await openStandIn({ webhookUrl: picky.url });
    try {
      own.standIn.start();
      const { id } = await own.stripe.checkout.sessions.create(sessionOf());
      const { requestId } = await own.standIn.complete(apiKey, id);
      await expect.poll(() => picky.received.length, { timeout: 3_000 }).toBe(9);
      await own.standIn.settled();
      for (const { attempts, nextAtMs } of await own.standIn.deliveriesOf(apiKey, requestId)) {
        expect(attempts.map(({ status, attempt }) => [attempt, status])).toEqual([
          [1, 500],
          [2, 302],
          [3, 204],
        ]);
        expect(nextAtMs).toBeNull();
      }
    } finally {
      await own.close();
      await picky.close();
    }
  });

  test("while a secret is rolled, both sign", async () => {
    const own = await openStandIn({
      accounts: [{ apiKey, webhooks: [{ url: receiver.url, secrets: ["whsec_new", "whsec_old"] }] }],
    });
    try {
      const { id } = await own.stripe.checkout.sessions.create(sessionOf());
      await own.standIn.complete(apiKey, id);
      const [{ body, headers }] = receiver.received as [(typeof receiver.received)[number]];
      for (const secret of ["whsec_new", "whsec_old"])
        expect(() => stripe.webhooks.constructEvent(body, headers["stripe-signature"]!, secret)).not.toThrow();
    } finally {
      await own.close();
    }
  });

  test("an endpoint that was made by the API gets what it asked for, by its own secret", async () => {
    const other = await openReceiver();
    const own = await openStandIn();
    try {
      const endpoint = await own.stripe.webhookEndpoints.create({ url: other.url, enabled_events: ["coupon.created"] });
      await own.stripe.coupons.create({ percent_off: 5 });
      await own.standIn.settled();
      expect(other.typesOf()).toEqual(["coupon.created"]);
      expect(() =>
        stripe.webhooks.constructEvent(
          other.received[0]!.body,
          other.received[0]!.headers["stripe-signature"]!,
          endpoint.secret!,
        ),
      ).not.toThrow();
      expect(await own.stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty("secret");
      await own.stripe.webhookEndpoints.del(endpoint.id);
      await own.stripe.coupons.create({ percent_off: 5 });
      await own.standIn.settled();
      expect(other.received).toHaveLength(1);
    } finally {
      await own.close();
      await other.close();
    }
  });
});

test("a restart keeps objects, idempotency keys and what is not delivered yet", async () => {
  const dir = mkdtempSync(join(tmpdir(), "laurel-stripe-"));
  const away = await openReceiver(() => 503);
  try {
    const before = await openStandIn({ dir, webhookUrl: away.url });
    await before.stripe.coupons.create({ id: "spring", percent_off: 15 });
    const promotion = { type: "coupon", coupon: "spring" } as const;
    const code = await before.stripe.promotionCodes.create({ promotion, code: "ANNA15" }, { idempotencyKey: "k" });
    const { id } = await before.stripe.checkout.sessions.create(
      sessionOf({ discounts: [{ promotion_code: code.id }] }),
    );
    await before.standIn.complete(apiKey, id);
    await before.close();
    await away.close();

    const after = await openStandIn({ dir, webhookUrl: receiver.url });
    expect(await after.stripe.promotionCodes.retrieve(code.id)).toMatchObject({ code: "ANNA15", times_redeemed: 1 });
    expect((await after.stripe.promotionCodes.create({ promotion, code: "ANNA15" }, { idempotencyKey: "k" })).id).toBe(
      code.id,
    );
    expect(await refusal(after.stripe.promotionCodes.create({ promotion, code: "anna15" }))).toMatchObject({
      code: "resource_already_exists",
    });
    expect(await after.stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: "complete" });
    expect(receiver.received).toHaveLength(0);
    after.standIn.start();
    await expect.poll(() => receiver.received.length, { timeout: 3_000 }).toBe(3);
    await after.close();
  } finally {
    rmSync(dir, { recursive: true });
  }
});
