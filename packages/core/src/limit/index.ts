export * from "./limit.ops.ts";
export * from "./network.ts";
