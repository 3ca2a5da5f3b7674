export * from "./attributed.ts";
export * from "./fact.ts";
export * from "./order.entity.ts";
export * from "./order.ops.ts";
export * from "./order.ts";
export * from "./read.ops.ts";
export * from "./settle.ts";
export * from "./view.ts";
