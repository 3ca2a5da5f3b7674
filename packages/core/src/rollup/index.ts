export * from "./rollup.entity.ts";
export * from "./rollup.ops.ts";
export * from "./rollup.ts";
