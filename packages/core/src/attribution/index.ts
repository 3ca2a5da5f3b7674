export * from "./attribution.ts";
