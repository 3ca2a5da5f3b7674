export * from "./me.ops.ts";
export * from "./mint.ops.ts";
export * from "./sign-in.entity.ts";
export * from "./start.ops.ts";
export * from "./verify.ops.ts";
