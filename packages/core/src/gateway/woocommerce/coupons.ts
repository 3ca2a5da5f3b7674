import { decimalText } from "../checkout/decimal.ts";
import { isObject, type Json, numericId, objectsAt } from "../checkout/json.ts";
import type { CheckoutCode, CheckoutGateway } from "../checkout/port.ts";
import { no } from "../checkout/refusal.ts";
import { mustBeDone, type Store } from "./client.ts";

/**
 * Coupons of a store: https://woocommerce.github.io/woocommerce-rest-api-docs/#coupons. They have no switch, so one that is off
 * has expired long ago: that is understood by every version, and its text stays taken.
 */
const longAgo = "2020-01-01T00:00:00";
/** For stores that do not let go of a date. */
const neverSoon = "2099-12-31T00:00:00";

function codeOf(found: unknown): CheckoutCode | undefined {
  if (!isObject(found)) return undefined;
  const id = numericId(found.id);
  if (!id || typeof found.code !== "string" || found.status === "trash") return undefined;
  return { id, code: found.code.toUpperCase(), active: isActive(found), metadata: metadataOf(found) };
}

function isActive(coupon: Json): boolean {
  if ((coupon.status ?? "publish") !== "publish") return false;
  const expires = coupon.date_expires_gmt ?? coupon.date_expires;
  if (expires === null || expires === undefined || expires === "") return true;
  return Date.parse(`${String(expires)}Z`) > Date.now();
}

const metadataOf = (coupon: Json): Record<string, string> =>
  Object.fromEntries(
    objectsAt(coupon, "meta_data").flatMap(({ key, value }) =>
      typeof key === "string" && key.startsWith("laurel_") && typeof value === "string" ? [[key, value]] : [],
    ),
  );

/** WooCommerce compares codes in lower case. */
export async function findCode(store: Store, code: string): Promise<CheckoutCode | undefined> {
  const found = mustBeDone(await store("GET", `wc/v3/coupons?code=${encodeURIComponent(code.toLowerCase())}`));
  return (Array.isArray(found) ? found : []).map(codeOf).find((each) => each?.code === code.toUpperCase());
}

export async function getCode(store: Store, id: string): Promise<CheckoutCode | undefined> {
  if (!numericId(id)) return undefined;
  const reply = await store("GET", `wc/v3/coupons/${id}`);
  return reply.status === 404 ? undefined : codeOf(mustBeDone(reply));
}

type Input = Parameters<CheckoutGateway["createCode"]>[1];

export async function createCode(store: Store, { code, offer, metadata }: Input): Promise<CheckoutCode> {
  const reply = await store("POST", "wc/v3/coupons", {
    code: code.toLowerCase(),
    discount_type: "percent",
    amount: decimalText(offer.percentOff),
    individual_use: false,
    description: `${offer.name} (Laurel)`,
    meta_data: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  if (reply.code === "woocommerce_rest_coupon_code_already_exists") {
    // There are no idempotency keys: an answer that got lost leaves the coupon behind, with our notes on it.
    const there = await findCode(store, code);
    if (there && Object.entries(metadata).every(([key, value]) => there.metadata[key] === value)) return there;
  }
  return codeOf(mustBeDone(reply)) ?? noCoupon();
}

export async function setCodeActive(store: Store, id: string, active: boolean): Promise<CheckoutCode> {
  if (!numericId(id)) throw no("woocommerce", "no_coupon", "The store has no such coupon.");
  const expire = async (date: string) =>
    codeOf(mustBeDone(await store("PUT", `wc/v3/coupons/${id}`, { date_expires: date }))) ?? noCoupon();
  if (!active) return expire(longAgo);
  const freed = await expire("");
  return freed.active ? freed : expire(neverSoon);
}

const noCoupon = (): never => {
  throw no("woocommerce", "unclear", "The store answered without a coupon. Look at its list of coupons.");
};
