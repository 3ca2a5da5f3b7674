export { buyerTold } from "./buyer.ts";
export * from "./event.entity.ts";
export * from "./event.ops.ts";
export { findCheckout } from "./find-checkout.ts";
export { sweepParked } from "./find-parked.ts";
