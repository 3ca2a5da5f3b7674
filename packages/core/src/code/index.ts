export * from "./check.ops.ts";
export * from "./code.entity.ts";
export * from "./code.ops.ts";
export * from "./code.ts";
export * from "./promo.entity.ts";
export * from "./restate.ts";
export * from "./sync.ops.ts";
export * from "./told.ts";
