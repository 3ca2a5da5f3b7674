export * from "./port.ts";
export { createStripeGateway } from "./stripe.ts";
export { stripeFactOf, stripeIdentity } from "./facts.ts";
