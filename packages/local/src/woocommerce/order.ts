import { decimalOf } from "@laurel/core/gateway/checkout/decimal.ts";
import type { Json } from "../shops/store.ts";

/** What a buyer puts into an order, in minor units of the store's currency. */
export interface Wish {
  lines: { name: string; priceMinor: number; quantity: number }[];
  /** A coupon that the store knows, and what it takes off. */
  coupon?: { code: string; fraction: number } | undefined;
  click?: string | undefined;
  email?: string | undefined;
  shippingMinor?: number;
  /** On top of the prices; 19 % is 0.19. */
  taxRate?: number;
  paid?: boolean;
  transactionId?: string | undefined;
}

export interface Order extends Json {
  id: number;
  status: string;
  currency: string;
  total: string;
  date_modified_gmt: string;
  date_paid_gmt: string | null;
  refunds: { id: number; reason: string; total: string }[];
}

/** As WooCommerce writes times in GMT. */
export const gmt = (at: Date): string => at.toISOString().slice(0, 19);

/** An order with its sums as WooCommerce makes them: discount off each line, tax beside it. */
export function makeOrder(wish: Wish, { id, currency, at }: { id: number; currency: string; at: Date }): Order {
  const taxRate = wish.taxRate ?? 0.19;
  const fraction = wish.coupon?.fraction ?? 0;
  const text = (minor: number) => decimalOf(minor, currency);
  const paid = wish.paid !== false;
  const when = gmt(at);
  let [goods, off, tax] = [0, 0, 0];
  const lines = wish.lines.map(({ name, priceMinor, quantity }, index) => {
    const full = priceMinor * quantity;
    const discount = Math.round(full * fraction);
    const lineTax = Math.round((full - discount) * taxRate);
    goods += full - discount;
    off += discount;
    tax += lineTax;
    return {
      id: id * 10 + index,
      name,
      quantity,
      subtotal: text(full),
      subtotal_tax: text(Math.round(full * taxRate)),
      total: text(full - discount),
      total_tax: text(lineTax),
      meta_data: [],
    };
  });
  const shipping = wish.shippingMinor ?? 0;
  const shippingTax = Math.round(shipping * taxRate);
  return {
    id,
    parent_id: 0,
    number: String(id),
    order_key: `wc_order_${id.toString(36)}`,
    created_via: "checkout",
    status: paid ? "processing" : "pending",
    currency,
    date_created: when,
    date_created_gmt: when,
    date_modified: when,
    date_modified_gmt: when,
    date_paid: paid ? when : null,
    date_paid_gmt: paid ? when : null,
    discount_total: text(off),
    shipping_total: text(shipping),
    shipping_tax: text(shippingTax),
    cart_tax: text(tax),
    total_tax: text(tax + shippingTax),
    total: text(goods + tax + shipping + shippingTax),
    prices_include_tax: false,
    customer_id: 0,
    billing: { first_name: "Casey", last_name: "Customer", email: wish.email ?? "", country: "DE" },
    transaction_id: wish.transactionId ?? "",
    meta_data: wish.click ? [{ id: id * 10, key: "_laurel_click", value: wish.click }] : [],
    line_items: lines,
    shipping_lines: shipping ? [{ id: id * 10 + 8, method_title: "Flat rate", total: text(shipping) }] : [],
    fee_lines: [],
    coupon_lines: wish.coupon
      ? [{ id: id * 10 + 9, code: wish.coupon.code.toLowerCase(), discount: text(off), discount_tax: "0.00" }]
      : [],
    refunds: [],
  };
}
