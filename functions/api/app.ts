import { OpenAPIHono } from "@hono/zod-openapi";
import { sessionCookie } from "@laurel/core/session";
import type { Hono } from "hono";
import type { Runtime } from "../runtime.ts";
import { docs } from "./docs.ts";
import type { ApiEnv, Http } from "./http.ts";
import { bodySize, bodyType } from "./middleware/body.ts";
import { headers } from "./middleware/headers.ts";
import { origin } from "./middleware/origin.ts";
import { request } from "./middleware/request.ts";
import { sessionOf } from "./middleware/session.ts";
import { describe, documentOf } from "./openapi.ts";
import { noRoute, onError, wrongMethod } from "./problem.ts";
import { type AnyRoute, handlerOf } from "./route.ts";
import { routes as allRoutes } from "./routes/index.ts";

export interface ApiOptions {
  /** The caller's network address. Only the front door knows it; without one it is read from its header. */
  networkOf?: (c: Http) => string;
  /** The routes to serve; all of them unless a test says otherwise. */
  routes?: readonly AnyRoute[];
  /** False leaves the check of the role to the operations alone; a test shows that they do it. */
  guard?: boolean;
}

/** The API: everything under /api. */
export function createApi(runtime: Runtime, options: ApiOptions = {}): Hono<ApiEnv> {
  const { networkOf = (c) => c.req.header("x-laurel-viewer-ip") ?? "", routes = allRoutes, guard = true } = options;
  const { PUBLIC_ORIGIN } = runtime.env;
  const app = new OpenAPIHono<ApiEnv>();
  app.onError(onError(runtime.log));
  app.use("*", request(runtime, networkOf), headers(PUBLIC_ORIGIN), bodySize, origin(PUBLIC_ORIGIN), bodyType);

  const { actorOf } = sessionOf(PUBLIC_ORIGIN);
  for (const it of routes) {
    if (!it.permission) throw new Error(`${it.method} ${it.path} does not say who may use it`);
    describe(app, it);
    app.on(
      it.method.toUpperCase(),
      it.path.replaceAll(/\{(\w+)\}/g, ":$1"),
      handlerOf(it, runtime, { actorOf, guard }),
    );
  }

  let document: ReturnType<typeof documentOf> | undefined;
  app.get("/api/openapi.json", (c) => {
    document ??= documentOf(app, sessionCookie(PUBLIC_ORIGIN).name);
    return c.json(document);
  });
  app.route("/api/docs", docs());

  const shapes = routes.map((it) => ({
    method: it.method.toUpperCase(),
    shape: new RegExp(`^${it.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  app.notFound((c) => {
    const allowed = shapes.filter(({ shape }) => shape.test(c.req.path)).map(({ method }) => method);
    return allowed.length > 0 ? wrongMethod(c, allowed) : noRoute(c);
  });
  return app;
}
