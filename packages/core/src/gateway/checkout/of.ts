import type { Connection } from "../../connection/index.ts";
import type { Context } from "../../kernel/context.ts";
import { stripeCheckout } from "../stripe/checkout.ts";
import type { CheckoutGateway } from "./port.ts";

/** The checkout that a connection leads to, whichever provider's it is. */
export const checkoutOf = (
  { gateways }: Pick<Context, "gateways">,
  { provider }: Pick<Connection, "provider">,
): CheckoutGateway => (provider === "stripe" ? stripeCheckout(gateways.stripe) : gateways[provider]);
