export { buyersTold } from "./buyer.ts";
export * from "./event.entity.ts";
export { findCheckout } from "./find-checkout.ts";
export { sweepParked } from "./find-parked.ts";
export * from "./inbox.ops.ts";
export { missedEvents, receive } from "./receive.ops.ts";
export type { EventRef } from "./ref.ts";
export { settleEvent, sweepEvents } from "./settle.ops.ts";
