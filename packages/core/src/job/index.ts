export * from "./job.entity.ts";
export * from "./job.ops.ts";
export * from "./job.ts";
export * from "./rows.ts";
