import type { Connection } from "@laurel/core/connection";
import { receive } from "@laurel/core/event/receive.ops.ts";
import { isSignedBase64 } from "@laurel/core/gateway/checkout";
import { isWooPing, wooIdentity } from "@laurel/core/gateway/woocommerce/facts.ts";
import { AppError, type Context } from "@laurel/core/kernel";
import { isSignedFor } from "./signed.ts";

/**
 * Verifies a WooCommerce webhook over its raw bytes and takes it in. WooCommerce never sends anything twice, and switches a
 * hook off that was refused often: what is signed is answered with 200 whatever it says
 * (https://woocommerce.com/document/webhooks/).
 */
export async function receiveWooCommerce(
  ctx: Context,
  connection: Connection,
  header: (name: string) => string | undefined,
  body: Uint8Array,
): Promise<void> {
  const signature = header("x-wc-webhook-signature");
  // Asked on save whether somebody is there; nothing follows from it.
  if (signature === undefined && isWooPing(body)) return;
  if (!(await isSignedFor(ctx, connection.id, (secrets) => isSignedBase64(body, signature, secrets))))
    throw new AppError(
      "unauthenticated",
      "webhook.signature",
      "The signature does not hold. Check that the webhook's secret is the one of this connection.",
    );
  await receive(ctx, connection, wooIdentity(body, header("x-wc-webhook-topic")), body);
}
