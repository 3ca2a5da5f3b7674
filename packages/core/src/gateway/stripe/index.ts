export * from "./port.ts";
export { createStripeGateway } from "./stripe.ts";
