export * from "./setup.ops.ts";
