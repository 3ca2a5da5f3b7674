import { networkOfAddress } from "@laurel/core/limit";
import { createMiddleware } from "hono/factory";
import type { Runtime } from "../../runtime.ts";
import type { ApiEnv, Http } from "../http.ts";

/** Gives each request its id and its context, and writes its line in the log. Addresses and queries stay out of it. */
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
      path: c.req.path,
      status: c.res.status,
      ms: Math.round(performance.now() - started),
    });
  });
