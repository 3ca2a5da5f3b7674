/** The checkouts that a program can sell through. */
export const providers = ["stripe", "shopify", "woocommerce"] as const;
export type Provider = (typeof providers)[number];
