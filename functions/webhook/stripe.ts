import type { Connection } from "@laurel/core/connection";
import { receive } from "@laurel/core/event/receive.ops.ts";
import { stripeIdentity } from "@laurel/core/gateway/stripe/facts.ts";
import { AppError, type Context } from "@laurel/core/kernel";
import { isSignedFor } from "./signed.ts";

/**
 * Verifies a Stripe webhook over its raw bytes with any of the connection's secrets, and takes it in.
 * The connection comes from the address and its mode and account from itself: the body is believed only about what it says
 * of the sale (https://docs.stripe.com/webhooks#verify-official-libraries).
 */
export async function receiveStripe(
  ctx: Context,
  connection: Connection,
  header: (name: string) => string | undefined,
  body: Uint8Array,
): Promise<void> {
  if (!(await isSigned(ctx, connection, header("stripe-signature"), body)))
    throw new AppError(
      "invalid",
      "webhook.signature",
      "The signature does not hold. Check that the webhook's signing secret is the one of this connection.",
    );
  await receive(ctx, connection, stripeIdentity(body), body);
}

async function isSigned(
  ctx: Context,
  connection: Connection,
  signature: string | undefined,
  body: Uint8Array,
): Promise<boolean> {
  if (!signature) return false;
  return isSignedFor(ctx, connection.id, async (secrets) => {
    for (const secret of secrets) if (await ctx.gateways.stripe.verifySignature(body, signature, secret)) return true;
    return false;
  });
}
