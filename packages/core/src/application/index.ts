export * from "./application.entity.ts";
export * from "./application.ts";
export * from "./apply.ops.ts";
export * from "./approve.ops.ts";
export * from "./claim.entity.ts";
export * from "./link.ops.ts";
export { findApplication, loadAround } from "./load.ts";
export * from "./review.ops.ts";
export * from "./undo.ops.ts";
