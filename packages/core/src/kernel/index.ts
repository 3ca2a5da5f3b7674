export * from "./commit.ts";
export * from "./context.ts";
export * from "./errors.ts";
export * from "./ids.ts";
export * from "./money.ts";
export * from "./permission.ts";
export * from "./secrecy.ts";
export * from "./time.ts";
