import type { PricedLine } from "../stripe/totals.ts";

export const currencies = ["EUR", "USD", "JPY"] as const;
export type Currency = (typeof currencies)[number];

export interface Product {
  sku: string;
  name: string;
  about: string;
  /** Minor units. */
  price: Record<Currency, number>;
}

/** Plainly made up, and plainly called so. */
export const products: Product[] = [
  {
    sku: "shoes",
    name: "Demo trail shoes",
    about: "For paths that are not on the map.",
    price: { EUR: 12_900, USD: 13_900, JPY: 19_800 },
  },
  {
    sku: "shell",
    name: "Demo rain shell",
    about: "Keeps out pretend weather.",
    price: { EUR: 17_900, USD: 19_500, JPY: 26_800 },
  },
  {
    sku: "socks",
    name: "Demo merino socks",
    about: "Two of them, as usual.",
    price: { EUR: 1_800, USD: 1_950, JPY: 2_600 },
  },
  {
    sku: "bottle",
    name: "Demo water bottle",
    about: "Holds 0.75 l of nothing yet.",
    price: { EUR: 2_400, USD: 2_600, JPY: 3_400 },
  },
];

/** How each country of this shop taxes and ships: the three ways in which a total and what commission is counted on differ. */
export const terms: Record<
  Currency,
  { tax: { name: string; percentage: number; inclusive: boolean }; shipping: number }
> = {
  EUR: { tax: { name: "VAT", percentage: 19, inclusive: true }, shipping: 490 },
  USD: { tax: { name: "Sales tax", percentage: 8, inclusive: false }, shipping: 600 },
  JPY: { tax: { name: "Consumption tax", percentage: 10, inclusive: true }, shipping: 800 },
};

export const pricedLine = (product: Product, quantity: number, currency: Currency): PricedLine => ({
  unitAmount: product.price[currency],
  quantity,
  tax: terms[currency].tax,
});
