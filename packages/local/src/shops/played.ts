import { randomBytes } from "node:crypto";
import type { Log } from "@laurel/core/kernel";
import { readJson, writeJson } from "../file.ts";
import { createShopifyStandIn, type ShopifyStandIn } from "../shopify/index.ts";
import { createWooStandIn, type WooStandIn } from "../woocommerce/index.ts";
import { demoDomain, demoStoreUrl, keysFile } from "./names.ts";

/** What opens the two shops of this machine, made once. */
interface Keys {
  shopify: { token: string; clientSecret: string };
  woocommerce: { apiKey: string };
}

/** The two shops that are played on this machine. */
export interface Played {
  keys: Keys;
  shopify: ShopifyStandIn;
  woocommerce: WooStandIn;
  close(): Promise<void>;
}

const word = (): string => randomBytes(16).toString("hex");

/** Opens both shops. What they keep is in the folder, so that a restart goes on with it. */
export function openPlayed(folder: string, { now, log }: { now: () => Date; log: Log }): Played {
  const known = readJson<Keys>(keysFile(folder));
  const keys: Keys = known ?? {
    shopify: { token: `shpat_${word()}`, clientSecret: `shpss_${word()}` },
    woocommerce: { apiKey: `ck_${word()}:cs_${word()}` },
  };
  if (!known) writeJson(keysFile(folder), keys, { mode: 0o600 });
  const shopify = createShopifyStandIn({
    dir: folder,
    now,
    shops: [
      {
        domain: demoDomain,
        shopId: 548380009,
        name: "Demo shop",
        currency: "EUR",
        scopes: ["read_orders", "write_discounts"],
        ...keys.shopify,
      },
    ],
  });
  const woocommerce = createWooStandIn({
    dir: folder,
    now,
    shops: [{ url: demoStoreUrl, name: "Demo store", currency: "EUR", ...keys.woocommerce }],
  });
  shopify.start();
  woocommerce.start();
  log.info("The shops of this machine are open", {});
  return {
    keys,
    shopify,
    woocommerce,
    close: async () => {
      await Promise.all([shopify.close(), woocommerce.close()]);
    },
  };
}
