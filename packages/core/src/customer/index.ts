export * from "./customer.entity.ts";
export { customersImport, importCustomers } from "./import.ops.ts";
