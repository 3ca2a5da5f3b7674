import type { Health, Problem, Program } from "@laurel/contract";
import { openTable } from "@laurel/core/table";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { createApi } from "./app.ts";
import { route } from "./route.ts";
import { type Caller, json, signedIn } from "./testing.ts";

let world: World;
let api: ReturnType<typeof createApi>;
let owner: Caller;
beforeAll(async () => {
  world = await openWorld();
  api = createApi(world.runtime);
  owner = await signedIn(world, ["owner"]);
});
afterAll(() => world.close());

const patch = (body: unknown, headers: Record<string, string> = owner.headers, of = api) =>
  of.request("/api/program", { ...json(body, headers), method: "PATCH" });
const problemOf = async (response: Response) => (await response.json()) as Problem;

test("health reads the program", async () => {
  const response = await api.request("/api/health");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    status: "ok",
    program: "Our ambassadors",
    time: world.clock.now().toISOString(),
  } satisfies z.infer<typeof Health>);
});

test("an engine that does not answer is a 503 with Retry-After, for the public, with a session and at a sign-in", async () => {
  const table = openTable({ tableName: "none", endpoint: "http://127.0.0.1:1" }, { maxAttempts: 1 });
  const down = createApi({
    ...world.runtime,
    table,
    context: (...args) => ({ ...world.runtime.context(...args), table }),
  });
  const origin = { origin: owner.headers.origin! };
  for (const response of [
    await down.request("/api/health"),
    await down.request("/api/program", { headers: owner.headers }),
    await down.request("/api/auth/start", json({ email: "ada@example.com" }, origin)),
    await down.request("/api/auth/verify", json({ email: "ada@example.com", code: "123456" }, origin)),
    await down.request("/api/auth/sign-out", json({}, owner.headers)),
  ]) {
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await problemOf(response)).toMatchObject({ status: 503, code: "table.unavailable", retryAfterMs: 5000 });
  }
});

test("an unexpected error is a 500 without details, logged with its request id", async () => {
  const broken = route({
    method: "get",
    path: "/api/broken",
    summary: "Breaks",
    tag: "Test",
    permission: "public",
    handle: async () => {
      throw new Error("the secret is 42");
    },
  });
  const leaky = route({
    method: "get",
    path: "/api/leaky",
    summary: "Says too much",
    tag: "Test",
    permission: "public",
    answer: z.object({ name: z.string() }),
    handle: async () => ({ name: "Ada", email: "ada@example.com" }) as { name: string },
  });
  const wrong = route({
    method: "get",
    path: "/api/wrong",
    summary: "Says too little",
    tag: "Test",
    permission: "public",
    answer: z.object({ name: z.string() }),
    handle: async () => ({}) as { name: string },
  });
  const own = createApi(world.runtime, { routes: [broken, leaky, wrong] });
  const response = await own.request("/api/broken");
  const text = await response.text();
  expect(response.status).toBe(500);
  expect(text).not.toContain("42");
  const { requestId } = JSON.parse(text) as Problem;
  expect(world.logs.some(({ level, data }) => level === "error" && data?.requestId === requestId)).toBe(true);
  // Only what the document promises leaves the house.
  expect(await (await own.request("/api/leaky")).json()).toEqual({ name: "Ada" });
  expect((await own.request("/api/wrong")).status).toBe(500);
});

test("every answer carries its request id, and every request one line in the log without address or query", async () => {
  const answers = [
    await api.request("/api/health"),
    await api.request("/api/nothing"),
    await api.request("/api/program"),
    await api.request("/api/applications?niche=private"),
    await api.request("/api/docs"),
  ];
  for (const answer of answers) {
    const id = answer.headers.get("x-request-id");
    expect(id).toMatch(/^req_/);
    const lines = world.logs.filter(({ message, data }) => message === "request" && data?.requestId === id);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.data).toMatchObject({ status: answer.status, method: "GET" });
    expect(JSON.stringify(lines)).not.toContain("private");
  }
  expect(new Set(answers.map((answer) => answer.headers.get("x-request-id"))).size).toBe(answers.length);
});

test("an unknown address is a 404, a wrong method a 405 that says which are right", async () => {
  const unknown = await api.request("/api/unicorns");
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get("content-type")).toBe("application/problem+json");
  expect(await problemOf(unknown)).toMatchObject({ code: "not_found", instance: "/api/unicorns" });
  const wrong = await api.request("/api/program", { method: "DELETE" });
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toBe("GET, PATCH");
  expect((await api.request("/api/docs/../../package.json")).status).toBe(404);
  expect((await api.request("/api/docs/package.json")).status).toBe(404);
});

test("answers are not kept, not guessed at and not framed", async () => {
  const { headers } = await api.request("/api/program/public");
  expect(Object.fromEntries(headers)).toMatchObject({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
  });
  expect(headers.get("strict-transport-security")).toBeNull();
  const secure = { ...world.runtime, env: { ...world.runtime.env, PUBLIC_ORIGIN: "https://example.com" } };
  expect((await createApi(secure).request("/api/health")).headers.get("strict-transport-security")).toContain(
    "max-age",
  );
});

test("an unsafe request with the session's cookie is taken only from the portal's own origin", async () => {
  const cookie = owner.headers.cookie!;
  for (const headers of [
    { cookie },
    { cookie, origin: "https://evil.example" },
    { cookie, origin: "null" },
    { cookie, origin: `${owner.headers.origin}.evil.example` },
    { cookie, origin: "http://localhost:4748" },
  ] as Record<string, string>[]) {
    const response = await patch({ version: 1, name: "Taken over" }, headers);
    expect(response.status).toBe(403);
    expect((await problemOf(response)).code).toBe("request.origin");
  }
  expect((await api.request("/api/program", { headers: { cookie, origin: "https://evil.example" } })).status).toBe(200);
  // Public routes too, once the cookie comes along.
  const apply = await api.request("/api/applications/status", json({ token: "x" }, { cookie }));
  expect((await problemOf(apply)).code).toBe("request.origin");
});

test("sign-in routes want the origin with or without a cookie; other public ones work without", async () => {
  for (const path of ["start", "verify", "sign-out"]) {
    const response = await api.request(`/api/auth/${path}`, json({ email: "ada@example.com" }));
    expect(response.status).toBe(403);
    expect((await problemOf(response)).code).toBe("request.origin");
  }
  const apply = await api.request("/api/applications/status", json({ token: "x" }));
  expect((await problemOf(apply)).code).not.toBe("request.origin");
});

test("the program is read, and changed on the version that was seen", async () => {
  const read = async () => (await (await api.request("/api/program", { headers: owner.headers })).json()) as Program;
  const { version } = await read();
  const changed = await patch({ version, name: "Trail friends" });
  expect(changed.status).toBe(200);
  expect(await read()).toMatchObject({ name: "Trail friends", version: version + 1 });
  const late = await patch({ version, name: "Late" });
  expect(late.status).toBe(409);
  expect((await problemOf(late)).code).toBe("program.changed");
  const shown = (await (await api.request("/api/program/public")).json()) as Record<string, unknown>;
  expect(Object.keys(shown).sort()).toEqual(
    ["guidelines", "name", "niches", "privacy", "questions", "shopUrl", "terms", "voice"].sort(),
  );
});

test("an Idempotency-Key is bound to caller, method, path and body", async () => {
  const seen: (string | undefined)[] = [];
  const note = (path: `/api/${string}`, permission: "public" | "me.read") =>
    route({
      method: "post",
      path,
      summary: "Notes its key",
      tag: "Test",
      permission,
      body: z.strictObject({ a: z.int() }),
      handle: async ({ ctx }) => {
        seen.push(ctx.idempotency && `${ctx.idempotency.key} ${ctx.idempotency.bodyHash}`);
        return undefined;
      },
    });
  let address = "192.0.2.1";
  const own = createApi(world.runtime, {
    routes: [note("/api/open", "public"), note("/api/mine", "me.read"), note("/api/other", "me.read")],
    networkOf: () => address,
  });
  const viewer = await signedIn(world, ["viewer"]);
  const send = async (path: string, key: string | undefined, a: number, headers: Record<string, string> = {}) => {
    const response = await own.request(path, json({ a }, { ...headers, ...(key ? { "idempotency-key": key } : {}) }));
    expect(response.status).toBe(204);
    return seen.at(-1);
  };
  expect(await send("/api/open", undefined, 1)).toBeUndefined();
  const first = await send("/api/open", "k", 1);
  expect(await send("/api/open", "k", 1)).toBe(first);
  const [key, hash] = first!.split(" ");
  const [sameKey, otherHash] = (await send("/api/open", "k", 2))!.split(" ");
  expect(sameKey).toBe(key);
  expect(otherHash).not.toBe(hash);
  address = "192.0.2.2";
  const keys = new Set([
    first,
    await send("/api/open", "k", 1),
    await send("/api/open", "l", 1),
    await send("/api/mine", "k", 1, owner.headers),
    await send("/api/mine", "k", 1, viewer.headers),
    await send("/api/other", "k", 1, owner.headers),
  ]);
  expect(keys.size).toBe(6);
});

test("the docs are a page of our own files, without inline script", async () => {
  const page = await api.request("/api/docs");
  const html = await page.text();
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=/);
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
  expect(files).toHaveLength(5);
  for (const file of files) {
    expect(file.startsWith("/api/docs/")).toBe(true);
    const response = await api.request(file);
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(100);
  }
});

test("the document is OpenAPI 3.1, names the cookie, and describes problems", async () => {
  const response = await api.request("/api/openapi.json");
  const document = (await response.json()) as {
    openapi: string;
    components: { securitySchemes: unknown; schemas: Record<string, unknown> };
    paths: Record<
      string,
      Record<string, { responses: Record<string, unknown>; operationId: string; security: unknown }>
    >;
  };
  expect(document.openapi).toBe("3.1.0");
  expect(document.components.securitySchemes).toMatchObject({
    session: { type: "apiKey", in: "cookie", name: "laurel_4747" },
  });
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
  for (const operation of operations)
    expect(operation.responses["500"]).toMatchObject({
      content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
    });
  // Every reference leads somewhere.
  const text = JSON.stringify(document);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
    expect(document.components.schemas, name).toHaveProperty(name!);
});
