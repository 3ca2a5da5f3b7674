import type { Connection } from "../../connection/index.ts";
import { withKey } from "../checkout/key.ts";
import type { ShopAccess, ShopGateway } from "../checkout/port.ts";
import type { SecretsGateway } from "../secrets/port.ts";
import { openShopify, type Query } from "./client.ts";
import { createCode, findCode, getCode, setCodeActive } from "./codes.ts";
import { getOrder, listOrders } from "./orders.ts";
import { checkShop, ensureWebhooks, originOf, removeWebhooks, shopifyAddress } from "./shop.ts";

/**
 * Shopify shops by their Admin API.
 * @param apiBase only for a stand-in, such as http://127.0.0.1:12112; the shop itself otherwise
 */
export function createShopifyGateway({
  secrets,
  apiBase,
}: {
  secrets: SecretsGateway;
  apiBase?: string | undefined;
}): ShopGateway {
  const standIn = apiBase !== undefined;
  const at = (shopUrl: string | undefined): string => {
    const origin = originOf(shopUrl);
    return apiBase ?? origin;
  };
  const keyed = <T>({ id }: Connection, work: (apiKey: string) => Promise<T>): Promise<T> =>
    withKey(secrets, id, "shopify.http_401", work);
  const asked = <T>(connection: Connection, question: (query: Query) => Promise<T>): Promise<T> =>
    keyed(connection, (apiKey) => question(openShopify(at(connection.shopUrl), apiKey, standIn)));
  const opened = ({ shopUrl, apiKey }: ShopAccess) => openShopify(at(shopUrl), apiKey, standIn);
  return {
    findCode: (connection, code) => asked(connection, (query) => findCode(query, code)),
    getCode: (connection, id) => asked(connection, (query) => getCode(query, id)),
    createCode: (connection, input) => asked(connection, (query) => createCode(query, input)),
    setCodeActive: (connection, id, active) => asked(connection, (query) => setCodeActive(query, id, active)),
    check: async (access) => {
      const shopUrl = shopifyAddress(access.shopUrl);
      return checkShop(opened({ ...access, shopUrl }), shopUrl);
    },
    ensureWebhooks: (access, webhookUrl) => ensureWebhooks(opened(access), webhookUrl),
    removeWebhooks: (access, webhookUrl) => removeWebhooks(opened(access), webhookUrl),
    getOrder: (connection, id) => keyed(connection, (apiKey) => getOrder(at(connection.shopUrl), apiKey, standIn, id)),
    listOrdersSince: (connection, since, after) =>
      keyed(connection, (apiKey) => listOrders(at(connection.shopUrl), apiKey, standIn, since, after)),
  };
}
