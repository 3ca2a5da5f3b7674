export * from "./connection.entity.ts";
