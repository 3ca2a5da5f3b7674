import { randomUUID } from "node:crypto";
import { CodeEntity, findCode } from "@laurel/core/code";
import { transact, write } from "@laurel/core/table";
import {
  refundTransaction,
  shopifyOrder,
  shopifyRefund,
} from "../../packages/core/src/gateway/shopify/samples.testing.ts";
import { wooOrder, wooRefund } from "../../packages/core/src/gateway/woocommerce/samples.testing.ts";
import { event, openCheckout, refund, session, type TestAmbassador } from "../../packages/local/testing/checkout.ts";
import type { World } from "../../packages/local/testing/index.ts";
import { clientSecrets, formerWooSecret, openShops, wooSecret } from "../../packages/local/testing/shops.ts";
import { type Bought, type Message, testProvider } from "./contract.testing.ts";

type Json = Record<string, unknown>;
const isoOf = ({ at }: Bought, seconds: number): string => new Date(at.getTime() + seconds * 1_000).toISOString();
const gmtOf = (of: Bought, seconds: number): string => isoOf(of, seconds).slice(0, 19);

testProvider("Stripe", async (world) => {
  const checkout = openCheckout(world);
  const purchase = ({ n, at }: Bought) => ({
    session: `cs_${n}`,
    paymentIntent: `pi_${n}`,
    charge: `ch_${n}`,
    currency: "eur",
    totalMinor: 10_710,
    at,
  });
  const told = (of: Bought, type: string, object: Json, seconds: number): Message => ({
    topic: type,
    body: event(type, object, new Date(of.at.getTime() + seconds * 1_000)),
  });
  const completed = (of: Bought, paid: boolean): Json => {
    const code = of.by === "foreign" ? "promo_foreign" : of.by?.promotionCodeId;
    return session(purchase(of), {
      payment_status: paid ? "paid" : "unpaid",
      total_details: { amount_discount: 1_500, amount_shipping: 500, amount_tax: 1_710 },
      discounts: code ? [{ coupon: null, promotion_code: code }] : [],
      client_reference_id: of.click ?? null,
    });
  };
  world.stripe.promotionCodes.set("promo_foreign", {
    id: "promo_foreign",
    code: "SUMMER",
    active: true,
    couponId: "of-the-shop",
    metadata: {},
  });
  return {
    connectionId: world.program.connectionId,
    path: checkout.path,
    refused: 400,
    send: ({ body }, { secret = "current", body: other } = {}) => {
      const text = JSON.stringify(body);
      const by = { current: world.webhookSecrets[0], former: world.webhookSecrets[1], other: "whsec_of_another" }[
        secret
      ];
      // Other bytes than were signed, unless they are something else altogether.
      const sent = other ?? text;
      return checkout.post(sent, { "stripe-signature": checkout.sign(sent.trimEnd() === text ? text : sent, by) });
    },
    bought: (of, paid) => [told(of, "checkout.session.completed", completed(of, paid), 0)],
    paid: (of) => [told(of, "checkout.session.async_payment_succeeded", completed(of, true), 5)],
    calledOff: (of) => [told(of, "checkout.session.async_payment_failed", completed(of, false), 5)],
    refunded: (of, amounts) => [
      told(
        of,
        "refund.created",
        refund(purchase(of), amounts.at(-1)!, { id: `re_${of.n}_${amounts.length}` }),
        10 * amounts.length,
      ),
    ],
    alias: ({ n }) => `cs_${n}`,
    unknownCode: (of) => {
      const there = world.stripe.promotionCodes.get(of.promotionCodeId)!;
      world.stripe.promotionCodes.set("promo_unknown", { ...there, id: "promo_unknown", active: false });
      // It is asked for at the checkout by itself.
      return { by: { ...of, promotionCodeId: "promo_unknown" }, learn: async () => {}, sameSale: true };
    },
  };
});

/** At shops a code goes by its text: one that is not ours yet becomes one when it is made. */
const codeToCome = (world: World, connectionId: string) => (of: TestAmbassador) => ({
  by: { ...of, code: "LATER15" },
  sameSale: false,
  learn: async () => {
    const code = (await findCode(world.ctx(), of.code))!;
    const next = { ...code, code: "LATER15", primary: false, promotionCodes: { [connectionId]: "made" } };
    await transact(world.table, [write.put("code", CodeEntity.put(next).params({ table: world.table.name }))]);
  },
});

testProvider("Shopify", async (world) => {
  const { shopify } = await openShops(world);
  const idOf = ({ n }: Bought): number => 5_390_000_000_000 + n;
  const order = (of: Bought, status: string, seconds: number, more: Json = {}): Json =>
    shopifyOrder({
      id: idOf(of),
      admin_graphql_api_id: `gid://shopify/Order/${idOf(of)}`,
      financial_status: status,
      created_at: isoOf(of, 0),
      processed_at: isoOf(of, 0),
      updated_at: isoOf(of, seconds),
      discount_applications: of.by
        ? [{ type: "discount_code", code: of.by === "foreign" ? "SUMMER" : of.by.code }]
        : [],
      note_attributes: of.click ? [{ name: "laurel_click", value: of.click }] : [],
      landing_site: "/",
      email: "",
      contact_email: null,
      customer: null,
      ...more,
    });
  const told = (topic: string, body: Json): Message => ({
    topic,
    body,
    headers: { "x-shopify-webhook-id": randomUUID(), "x-shopify-event-id": randomUUID() },
  });
  return {
    connectionId: shopify.connection.id,
    path: shopify.path,
    refused: 401,
    send: ({ topic, body, headers = {} }, { secret = "current", body: other } = {}) => {
      const text = JSON.stringify(body);
      const by = { current: clientSecrets[0], former: clientSecrets[1], other: "shpss_of_another" }[secret];
      const sent = other ?? text;
      const signature = shopify.sign(sent.trimEnd() === text ? text : sent, by);
      // Bytes that are something else come as a delivery of their own.
      const id: Record<string, string> =
        other && sent.trimEnd() !== text ? { "x-shopify-webhook-id": randomUUID() } : {};
      return shopify.post(
        sent,
        shopify.headers(topic, sent, { ...headers, ...id, "x-shopify-hmac-sha256": signature }),
      );
    },
    bought: (of, paid) => [
      told("orders/create", order(of, paid ? "paid" : "pending", 0)),
      ...(paid ? [told("orders/paid", order(of, "paid", 0))] : []),
    ],
    paid: (of) => [told("orders/paid", order(of, "paid", 5))],
    calledOff: (of) => [told("orders/cancelled", order(of, "voided", 5, { cancelled_at: isoOf(of, 5) }))],
    refunded: (of, amounts) => [
      told(
        "refunds/create",
        shopifyRefund({
          id: of.n * 10 + amounts.length,
          order_id: idOf(of),
          created_at: isoOf(of, 10 * amounts.length),
          processed_at: isoOf(of, 10 * amounts.length),
          refund_line_items: [],
          transactions: [refundTransaction(amounts.at(-1)!)],
        }),
      ),
    ],
    alias: (of) => `order_${idOf(of)}`,
    unknownCode: codeToCome(world, shopify.connection.id),
  };
});

testProvider("WooCommerce", async (world) => {
  const { woo } = await openShops(world);
  const idOf = ({ n }: Bought): number => 700 + n;
  const order = (of: Bought, status: string, seconds: number, more: Json = {}): Message => ({
    topic: seconds === 0 ? "order.created" : "order.updated",
    body: wooOrder({
      id: idOf(of),
      number: String(idOf(of)),
      status,
      date_created_gmt: gmtOf(of, 0),
      date_modified_gmt: gmtOf(of, seconds),
      date_paid_gmt: ["processing", "refunded"].includes(status) ? gmtOf(of, seconds) : null,
      coupon_lines: of.by ? [{ id: 1, code: of.by === "foreign" ? "summer" : of.by.code.toLowerCase() }] : [],
      meta_data: of.click ? [{ id: 1, key: "_laurel_click", value: of.click }] : [],
      billing: {},
      ...more,
    }),
  });
  return {
    connectionId: woo.connection.id,
    path: woo.path,
    refused: 401,
    send: ({ topic, body }, { secret = "current", body: other } = {}) => {
      const text = JSON.stringify(body);
      const sent = other ?? text;
      const by = { current: wooSecret, former: formerWooSecret, other: "of another store" }[secret];
      const signature = woo.sign(sent.trimEnd() === text ? text : sent, by);
      return woo.post(sent, woo.headers(topic, sent, { "x-wc-webhook-signature": signature }));
    },
    bought: (of, paid) => [order(of, paid ? "processing" : "pending", 0)],
    paid: (of) => [order(of, "processing", 5)],
    calledOff: (of) => [order(of, "cancelled", 5)],
    refunded: (of, amounts) => {
      const refunds = amounts.map((each, n) => wooRefund((-each / 100).toFixed(2), { id: of.n * 10 + n }));
      const all = amounts.reduce((sum, each) => sum + each, 0) === 10_710;
      return [order(of, all ? "refunded" : "processing", 10 * amounts.length, { refunds })];
    },
    alias: (of) => `order_${idOf(of)}`,
    unknownCode: codeToCome(world, woo.connection.id),
  };
});
