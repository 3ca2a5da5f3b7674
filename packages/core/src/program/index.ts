export * from "./first.ts";
export * from "./program.entity.ts";
export * from "./program.ops.ts";
export * from "./program.ts";
