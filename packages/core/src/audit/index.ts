export * from "./audit.entity.ts";
export * from "./audit.ops.ts";
