import type { OpenAPIHono } from "@hono/zod-openapi";
import { Problem } from "@laurel/contract";
import * as z from "zod";
import type { ApiEnv } from "./http.ts";
import { titleOf } from "./problem.ts";
import { type AnyRoute, rolesOfRoute, statusOf, takesKey } from "./route.ts";

/** A code that each status really comes with, for the examples. */
const codes: Record<number, string> = {
  400: "request.invalid",
  401: "auth.required",
  403: "auth.forbidden",
  404: "not_found",
  409: "idempotency.in_progress",
  413: "request.too_large",
  415: "request.content_type",
  422: "idempotency.other_body",
  429: "limit.reached",
  500: "internal",
  503: "table.unavailable",
};

function problemContent(status: number, path: string) {
  const example: Problem = {
    type: `urn:laurel:problem:${codes[status]}`,
    title: titleOf(status),
    status,
    detail: `${said[status]}.`,
    instance: path,
    code: codes[status]!,
    requestId: "req_01jd0000000000000000000000",
    ...(status === 400 ? { errors: [{ field: "name", message: "is missing" }] } : {}),
    ...(status === 429 || status === 503 ? { retryAfterMs: 5000 } : {}),
  };
  return { "application/problem+json": { schema: Problem, example } };
}

const said: Record<number, string> = {
  400: "Something in the request is wrong; `errors` names the fields",
  401: "Nobody is signed in, or the session is over",
  403: "The role does not include this, or the request came from another site",
  404: "There is nothing with this id, or nothing that the caller may see",
  409: "Somebody or something else was first, or the same request is being worked on",
  413: "The body has more than 256 KiB",
  415: "The body is not JSON",
  422: "It cannot be done as things are, or the Idempotency-Key was used with another body",
  429: "Too often; Retry-After tells when to come back",
  500: "Our fault",
  503: "A part of Laurel does not answer; Retry-After tells when to come back",
};

function problemsOf(it: AnyRoute): number[] {
  const open = it.permission === "public";
  const changes = it.method !== "get";
  const may: Record<number, boolean> = {
    401: !open || it.path.startsWith("/api/auth/"),
    403: !open || changes,
    404: it.path.includes("{"),
    409: changes,
    413: changes,
    415: changes,
    422: changes,
    429: changes,
  };
  return Object.keys(said)
    .map(Number)
    .filter((status) => may[status] ?? true);
}

const keyParameter = z.string().min(1).max(255).optional().meta({
  description: "Makes a repetition harmless: the same key and body get the same outcome once. Kept for 24 hours.",
  example: "5f0c4f7e-2f0e-4f65-9f0a-1d1d5f6f2b11",
});

/** Writes one route into the document. */
export function describe(app: OpenAPIHono<ApiEnv>, it: AnyRoute): void {
  const roles = rolesOfRoute(it);
  app.openAPIRegistry.registerPath({
    method: it.method,
    path: it.path,
    summary: it.summary,
    description: [it.description, `For ${roles ? roles.join(", ") : "everybody"}.`].filter(Boolean).join("\n\n"),
    tags: [it.tag],
    operationId: operationId(it),
    security: roles ? [{ session: [] }] : [],
    "x-permission": it.permission,
    "x-roles": roles ? [...roles] : ["public"],
    request: {
      ...(it.params ? { params: it.params } : {}),
      ...(it.query ? { query: it.query } : {}),
      ...(takesKey(it) ? { headers: z.object({ "Idempotency-Key": keyParameter }) } : {}),
      ...(it.body
        ? { body: { content: { "application/json": { schema: it.body } }, required: !it.body.safeParse({}).success } }
        : {}),
    },
    responses: {
      [statusOf(it)]: {
        description: it.answerDescription ?? (it.answer ? "Done" : "Done; there is nothing to say"),
        ...(it.answer ? { content: { "application/json": { schema: it.answer } } } : {}),
      },
      ...Object.fromEntries(
        problemsOf(it).map((status) => [
          status,
          { description: said[status]!, content: problemContent(status, it.path) },
        ]),
      ),
    },
  });
}

/** get /api/orders/{id}/receipt → getOrdersIdReceipt */
const operationId = (it: AnyRoute): string =>
  it.method +
  it.path
    .replace("/api/", "/")
    .replace(/[^A-Za-z0-9]+(.)?/g, (_, letter: string | undefined) => letter?.toUpperCase() ?? "");

/** The whole document, OpenAPI 3.1. */
export function documentOf(app: OpenAPIHono<ApiEnv>, cookieName: string) {
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: cookieName,
    description: "Set by POST /api/auth/verify. Unsafe methods must also carry the portal's own Origin.",
  });
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Laurel",
      version: "0.1.0",
      description:
        "The API of Laurel, an ambassador and referral program. Lists come in pages `{ items, cursor }`: hand the cursor back to get the next one. Errors are problem details (RFC 9457). `x-roles` of each operation tells who may call it.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
  });
}
