export * from "./tier.entity.ts";
export * from "./tier.ops.ts";
