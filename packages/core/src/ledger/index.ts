export * from "./ledger.entity.ts";
export * from "./ledger.ops.ts";
export * from "./ledger.ts";
