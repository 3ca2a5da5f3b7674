export * from "./earned.ts";
export * from "./run.ts";
