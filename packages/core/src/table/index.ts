export * from "./client.ts";
export * from "./consumed.ts";
export * from "./entity.ts";
export * from "./keys.ts";
export * from "./read.ts";
export * from "./schema.ts";
export * from "./transact.ts";
