import { AppError, invalidField } from "../../kernel/errors.ts";
import { currencyAt, objectAt, objectsAt, textAt } from "../checkout/json.ts";
import type { ShopFound } from "../checkout/port.ts";
import { no, shopAddress } from "../checkout/refusal.ts";
import { mustBeDone, type Query, userErrorsOf } from "./client.ts";

/** What an app has to be allowed: https://shopify.dev/docs/api/usage/access-scopes */
const rights = ["read_orders", "write_discounts"];

/** What a connection listens to. The three topics about personal data are part of the app itself and cannot be asked for here. */
const topics = [
  "ORDERS_CREATE",
  "ORDERS_PAID",
  "ORDERS_UPDATED",
  "ORDERS_CANCELLED",
  "REFUNDS_CREATE",
  "APP_UNINSTALLED",
];

/**
 * The address of a shop at Shopify, from what an owner types: the name alone, the host, or the whole address. Nothing else but
 * `*.myshopify.com` is ever asked.
 * @returns `https://example.myshopify.com`
 * @throws AppError invalid
 */
export function shopifyAddress(text: string): string {
  const given = /^[a-z0-9][a-z0-9-]{0,59}$/i.test(text.trim()) ? `${text.trim()}.myshopify.com` : text;
  const { hostname, port, pathname } = shopAddress(given);
  if (!/^[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com$/.test(hostname) || port !== "" || pathname !== "/")
    throw invalidField("shopUrl", "is not the myshopify.com address of a shop, such as example.myshopify.com");
  return `https://${hostname}`;
}

export async function checkShop(query: Query, shopUrl: string): Promise<ShopFound> {
  const data = await query(
    "{ shop { id name myshopifyDomain currencyCode plan { partnerDevelopment } } currentAppInstallation { accessScopes { handle } } }",
  );
  const shop = objectAt(data, "shop");
  if (!shop) throw no("shopify", "unclear", "Shopify did not say which shop this is.");
  const { host } = new URL(shopUrl);
  if (textAt(shop, "myshopifyDomain")?.toLowerCase() !== host)
    throw no("shopify", "other_shop", `The access token is one of another shop, not of ${host}.`);
  const has = objectsAt(objectAt(data, "currentAppInstallation") ?? {}, "accessScopes").map((each) => each.handle);
  const shopId = /\/(\d{1,20})$/.exec(textAt(shop, "id") ?? "")?.[1];
  return {
    name: textAt(shop, "name", 100) ?? host,
    shopUrl,
    ...(shopId ? { shopId } : {}),
    livemode: objectAt(shop, "plan")?.partnerDevelopment !== true,
    namespace: `shopify_${host}`,
    currency: currencyAt(shop, "currencyCode"),
    missingRights: rights.filter((right) => !has.includes(right) && !has.includes(right.replace("read_", "write_"))),
  };
}

export async function ensureWebhooks(query: Query, webhookUrl: string): Promise<void> {
  const listed = await query("{ webhookSubscriptions(first: 100) { nodes { topic uri } } }");
  const there = new Set(
    objectsAt(objectAt(listed, "webhookSubscriptions") ?? {}, "nodes").flatMap((each) =>
      each.uri === webhookUrl ? [each.topic] : [],
    ),
  );
  for (const topic of topics.filter((each) => !there.has(each))) {
    const data = await query(
      "mutation($topic: WebhookSubscriptionTopic!, $to: WebhookSubscriptionInput!) { webhookSubscriptionCreate(topic: $topic, webhookSubscription: $to) { userErrors { field message } } }",
      { topic, to: { uri: webhookUrl, format: "JSON" } },
    );
    const payload = objectAt(data, "webhookSubscriptionCreate");
    // Somebody else was quicker: what counts is that it is there.
    if (userErrorsOf(payload).every((each) => /already been taken/.test(each.message))) continue;
    mustBeDone(payload);
  }
}

export async function removeWebhooks(query: Query, webhookUrl: string): Promise<void> {
  const listed = await query("{ webhookSubscriptions(first: 100) { nodes { id uri } } }");
  for (const each of objectsAt(objectAt(listed, "webhookSubscriptions") ?? {}, "nodes")) {
    if (each.uri !== webhookUrl) continue;
    const data = await query(
      "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { userErrors { field message } } }",
      { id: each.id },
    );
    const payload = objectAt(data, "webhookSubscriptionDelete");
    if (userErrorsOf(payload).every((error) => /does not exist/.test(error.message))) continue;
    mustBeDone(payload);
  }
}

/** What is stored of a connection must be an address of Shopify's, whoever wrote it. */
export function originOf(shopUrl: string | undefined): string {
  if (!shopUrl) throw new AppError("rejected", "shopify.no_shop", "The connection names no shop. Connect it again.");
  return shopifyAddress(shopUrl);
}
