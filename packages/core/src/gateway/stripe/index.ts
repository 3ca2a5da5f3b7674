export { readStripeObject, stripeEventTypes, stripeFactOf, stripeIdentity } from "./facts.ts";
export * from "./port.ts";
export { createStripeGateway } from "./stripe.ts";
