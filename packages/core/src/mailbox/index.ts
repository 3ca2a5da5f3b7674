export * from "./mailbox.entity.ts";
export * from "./mailbox.ops.ts";
export { troubleOf } from "./mailbox.ts";
