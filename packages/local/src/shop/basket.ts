import * as z from "zod";
import { currencies, products } from "./products.ts";

const maxOfOne = 9;
const Quantity = z.coerce.number().int().min(0).max(maxOfOne).catch(0);
const clickId = /^[A-Za-z0-9_-]{1,200}$/;

/** What a visitor has chosen. It rides in a cookie of the shop's own pages, as a shop of one's own would keep it. */
export interface Basket {
  currency: (typeof currencies)[number];
  /** SKU → how many. */
  items: Record<string, number>;
  code: string;
  email: string;
  delayed: boolean;
  /** The click by which the visitor came from an ambassador's link. */
  click: string | null;
}

export const emptyBasket: Basket = {
  currency: "EUR",
  items: { shoes: 1 },
  code: "",
  email: "casey.customer@example.com",
  delayed: false,
  click: null,
};

const Fields = z.object({
  currency: z.enum(currencies).catch("EUR"),
  code: z
    .string()
    .catch("")
    .transform((code) => code.trim().toUpperCase().slice(0, 40)),
  email: z
    .string()
    .catch("")
    .transform((email) => email.trim().slice(0, 254)),
  delayed: z.preprocess((value) => value === true || value === "yes", z.boolean()),
  click: z.string().regex(clickId).nullable().catch(null),
});

const items = (count: (sku: string) => unknown): Record<string, number> =>
  Object.fromEntries(products.map(({ sku }) => [sku, Quantity.parse(count(sku) ?? 0)]));

/** Reads the shop's form; whatever makes no sense in it becomes something that does. */
export const basketFromForm = (form: Record<string, unknown>, click: string | null): Basket => ({
  ...Fields.parse({ ...form, click }),
  items: items((sku) => form[`quantity_${sku}`]),
});

export function basketFromCookie(cookie: string | undefined): Basket {
  if (!cookie) return emptyBasket;
  try {
    const kept = JSON.parse(Buffer.from(cookie, "base64url").toString()) as Record<string, unknown>;
    const counts = (kept.items ?? {}) as Record<string, unknown>;
    return { ...Fields.parse(kept), items: items((sku) => counts[sku]) };
  } catch {
    return emptyBasket;
  }
}

export const cookieOfBasket = (basket: Basket): string => Buffer.from(JSON.stringify(basket)).toString("base64url");

/** What an ambassador's link brought along. */
export function arrival(query: (name: string) => string | undefined): Pick<Basket, "click" | "code"> | undefined {
  const click = query("laurel_click");
  if (!click || !clickId.test(click)) return undefined;
  return {
    click,
    code: /^[A-Za-z0-9-]{1,40}$/.test(query("laurel_code") ?? "") ? query("laurel_code")!.toUpperCase() : "",
  };
}
