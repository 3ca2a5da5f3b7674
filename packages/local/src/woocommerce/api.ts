import { minorOf } from "@laurel/core/gateway/checkout/decimal.ts";
import type { Json, ShopStore } from "../shops/store.ts";
import { gmt, type Order } from "./order.ts";

/** A store of the stand-in. */
export interface WooShop {
  /** Where its WordPress is. */
  url: string;
  name: string;
  /** `ck_…:cs_…` */
  apiKey: string;
  /** A key that may only read, for tests. */
  readOnlyKey?: string;
  currency: string;
}

/** A refusal as WordPress words and shapes it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export interface Coupon extends Json {
  id: number;
  code: string;
  amount: string;
  discount_type: string;
  date_expires_gmt: string | null;
  status: string;
}

export interface Hook extends Json {
  id: number;
  topic: string;
  delivery_url: string;
  secret: string;
  status: string;
  failures: number;
}

/** What the store shows of a hook: never its secret. */
export const shownHook = ({ secret: _, failures: __, ...shown }: Hook): Json => shown;

/** WooCommerce keeps codes in lower case and tells them apart by that. */
export const byCode = (store: ShopStore, shop: WooShop, code: string): Coupon | undefined =>
  store.list<Coupon>(shop.url, "coupon").find((each) => each.code === code.toLowerCase() && each.status === "publish");

/** How much of the price a coupon takes off now; undefined where it does not work. */
export function fractionOf(coupon: Coupon | undefined, now: Date): number | undefined {
  if (coupon?.discount_type !== "percent") return undefined;
  if (coupon.date_expires_gmt && coupon.date_expires_gmt <= gmt(now)) return undefined;
  return Number(coupon.amount) / 100;
}

export function createCoupon(store: ShopStore, shop: WooShop, input: Json, now: Date): Coupon {
  const code = String(input.code ?? "")
    .trim()
    .toLowerCase();
  if (code === "") throw new Refusal(400, "rest_missing_callback_param", "Missing parameter(s): code");
  if (byCode(store, shop, code))
    throw new Refusal(400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists");
  const amount = minorOf(input.amount ?? "0", "EUR");
  if (amount === undefined || amount < 0 || (input.discount_type === "percent" && amount > 10_000))
    throw new Refusal(400, "coupon_invalid_amount", "Invalid discount amount.");
  const id = store.nextId(700);
  const coupon: Coupon = {
    id,
    code,
    amount: String(input.amount ?? "0.00"),
    status: "publish",
    discount_type: String(input.discount_type ?? "fixed_cart"),
    description: String(input.description ?? ""),
    date_created_gmt: gmt(now),
    date_modified_gmt: gmt(now),
    date_expires: null,
    date_expires_gmt: null,
    usage_count: 0,
    individual_use: input.individual_use === true,
    meta_data: ((input.meta_data ?? []) as Json[]).map((each, at) => ({ id: id * 10 + at, ...each })),
  };
  store.put(shop.url, "coupon", String(id), coupon);
  return coupon;
}

export function changeCoupon(store: ShopStore, shop: WooShop, id: string, input: Json): Coupon {
  const coupon = store.get<Coupon>(shop.url, "coupon", id);
  if (!coupon) throw new Refusal(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.");
  const next: Coupon = { ...coupon };
  // Null is left alone; an empty text takes the date away.
  if (typeof input.date_expires === "string") {
    const date = input.date_expires === "" ? null : input.date_expires;
    if (date !== null && Number.isNaN(Date.parse(`${date}Z`)))
      throw new Refusal(400, "rest_invalid_param", "Invalid parameter(s): date_expires");
    Object.assign(next, { date_expires: date, date_expires_gmt: date });
  }
  store.put(shop.url, "coupon", id, next);
  return next;
}

export function createHook(store: ShopStore, shop: WooShop, input: Json): Hook {
  if (!/^(order|coupon|customer|product)\.(created|updated|deleted|restored)$/.test(String(input.topic)))
    throw new Refusal(400, "woocommerce_rest_invalid_webhook_topic", "Webhook topic must be valid.");
  if (!/^https?:\/\//.test(String(input.delivery_url)))
    throw new Refusal(
      400,
      "woocommerce_rest_invalid_webhook_delivery_url",
      "Webhook delivery URL must be a valid URL starting with http:// or https://.",
    );
  const id = store.nextId(100);
  const hook: Hook = {
    id,
    name: String(input.name ?? "Webhook"),
    status: String(input.status ?? "active"),
    topic: String(input.topic),
    delivery_url: String(input.delivery_url),
    secret: String(input.secret ?? "none"),
    failures: 0,
  };
  store.put(shop.url, "hook", String(id), hook);
  return hook;
}

export function changeHook(store: ShopStore, shop: WooShop, id: string, input: Json): Hook {
  const hook = store.get<Hook>(shop.url, "hook", id);
  if (!hook) throw new Refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.");
  const next: Hook = {
    ...hook,
    ...(typeof input.secret === "string" ? { secret: input.secret } : {}),
    ...(typeof input.status === "string" ? { status: input.status, failures: 0 } : {}),
  };
  store.put(shop.url, "hook", id, next);
  return next;
}

/** Orders that changed after a time, oldest change first: those in the bin, or all others. */
export const changedOrders = (store: ShopStore, shop: WooShop, after: string, inBin: boolean): Order[] =>
  store
    .list<Order>(shop.url, "order")
    .filter((order) => (order.status === "trash") === inBin && order.date_modified_gmt > after)
    .sort((a, b) => (a.date_modified_gmt < b.date_modified_gmt ? -1 : 1));
