import { expect, test } from "vitest";
import { shopifyOrder, shopifyRefund } from "../gateway/shopify/samples.testing.ts";
import { wooOrder } from "../gateway/woocommerce/samples.testing.ts";
import { redact } from "./redact.ts";

const shown = (body: unknown) => redact(Buffer.from(JSON.stringify(body))) as Record<string, unknown>;

test("of a shop's order the money, the times and the states are shown, and nothing of its buyer", () => {
  const order = shown(shopifyOrder());
  expect(order).toMatchObject({
    id: 5_390_123_456_789,
    currency: "EUR",
    financial_status: "paid",
    subtotal_price: "85.00",
    total_price_set: { shop_money: { amount: "107.10", currency_code: "EUR" } },
    created_at: "2026-06-15T11:00:00+02:00",
    taxes_included: false,
    email: "•••",
    customer: { id: 207119551, email: "•••", first_name: "•••" },
    billing_address: "•••",
    browser_ip: "•••",
    landing_site: "•••",
    name: "•••",
  });
  expect(shown(shopifyRefund())).toMatchObject({
    transactions: [{ kind: "refund", status: "success", amount: "101.15" }],
    note: "•••",
  });
  expect(shown(wooOrder())).toMatchObject({
    status: "processing",
    total: "107.10",
    date_paid_gmt: "2026-06-15T09:00:08",
    billing: "•••",
    meta_data: "•••",
  });
  for (const body of [shopifyOrder(), shopifyRefund(), wooOrder()])
    expect(JSON.stringify(shown(body))).not.toMatch(
      /anna|muster|berlin|10115|203\.0\.113|wrong size|authenticate|clk_/i,
    );
});

test("what only looks like an amount or a time is hidden where it does not belong", () => {
  expect(
    shown({ note: "107.10", phone_at: "555", total: "a 107.10", price: "1e5", created_at: "at home", value: "anna" }),
  ).toEqual({
    note: "•••",
    phone_at: "•••",
    total: "•••",
    price: "•••",
    created_at: "•••",
    value: "•••",
  });
});
