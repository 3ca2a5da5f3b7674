import { networkOfAddress } from "@laurel/core/limit";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import type { Runtime } from "../../runtime.ts";
import type { ApiEnv, Http } from "../http.ts";

/** Gives each request its id and its context, and writes its line in the log. Whatever somebody could have typed stays out of it. */
export const request = (runtime: Runtime, networkOf: (c: Http) => string) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const started = performance.now();
    const network = networkOfAddress(networkOf(c));
    const actor = { kind: "public", network } as const;
    const ctx = { ...runtime.context(actor), actor };
    c.set("network", network);
    c.set("requestId", ctx.requestId);
    c.set("ctx", ctx);
    c.header("x-request-id", ctx.requestId);
    await next();
    runtime.log.info("request", {
      requestId: ctx.requestId,
      method: c.req.method,
      path: pathOf(routePath(c, -1), c.req.path),
      status: c.res.status,
      ms: Math.round(performance.now() - started),
    });
  });

/** `amb_01jd…`, or an event's `con_01jd…~evt_…`. */
const idShape = /^[a-z]+_[0-9a-z]{26}(~[\w.-]{1,100})?$/;

/** The route's own words, with the ids of what it is about. Of an address that is none of ours, nothing. */
function pathOf(route: string, path: string): string {
  if (!route.startsWith("/api/")) return "(none)";
  const told = path.split("/");
  return route
    .split("/")
    .map((part, at) => (part.startsWith(":") && idShape.test(told[at] ?? "") ? told[at] : part))
    .join("/");
}
