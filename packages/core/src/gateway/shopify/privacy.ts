import type { Connection } from "../../connection/index.ts";
import type { Disconnected, PrivacyKind, PrivacyRequest } from "../../privacy/request.ts";
import { emailIn, isObject, type Json, numericId, objectAt, textAt, unclear } from "../checkout/json.ts";

/**
 * The three topics that every app has to serve (https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance).
 * They come by one address for all shops, also for one that was never connected, and for buyers without an account.
 */
const kinds: Record<string, PrivacyKind> = {
  "customers/data_request": "export",
  "customers/redact": "erase_customer",
  "shop/redact": "erase_shop",
};

export const isPrivacyTopic = (topic: string): boolean => Object.hasOwn(kinds, topic);

/**
 * What the bodies of the other topics have: the topic is not signed, and a body that was caught must not ask for more under
 * another one. An erasure of the whole shop names nobody; a buyer who asks what is kept does not ask for its erasure.
 */
const ofOthers: Record<PrivacyKind, string[]> = {
  export: ["orders_to_redact"],
  erase_customer: ["orders_requested", "data_request"],
  erase_shop: ["customer", "orders_to_redact", "orders_requested", "data_request"],
};

const most = 250;

export function privacyRequestOf(connection: Connection, topic: string, body: Json): PrivacyRequest {
  const request = kinds[topic]!;
  const domain = textAt(body, "shop_domain") ?? unclear("it names no shop");
  if (["line_items", "order_id", ...ofOthers[request]].some((name) => body[name] !== undefined))
    unclear("it is not a request of this topic");
  const customer = objectAt(body, "customer");
  const named = request === "export" ? body.orders_requested : body.orders_to_redact;
  return {
    kind: "privacy",
    request,
    email: request === "erase_shop" ? null : emailIn(customer?.email),
    aliases: request === "erase_shop" ? [] : orderAliases(named),
    reference: numericId(objectAt(body, "data_request")?.id) ?? null,
    ofThisShop: sameShop(connection, domain),
  };
}

const orderAliases = (named: unknown): string[] =>
  Array.isArray(named)
    ? named
        .flatMap((each) => numericId(each) ?? [])
        .slice(0, most)
        .map((id) => `order_${id}`)
    : [];

const sameShop = (connection: Connection, domain: string): boolean =>
  connection.shopUrl !== undefined && new URL(connection.shopUrl).host === domain.toLowerCase();

/**
 * `app/uninstalled` carries the shop itself, and no word of when: its `updated_at` is the last change of its settings, which
 * mostly lies before it was connected.
 */
export function uninstalledOf(connection: Connection, shop: Json, receivedAt: Date): Disconnected {
  const domain = textAt(shop, "myshopify_domain") ?? unclear("it is not a shop");
  if (!isObject(shop) || shop.line_items !== undefined) unclear("it is not a shop");
  if (!sameShop(connection, domain)) unclear("it is about a shop that this connection is not for");
  return { kind: "disconnected", why: "The app was uninstalled at Shopify.", at: receivedAt.toISOString() };
}
