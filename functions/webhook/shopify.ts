import type { Connection } from "@laurel/core/connection";
import { receive } from "@laurel/core/event/receive.ops.ts";
import { isSignedBase64 } from "@laurel/core/gateway/checkout";
import { shopifyIdentity } from "@laurel/core/gateway/shopify/facts.ts";
import { isPrivacyTopic } from "@laurel/core/gateway/shopify/privacy.ts";
import { AppError, type Context } from "@laurel/core/kernel";
import { isSignedFor } from "./signed.ts";

type Header = (name: string) => string | undefined;

/**
 * Verifies a Shopify webhook over its raw bytes with any of the app's client secrets, and takes it in. Only the body is
 * signed: the connection comes from the address, and the shop that a header names must be its own. Requests about personal
 * data come for every shop that ever had the app, so of those the body says which shop it is
 * (https://shopify.dev/docs/apps/build/webhooks/verify-deliveries).
 */
export async function receiveShopify(
  ctx: Context,
  connection: Connection,
  header: Header,
  body: Uint8Array,
): Promise<void> {
  const topic = header("x-shopify-topic") ?? "";
  const signature = header("x-shopify-hmac-sha256");
  const signed = await isSignedFor(ctx, connection.id, (secrets) => isSignedBase64(body, signature, secrets));
  if (!signed || !(isPrivacyTopic(topic) || isOfShop(connection, header("x-shopify-shop-domain"))))
    throw new AppError(
      "unauthenticated",
      "webhook.signature",
      "The signature does not hold for this shop. Check that the connection has the client secret of the app and the shop's own myshopify.com address.",
    );
  const identity = shopifyIdentity(body, {
    topic,
    webhookId: header("x-shopify-webhook-id"),
    eventId: header("x-shopify-event-id"),
  });
  await receive(ctx, connection, { ...identity, happenedAt: triggeredAt(header) }, body);
}

/** Nothing is taken of a shop that was disconnected, but what it asks about its buyers' data once the app is gone. */
export const isHeardAfterwards = (connection: Connection, header: Header): boolean =>
  connection.signingKept === true && isPrivacyTopic(header("x-shopify-topic") ?? "");

const isOfShop = (connection: Connection, domain: string | undefined): boolean =>
  connection.shopUrl !== undefined && new URL(connection.shopUrl).host === domain?.toLowerCase();

function triggeredAt(header: Header): Date | undefined {
  const at = Date.parse(header("x-shopify-triggered-at") ?? "");
  return Number.isNaN(at) ? undefined : new Date(at);
}
