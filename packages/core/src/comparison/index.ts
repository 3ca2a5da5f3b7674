export * from "./comparison.entity.ts";
