import { sessionCookie } from "@laurel/core/session";
import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { type ApiEnv, unsafe } from "../http.ts";
import { problem } from "../problem.ts";

/**
 * Refuses requests that another site makes a browser send (cross-site request forgery). Browsers put Origin on every
 * unsafe request, and a page cannot change it. Without a cookie there is nothing to abuse, save at the sign-in
 * itself, where another site could sign its visitor in as somebody else.
 */
export const origin = (publicOrigin: string) => {
  const own = new URL(publicOrigin).origin;
  const { name } = sessionCookie(publicOrigin);
  return createMiddleware<ApiEnv>(async (c, next) => {
    const guarded = unsafe(c.req.method) && (getCookie(c, name) !== undefined || c.req.path.startsWith("/api/auth/"));
    if (guarded && c.req.header("origin") !== own)
      return problem(c, {
        status: 403,
        code: "request.origin",
        detail: `Requests like this one are taken only from ${own}.`,
      });
    await next();
  });
};
