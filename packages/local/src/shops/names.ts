import { existsSync } from "node:fs";
import { join } from "node:path";

/** The two shops that are played on this machine. Nothing heavy stands here, so that a start need not load them. */
export const demoDomain = "demo-shop.myshopify.com";
export const demoStoreUrl = "https://demo-store.example";

/** What opens them. */
export const keysFile = (folder: string): string => join(folder, "shops.json");

/** Whether anybody has opened the shops of this folder before. */
export const hasPlayed = (folder: string): boolean => existsSync(keysFile(folder));

/** Where they answer, below an address of this machine. */
export const apiBases = (base: string): { shopify: string; woocommerce: string } => ({
  shopify: `${base}/local/shopify`,
  woocommerce: `${base}/local/woocommerce`,
});
