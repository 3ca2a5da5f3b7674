import type { Connection } from "../../connection/index.ts";
import { withKey } from "../checkout/key.ts";
import type { ShopGateway } from "../checkout/port.ts";
import type { SecretsGateway } from "../secrets/port.ts";
import { openStore, type Store, wooAddress } from "./client.ts";
import { createCode, findCode, getCode, setCodeActive } from "./coupons.ts";
import { baseOf, checkStore, ensureWebhooks, getOrder, listOrders, removeWebhooks } from "./store.ts";

/**
 * WooCommerce stores by their REST API.
 * @param apiBase only for a stand-in, such as http://127.0.0.1:12113; the store itself otherwise
 */
export function createWooCommerceGateway({
  secrets,
  apiBase,
}: {
  secrets: SecretsGateway;
  apiBase?: string | undefined;
}): ShopGateway {
  const open = (shopUrl: string | undefined, apiKey: string): Store => {
    const base = baseOf(shopUrl);
    return openStore(apiBase ?? base, apiKey, apiBase !== undefined);
  };
  const asked = <T>({ id, shopUrl }: Connection, question: (store: Store) => Promise<T>): Promise<T> =>
    withKey(secrets, id, "woocommerce.access_denied", (apiKey) => question(open(shopUrl, apiKey)));
  return {
    findCode: (connection, code) => asked(connection, (store) => findCode(store, code)),
    getCode: (connection, id) => asked(connection, (store) => getCode(store, id)),
    createCode: (connection, input) => asked(connection, (store) => createCode(store, input)),
    setCodeActive: (connection, id, active) => asked(connection, (store) => setCodeActive(store, id, active)),
    check: async ({ shopUrl, apiKey }) => {
      const address = wooAddress(shopUrl);
      return checkStore(open(address, apiKey), address);
    },
    ensureWebhooks: ({ shopUrl, apiKey }, webhookUrl, secret) =>
      ensureWebhooks(open(shopUrl, apiKey), webhookUrl, secret),
    removeWebhooks: ({ shopUrl, apiKey }, webhookUrl) => removeWebhooks(open(shopUrl, apiKey), webhookUrl),
    getOrder: (connection, id) => asked(connection, (store) => getOrder(store, id)),
    listOrdersSince: (connection, since, after) => asked(connection, (store) => listOrders(store, since, after)),
  };
}
