export * from "./bulk.ops.ts";
export * from "./flag.entity.ts";
export * from "./raise.ops.ts";
export * from "./read.ops.ts";
export * from "./resolve.ops.ts";
export type * from "./rule.ts";
export * from "./rules.ts";
export * from "./warning.ops.ts";
