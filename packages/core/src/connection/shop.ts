import type { ConnectCheckout } from "@laurel/contract";
import type { ShopFound } from "../gateway/checkout/port.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, invalidField } from "../kernel/errors.ts";
import type { Identity } from "./connector.ts";

type OfShop = Extract<ConnectCheckout, { provider: "shopify" | "woocommerce" }>;

/** What a shop that said who it is becomes. @throws AppError rejected where its key may not do what is needed; invalid */
export async function identityOf(
  ctx: Context,
  { provider, stripeConnectionId }: OfShop,
  found: ShopFound,
  key: string,
): Promise<Identity> {
  if (found.missingRights.length > 0)
    throw new AppError(
      "rejected",
      `${provider}.rights`,
      `This key lacks the right to ${found.missingRights.join(" and ")}. Give it that, and enter it again.`,
    );
  const { connections } = await ctx.program({ maxAgeMs: 0 });
  const stripe = connections.find(({ id }) => id === stripeConnectionId);
  if (stripeConnectionId && stripe?.provider !== "stripe")
    throw invalidField("stripeConnectionId", "is not a connection to Stripe");
  const { livemode, namespace, shopUrl, shopId, name } = found;
  return {
    provider,
    livemode,
    namespace,
    shopUrl,
    name,
    keyEnds: key.slice(-4),
    ...(shopId ? { shopId, accountId: shopId } : {}),
    ...(stripe ? { stripeNamespace: stripe.namespace } : {}),
  };
}
