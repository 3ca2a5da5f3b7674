export * from "./effect.entity.ts";
export * from "./effect.ts";
