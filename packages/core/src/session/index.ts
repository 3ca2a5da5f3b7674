export * from "./cookie.ts";
export * from "./session.entity.ts";
export * from "./session.ops.ts";
export { absoluteMs, idleMs, readCookieValue } from "./session.ts";
