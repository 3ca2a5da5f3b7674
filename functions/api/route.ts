import type { Role } from "@laurel/contract";
import { authorize, type Context, type Permission, rolesOf, sha256 } from "@laurel/core/kernel";
import * as z from "zod";
import type { Runtime } from "../runtime.ts";
import { type ApiEnv, type Http, unsafe } from "./http.ts";
import { invalid, read } from "./input.ts";

/** What a route's function is given: its input, validated, and the context of its caller. */
export interface Call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  /** On public routes the actor is `public`, also where a session cookie came along. */
  ctx: Context;
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** For the few that set a cookie or a header. */
  http: Http;
  runtime: Runtime;
}

type Method = "get" | "post" | "patch" | "put" | "delete";

/**
 * One route: what it is, who may use it, what it takes and gives. The document, the validation and the check of the
 * role all come from it. `permission` has no default: a route that nobody thought about is open to nobody.
 */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
> {
  method: Method;
  /** In OpenAPI's way: /api/orders/{id}/receipt */
  path: `/api/${string}`;
  /** One line, as a heading in the docs. */
  summary: string;
  description?: string;
  /** The heading under which the docs show it. */
  tag: string;
  permission: Permission | "public";
  params?: P;
  query?: Q;
  body?: B;
  /** Its status, 200 unless told. */
  status?: 200 | 201 | 202 | 204;
  /** What it answers; without a schema the body is empty and the status 204. */
  answer?: A;
  /** What the answer means, for the docs. */
  answerDescription?: string;
  /** False where remembering an answer would be wrong, as with a sign-in. */
  idempotency?: false;
  handle: (call: Call<P, Q, B>) => Promise<z.input<A>>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of routes holds routes of every shape
export type AnyRoute = Route<any, any, any, any>;

export const nothing = z.strictObject({});

/** Declares a route. The types of `handle`'s input and answer follow from the schemas. */
export function route<
  const M extends Method,
  const Path extends `/api/${string}`,
  A extends z.ZodType = z.ZodUndefined,
  P extends z.ZodType = typeof nothing,
  Q extends z.ZodType = typeof nothing,
  B extends z.ZodType = typeof nothing,
>(definition: Route<P, Q, B, A> & { method: M; path: Path }): Route<P, Q, B, A> & { method: M; path: Path } {
  return definition;
}

/** Who may use a route, for the document; undefined for everybody. */
export const rolesOfRoute = (it: AnyRoute): readonly Role[] | undefined =>
  it.permission === "public" ? undefined : rolesOf(it.permission);

export const statusOf = (it: AnyRoute): 200 | 201 | 202 | 204 => it.status ?? (it.answer ? 200 : 204);

/** Whether a POST's Idempotency-Key is heard. */
export const takesKey = (it: AnyRoute): boolean => it.method === "post" && it.idempotency !== false;

const keyShape = z.string().regex(/^[\x20-\x7e]{1,255}$/, "has 1 to 255 printable ASCII characters");

/** The caller's claim to have this happen once, bound to caller, route and body. */
function idempotencyOf(it: AnyRoute, http: Http, ctx: Context, text: string): Context["idempotency"] {
  const given = http.req.header("idempotency-key");
  if (given === undefined || !takesKey(it)) return undefined;
  const key = read(z.object({ "Idempotency-Key": keyShape }), { "Idempotency-Key": given }, "headers")[
    "Idempotency-Key"
  ];
  const { actor } = ctx;
  const who =
    actor.kind === "person" ? actor.personId : actor.kind === "public" ? `network ${actor.network}` : actor.name;
  return { key: sha256([who, it.method, http.req.path, key].join("\n")), bodyHash: sha256(text) };
}

function queryOf(http: Http): Record<string, string | string[]> {
  try {
    decodeURIComponent(new URL(http.req.url).search);
  } catch {
    throw invalid([{ field: "query", message: "is not UTF-8 in percent-encoding" }]);
  }
  return Object.fromEntries(
    Object.entries(http.req.queries()).map(([name, all]) => [name, all.length === 1 ? all[0]! : all]),
  );
}

function jsonOf(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw invalid([{ field: "body", message: "is not JSON" }]);
  }
}

export interface Doors {
  /** Finds out who calls, by the session. */
  actorOf(http: Http): Promise<Context["actor"]>;
  /** False in a test that shows that the operations check the role themselves. */
  guard: boolean;
}

/** The whole way of a request through its route: who → may they → what do they want → do it → answer. */
export const handlerOf =
  (it: AnyRoute, runtime: Runtime, doors: Doors) =>
  async (http: Http): Promise<Response> => {
    const ctx: Context = { ...http.get("ctx") };
    if (it.permission !== "public") {
      ctx.actor = await doors.actorOf(http);
      if (doors.guard) authorize(ctx.actor, it.permission);
    }
    const text = unsafe(http.req.method) ? await http.req.text() : "";
    ctx.idempotency = idempotencyOf(it, http, ctx, text);
    const params = read(it.params ?? nothing, http.req.param(), "path");
    const query = read(it.query ?? nothing, queryOf(http), "query");
    const body = read(it.body ?? nothing, unsafe(http.req.method) ? jsonOf(text) : {}, "body");
    const result = await it.handle({ ctx, params, query, body, http, runtime });
    if (!it.answer) return http.body(null, statusOf(it) as 204);
    // Only what the document promises leaves the house; an answer that does not fit it is a bug of ours.
    const answer = it.answer.safeParse(result);
    if (!answer.success)
      throw new Error(`The answer of ${it.method} ${it.path} does not fit its schema: ${answer.error.message}`);
    return http.json(answer.data, statusOf(it) as 200);
  };

export type { ApiEnv };
