import { createMiddleware } from "hono/factory";
import type { ApiEnv } from "../http.ts";

/** What every answer carries. A page may set a content security policy of its own. */
export const headers = (publicOrigin: string) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    await next();
    const set = (name: string, value: string) => {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    };
    set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    set("X-Content-Type-Options", "nosniff");
    set("X-Frame-Options", "DENY");
    set("Referrer-Policy", "no-referrer");
    set("Cross-Origin-Resource-Policy", "same-origin");
    set("Cache-Control", "no-store");
    if (publicOrigin.startsWith("https://")) set("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
  });
