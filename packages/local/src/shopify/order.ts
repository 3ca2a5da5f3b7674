import { decimalOf } from "@laurel/core/gateway/checkout/decimal.ts";
import type { Json } from "../shops/store.ts";

/** What a buyer puts into an order, in minor units of the shop's currency. */
export interface Wish {
  lines: { title: string; priceMinor: number; quantity: number; giftCard?: boolean }[];
  /** A code that the shop knows, and what it takes off. */
  code?: { text: string; fraction: number } | undefined;
  click?: string | undefined;
  email?: string | undefined;
  shippingMinor?: number;
  /** On top of the prices; 19 % is 0.19. */
  taxRate?: number;
  paid?: boolean;
  /** Titled like a code, by a draft order: no code. */
  manualDiscount?: string | undefined;
}

export interface Order extends Json {
  id: number;
  currency: string;
  financial_status: string;
  updated_at: string;
  refunds: Json[];
  line_items: Json[];
}

const set = (amountMinor: number, currency: string): Json => {
  const money = { amount: decimalOf(amountMinor, currency), currency_code: currency };
  return { shop_money: money, presentment_money: money };
};
const money = (name: string, amountMinor: number, currency: string): Json => ({
  [name]: decimalOf(amountMinor, currency),
  [`${name}_set`]: set(amountMinor, currency),
});

/** An order with its sums as Shopify makes them: discount off each line, tax on top of what is left. */
export function makeOrder(
  wish: Wish,
  { id, number, shopId, currency, at }: { id: number; number: number; shopId: number; currency: string; at: Date },
): Order {
  const fraction = wish.code?.fraction ?? (wish.manualDiscount ? 0.1 : 0);
  const taxRate = wish.taxRate ?? 0.19;
  const when = at.toISOString();
  let [full, off, tax] = [0, 0, 0];
  const lines = wish.lines.map(({ title, priceMinor, quantity, giftCard = false }, index) => {
    const sum = priceMinor * quantity;
    const discount = giftCard ? 0 : Math.round(sum * fraction);
    const taxMinor = giftCard ? 0 : Math.round((sum - discount) * taxRate);
    full += sum;
    off += discount;
    tax += taxMinor;
    return {
      id: id * 10 + index,
      title,
      name: title,
      gift_card: giftCard,
      quantity,
      ...money("price", priceMinor, currency),
      discount_allocations: discount ? [{ ...money("amount", discount, currency), discount_application_index: 0 }] : [],
      tax_lines: taxMinor ? [{ title: "VAT", rate: taxRate, ...money("price", taxMinor, currency) }] : [],
    };
  });
  const shipping = wish.shippingMinor ?? 0;
  const shippingTax = Math.round(shipping * taxRate);
  const kind = {
    target_type: "line_item",
    value_type: "percentage",
    value: String(fraction * 100),
    allocation_method: "across",
    target_selection: "all",
  };
  return {
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${number}`,
    order_number: number,
    number: number - 1000,
    created_at: when,
    processed_at: when,
    updated_at: when,
    cancelled_at: null,
    cancel_reason: null,
    closed_at: null,
    test: false,
    currency,
    presentment_currency: currency,
    financial_status: wish.paid === false ? "pending" : "paid",
    fulfillment_status: null,
    taxes_included: false,
    email: wish.email ?? "",
    contact_email: wish.email ?? null,
    customer: wish.email ? { id: id + 7, email: wish.email, first_name: "Casey", last_name: "Customer" } : null,
    discount_codes: wish.code
      ? [{ code: wish.code.text, amount: decimalOf(off, currency), type: "percentage" }]
      : wish.manualDiscount
        ? [{ code: wish.manualDiscount, amount: decimalOf(off, currency), type: "percentage" }]
        : [],
    discount_applications: wish.code
      ? [{ ...kind, type: "discount_code", code: wish.code.text }]
      : wish.manualDiscount
        ? [{ ...kind, type: "manual", title: wish.manualDiscount, description: wish.manualDiscount }]
        : [],
    line_items: lines,
    shipping_lines: shipping ? [{ title: "Standard", ...money("price", shipping, currency), tax_lines: [] }] : [],
    landing_site: "/",
    landing_site_ref: null,
    note_attributes: wish.click ? [{ name: "laurel_click", value: wish.click }] : [],
    source_name: "web",
    order_status_url: `https://shop.example/${shopId}/orders/${id.toString(16)}/authenticate?key=${id.toString(36)}`,
    refunds: [],
    ...money("total_line_items_price", full, currency),
    ...money("total_discounts", off, currency),
    ...money("subtotal_price", full - off, currency),
    ...money("total_tax", tax + shippingTax, currency),
    ...money("total_price", full - off + tax + shipping + shippingTax, currency),
  };
}

/** Money back for an order without naming goods. */
export const makeRefund = (order: Order, id: number, amountMinor: number, at: Date): Json => ({
  id,
  admin_graphql_api_id: `gid://shopify/Refund/${id}`,
  order_id: order.id,
  created_at: at.toISOString(),
  processed_at: at.toISOString(),
  note: null,
  refund_line_items: [],
  order_adjustments: [
    {
      id: id + 1,
      kind: "refund_discrepancy",
      ...money("amount", -amountMinor, order.currency),
      ...money("tax_amount", 0, order.currency),
    },
  ],
  transactions: [
    {
      id: id + 2,
      order_id: order.id,
      kind: "refund",
      status: "success",
      amount: decimalOf(amountMinor, order.currency),
      currency: order.currency,
      gateway: "bogus",
    },
  ],
});
