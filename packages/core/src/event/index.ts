export * from "./event.entity.ts";
export * from "./event.ops.ts";
