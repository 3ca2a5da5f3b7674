export * from "./correct.ops.ts";
export * from "./correction.entity.ts";
export * from "./correction.ts";
export * from "./decide.ops.ts";
export * from "./read.ops.ts";
