import { type Problem, type Role, roles } from "@laurel/contract";
import { permissions, rolesOf } from "@laurel/core/kernel";
import { openSession, sessionCookie } from "@laurel/core/session";
import { transact } from "@laurel/core/table";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { createApi } from "./app.ts";
import { type ApiDocument, documentOf, type Operation, operationsOf, sampleOf } from "./document.testing.ts";
import { otherPeoplesIds } from "./others.testing.ts";
import { route } from "./route.ts";
import { routes } from "./routes/index.ts";
import { type Caller, signedIn } from "./testing.ts";

/** Walks every route of the published document with every role. Routes that are added later are walked by themselves. */

type Who = "public" | Role;
const everybody: readonly Who[] = ["public", ...roles];

let world: World;
let document: ApiDocument;
let operations: Operation[];
const callers = new Map<Who, Caller>();

let addresses = 0;
/** A network of its own for each request, so that no limit is reached. */
const networkOf = () => `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses++ & 255}`;

beforeAll(async () => {
  world = await openWorld();
  document = await documentOf(createApi(world.runtime));
  operations = operationsOf(document);
  for (const role of roles) callers.set(role, await signedIn(world, [role]));
});
afterAll(() => world.close());

/** A session of its own for each request: one of them is to sign out. */
async function headersOf(who: Who): Promise<Record<string, string>> {
  const origin = { origin: new URL(world.runtime.env.PUBLIC_ORIGIN).origin };
  const caller = callers.get(who);
  if (!caller) return origin;
  const session = openSession(world.ctx(), caller.personId, 1);
  await transact(world.table, session.writes);
  return { ...origin, cookie: `${sessionCookie(world.runtime.env.PUBLIC_ORIGIN).name}=${session.cookie}` };
}

async function call(
  api: ReturnType<typeof createApi>,
  operation: Operation,
  who: Who,
  ids: Record<string, string> = {},
) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = operation.pathParameters.find((each) => each.name === name)!;
    return encodeURIComponent(ids[name] ?? String(sampleOf(document, parameter.schema, name)));
  });
  const body = operation.body ? JSON.stringify(sampleOf(document, operation.body)) : undefined;
  const response = await api.request(path, {
    method: operation.method,
    headers: { ...(await headersOf(who)), ...(body ? { "content-type": "application/json" } : {}) },
    ...(body ? { body } : {}),
  });
  const text = await response.text();
  const problem = response.headers.get("content-type")?.includes("problem") ? (JSON.parse(text) as Problem) : undefined;
  return { status: response.status, text, problem };
}

/** What the document promises to this caller, in terms of the two answers that refuse one. */
function promised(operation: Operation, who: Who): "auth.required" | "auth.forbidden" | "allowed" {
  if (operation.roles!.includes("public")) return "allowed";
  if (who === "public") return "auth.required";
  return operation.roles!.includes(who) ? "allowed" : "auth.forbidden";
}

const given = (answer: { status: number; problem: Problem | undefined }): string => {
  const { status, problem } = answer;
  if (status === 401 && problem?.code === "auth.required") return "auth.required";
  if (status === 403 && problem?.code === "auth.forbidden") return "auth.forbidden";
  return status >= 500 ? `failed with ${status}` : "allowed";
};

test("every route says who may use it", () => {
  expect(operations.length).toBe(routes.length);
  for (const { method, path, roles: declared, permission } of operations) {
    const name = `${method} ${path}`;
    expect(declared?.length, name).toBeGreaterThan(0);
    for (const role of declared!) expect(everybody, name).toContain(role);
    if (permission === "public") expect(declared, name).toEqual(["public"]);
    else {
      expect(Object.keys(permissions), name).toContain(permission);
      expect(declared, name).toEqual(rolesOf(permission as keyof typeof permissions));
    }
  }
});

test("a route that does not say so cannot be served", () => {
  const undeclared = route({
    method: "get",
    path: "/api/secret",
    summary: "Forgotten",
    tag: "Test",
    handle: async () => undefined,
    // What a module gets that forgets it, past the types.
  } as never);
  expect(() => createApi(world.runtime, { routes: [undeclared] })).toThrow("does not say who may use it");
});

test("the app serves nothing but what the document names, the document and its page", () => {
  const served = createApi(world.runtime)
    .routes.filter(({ method, path }) => !(method === "ALL" && path === "/*"))
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const named = operations.map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(served)].filter((each) => !named.includes(each)).sort()).toEqual([
    "GET /api/docs",
    "GET /api/docs/{file}",
    "GET /api/openapi.json",
  ]);
});

describe.each([
  ["as it is served", true],
  ["with the check of the role left to the operations alone", false],
] as const)("%s", (_, guard) => {
  test("every role gets in exactly where the document says", async () => {
    const api = createApi(world.runtime, { guard, networkOf });
    const wrong: string[] = [];
    for (const operation of operations)
      for (const who of everybody) {
        const answer = await call(api, operation, who);
        const [expected, actual] = [promised(operation, who), given(answer)];
        if (expected !== actual)
          wrong.push(
            `${who} on ${operation.method} ${operation.path}: ${expected}, got ${answer.status} ${answer.text}`,
          );
      }
    expect(wrong).toEqual([]);
  }, 60_000);
});

test("another person's id answers as one that does not exist", async () => {
  const api = createApi(world.runtime, { networkOf });
  const others = await otherPeoplesIds(world);
  const wrong: string[] = [];
  for (const operation of operations) {
    for (const parameter of operation.pathParameters) {
      const kind = operation.path.split(`/{${parameter.name}}`)[0]!.split("/").at(-1)!;
      const other = others[kind];
      if (!other) {
        wrong.push(`others.testing.ts has nothing under ${kind}, for ${operation.method} ${operation.path}`);
        continue;
      }
      // Staff may see everybody; an ambassador and the public only what is theirs.
      for (const who of ["public", "ambassador"] as const) {
        const [theirs, missing] = [
          await call(api, operation, who, { [parameter.name]: other.existing }),
          await call(api, operation, who, { [parameter.name]: other.missing }),
        ];
        const same = (answer: typeof theirs) =>
          JSON.stringify({ status: answer.status, ...answer.problem, requestId: "", instance: "" });
        if (theirs.status < 400 || same(theirs) !== same(missing))
          wrong.push(`${who} on ${operation.method} ${operation.path}: ${theirs.text} but ${missing.text}`);
      }
      // The existing one does exist, or the comparison would show nothing.
      const staff = operation.roles!.find((role) => role !== "ambassador" && role !== "public") as Role | undefined;
      if (staff && operation.method === "GET") {
        const seen = await call(api, operation, staff, { [parameter.name]: other.existing });
        if (seen.status !== 200)
          wrong.push(`${staff} on ${operation.path} does not see ${other.existing}: ${seen.text}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});
