export * from "./commission.entity.ts";
export * from "./commission.ts";
export * from "./release.ops.ts";
