export * from "./replay.ops.ts";
