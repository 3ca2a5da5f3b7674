export * from "./change.ops.ts";
export * from "./connect.ops.ts";
export * from "./connection.entity.ts";
export * from "./list.ops.ts";
export * from "./webhook.ops.ts";
