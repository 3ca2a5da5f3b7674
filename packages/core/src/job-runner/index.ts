export * from "./job.ops.ts";
export * from "./kinds.ts";
export * from "./run.ts";
