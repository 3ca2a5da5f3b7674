export * from "./catch-up.ops.ts";
export * from "./compare.ops.ts";
export * from "./poll.entity.ts";
