import type { Context } from "@laurel/core/kernel";
import { absoluteMs, readSession, sessionCookie } from "@laurel/core/session";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Http } from "../http.ts";

/** The session cookie of this deployment: how it is read, set and cleared. */
export function sessionOf(publicOrigin: string) {
  const { name, secure } = sessionCookie(publicOrigin);
  const attributes = { path: "/", httpOnly: true, sameSite: "Lax", secure } as const;
  return {
    read: (c: Http): string | undefined => getCookie(c, name),
    set: (c: Http, value: string): void => setCookie(c, name, value, { ...attributes, maxAge: absoluteMs / 1000 }),
    clear: (c: Http): void => {
      deleteCookie(c, name, attributes);
    },
    /** The person of the request's session, else the public. */
    actorOf: async (c: Http): Promise<Context["actor"]> => {
      const ctx = c.get("ctx");
      const cookie = getCookie(c, name);
      return (cookie && (await readSession(ctx, cookie))) || ctx.actor;
    },
  };
}
