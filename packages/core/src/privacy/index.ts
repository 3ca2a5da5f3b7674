export * from "./privacy.entity.ts";
export * from "./privacy.ops.ts";
export * from "./request.ts";
