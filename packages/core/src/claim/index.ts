export * from "./ask.ops.ts";
export * from "./claim.entity.ts";
export * from "./claim.ts";
export * from "./decide.ops.ts";
export * from "./read.ops.ts";
