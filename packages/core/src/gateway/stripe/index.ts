export { readStripeObject, stripeEventTypes, stripeFactOf, stripeIdentity, stripeListedTypes } from "./facts.ts";
export * from "./port.ts";
export { createStripeGateway } from "./stripe.ts";
