export * from "./ambassador.entity.ts";
export * from "./ambassador.ops.ts";
export * from "./ambassador.ts";
export * from "./every-code.ts";
export * from "./own-code.ops.ts";
export * from "./put-again.ops.ts";
export * from "./rotate-code.ops.ts";
