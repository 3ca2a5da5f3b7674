export * from "./first.ts";
export * from "./program.entity.ts";
export * from "./program.ops.ts";
export * from "./program.ts";
export * from "./rules.entity.ts";
export * from "./rules.ops.ts";
export * from "./rules.ts";
