export * from "./effect.entity.ts";
export * from "./effect.ops.ts";
export * from "./effect.ts";
