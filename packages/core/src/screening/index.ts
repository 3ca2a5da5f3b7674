export * from "./screen.ops.ts";
