import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Problem, Role } from "@laurel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { createApi } from "./app.ts";
import {
  type ApiDocument,
  documentOf,
  type Operation,
  operationsOf,
  placesOf,
  replaced,
  resolve,
  type Schema,
  sampleOf,
  typeOf,
} from "./document.testing.ts";
import { signedIn } from "./testing.ts";

/** Sends rubbish to every route of the published document. Routes that are added later get theirs by themselves. */

let world: World;
let api: ReturnType<typeof createApi>;
let document: ApiDocument;
let operations: Operation[];
let headers: Record<string, string>;
const faults: string[] = [];

let addresses = 0;
beforeAll(async () => {
  world = await openWorld();
  api = createApi(world.runtime, { networkOf: () => `10.0.${(addresses >> 8) & 255}.${addresses++ & 255}` });
  document = await documentOf(api);
  operations = operationsOf(document);
  // Somebody with every role: what is refused here is refused for the input alone.
  ({ headers } = await signedIn(world, ["owner", "manager", "finance", "viewer", "ambassador"] satisfies Role[]));
});
afterAll(() => world.close());

interface Try {
  operation: Operation;
  what: string;
  path?: string;
  query?: string;
  body?: string | undefined;
  headers?: Record<string, string>;
  /** The statuses that are right; any 4xx without. */
  status?: number[];
  /** Named in `errors`, by itself, a part of it, or what it is a part of. */
  field?: string;
}

const pathOf = (operation: Operation): string =>
  operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = operation.pathParameters.find((each) => each.name === name)!;
    return encodeURIComponent(String(sampleOf(document, parameter.schema, name)));
  });

const concerns = (named: string, field: string): boolean =>
  named === field || named.startsWith(`${field}.`) || field.startsWith(`${named}.`);

async function send(attempt: Try): Promise<void> {
  const { operation, what, query = "", body, status, field } = attempt;
  const response = await api.request(`${attempt.path ?? pathOf(operation)}${query}`, {
    method: operation.method,
    headers: {
      ...headers,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...attempt.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const fault = (why: string) =>
    faults.push(`${operation.method} ${operation.path}, ${what}: ${why}: ${response.status} ${text.slice(0, 300)}`);
  if (response.status < 400 || response.status > 499) return void fault("is not refused");
  if (status && !status.includes(response.status)) return void fault(`is not ${status.join(" or ")}`);
  if (response.headers.get("content-type") !== "application/problem+json") return void fault("is no problem document");
  const problem = JSON.parse(text) as Problem;
  if (problem.status !== response.status || problem.requestId !== response.headers.get("x-request-id"))
    return void fault("does not agree with itself");
  if (field && response.status === 400 && !problem.errors?.some((error) => concerns(error.field, field)))
    fault(`does not name ${field}`);
}

/** With keys in order: the engine gives them as it likes. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, sorted(inner)]),
        )
      : value;

async function everything(): Promise<string> {
  const items: string[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await world.table.client.send(
      new ScanCommand({ TableName: world.table.name, ...(from ? { ExclusiveStartKey: from } : {}) }),
    );
    for (const item of page.Items ?? [])
      if (!String(item.pk).startsWith("LIMIT#")) items.push(JSON.stringify(sorted(item)));
    from = page.LastEvaluatedKey;
  } while (from);
  return items.sort().join("\n");
}

/** Sends all, and checks that nothing came of it. */
async function sendAll(attempts: Try[]): Promise<void> {
  expect(attempts.length).toBeGreaterThan(0);
  const before = await everything();
  faults.length = 0;
  for (const attempt of attempts) await send(attempt);
  expect(faults).toEqual([]);
  expect(await everything()).toBe(before);
}

/** Those with a body; one whose body has alternatives counts once for each. */
const bodied = () =>
  operations.flatMap((operation) => {
    if (!operation.body) return [];
    const { anyOf, oneOf } = resolve(document, operation.body);
    return (anyOf ?? oneOf ?? [operation.body]).map((body) => ({ ...operation, body }));
  });
const changing = () => operations.filter((operation) => operation.method !== "GET");
const sample = (operation: Operation) => sampleOf(document, operation.body!);

const wrongTypes = (schema: Schema): unknown[] => {
  const nullable = Array.isArray(schema.type) && schema.type.includes("null");
  const wrong: Record<string, unknown[]> = {
    string: [1, true, {}, []],
    integer: ["1x", 1.5, true, {}],
    number: ["1x", true, {}],
    boolean: ["true", 1, {}],
    array: ["x", {}, 1],
    object: ["x", [], 1],
  };
  return [...(nullable ? [] : [null]), ...(wrong[typeOf(schema) ?? ""] ?? [])];
};

test("bodies that are no JSON, no object, too large or of another type", async () => {
  await sendAll(
    changing().flatMap((operation): Try[] => [
      { operation, what: "broken JSON", body: '{"a":', status: [400], field: "body" },
      { operation, what: "no JSON", body: "name=Ada", status: [400], field: "body" },
      { operation, what: "a list", body: "[]", status: [400], field: "body" },
      { operation, what: "null", body: "null", status: [400], field: "body" },
      { operation, what: "a text", body: '"x"', status: [400], field: "body" },
      { operation, what: "100,000 brackets", body: "[".repeat(100_000), status: [400], field: "body" },
      { operation, what: "2 MB", body: JSON.stringify({ name: "x".repeat(2_000_000) }), status: [413], field: "body" },
      { operation, what: "2 MB of nothing", body: " ".repeat(2_000_000), status: [413], field: "body" },
      {
        operation,
        what: "a form",
        body: "a=b",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        status: [415],
      },
      { operation, what: "plain text", body: "{}", headers: { "content-type": "text/plain" }, status: [415] },
      { operation, what: "a rubbish type", body: "{}", headers: { "content-type": ";;/" }, status: [415] },
    ]),
  );
});

test("unknown fields", async () => {
  await sendAll(
    changing().flatMap((operation): Try[] => {
      const good = operation.body ? (sample(operation) as object) : {};
      const inner = operation.body
        ? placesOf(document, operation.body).filter(({ schema }) => typeOf(resolve(document, schema)) === "object")
        : [];
      return [
        { operation, what: "one more", body: JSON.stringify({ ...good, zzz: 1 }), status: [400], field: "zzz" },
        { operation, what: "__proto__", body: `{"__proto__":{"x":1}}`, status: [400] },
        {
          operation,
          what: "constructor",
          body: JSON.stringify({ ...good, constructor: {} }),
          status: [400],
          field: "constructor",
        },
        ...inner.map(({ path }) => ({
          operation,
          what: `one more in ${path.join(".")}`,
          body: JSON.stringify(replaced(good, [...path, "zzz"], 1)),
          status: [400],
          field: [...path, "zzz"].join("."),
        })),
      ];
    }),
  );
});

test("wrong types, in every place", async () => {
  await sendAll(
    bodied().flatMap((operation) =>
      placesOf(document, operation.body!).flatMap(({ path, schema }) =>
        wrongTypes(schema).map(
          (wrong): Try => ({
            operation,
            what: `${path.join(".")} = ${JSON.stringify(wrong)}`,
            body: JSON.stringify(replaced(sample(operation), path, wrong)),
            status: [400],
            field: path.join("."),
          }),
        ),
      ),
    ),
  );
});

const texts = (operation: Operation) =>
  placesOf(document, operation.body!).filter(({ schema }) => typeOf(schema) === "string");

test("texts that are too long or hold control characters, in every place", async () => {
  await sendAll(
    bodied().flatMap((operation) =>
      texts(operation).flatMap(({ path }): Try[] =>
        [
          ["too long", "x".repeat(20_000)],
          ["a zero", "ada\u0000lovelace@example.com"],
          ["an escape", "ada\u001blovelace text"],
          ["a change of direction", "ada\u202elovelace text"],
        ].map(([what, text]) => ({
          operation,
          what: `${path.join(".")} ${what}`,
          body: JSON.stringify(replaced(sample(operation), path, text)),
          status: [400],
          field: path.join("."),
        })),
      ),
    ),
  );
});

test("what is required and missing", async () => {
  await sendAll(
    bodied().flatMap((operation) =>
      (resolve(document, operation.body!).required ?? []).map(
        (name): Try => ({
          operation,
          what: `without ${name}`,
          body: JSON.stringify({ ...(sample(operation) as object), [name]: undefined }),
          status: [400],
          field: name,
        }),
      ),
    ),
  );
});

test("queries: unknown, twice, too long, of the wrong kind, with control characters", async () => {
  await sendAll([
    ...operations.map((operation) => ({
      operation,
      what: "an unknown one",
      query: "?zzz=1",
      status: [400],
      field: "zzz",
    })),
    ...operations.map((operation) => ({
      operation,
      what: "no UTF-8",
      query: "?a=%ff%fe",
      status: [400],
      field: "query",
    })),
    ...operations.flatMap((operation) =>
      operation.query.flatMap(({ name, schema }): Try[] => {
        const resolved = resolve(document, schema);
        return [
          ["twice", `?${name}=a&${name}=b`],
          ["too long", `?${name}=${"x".repeat(20_000)}`],
          ["a zero", `?${name}=a%00b`],
          ["an escape", `?${name}=a%1bb`],
          ...(typeOf(resolved) !== "string" || resolved.enum || resolved.pattern
            ? [["not one", `?${name}=no-such`]]
            : []),
          ...(name === "cursor" ? [["made up", `?cursor=${btoa('["X",["a","b","c"]]')}`]] : []),
        ].map(([what, query]) => ({ operation, what: `${name} ${what}`, query: query!, status: [400], field: name }));
      }),
    ),
  ]);
});

test("ids in the path that are none", async () => {
  await sendAll(
    operations.flatMap((operation) =>
      operation.pathParameters.flatMap(({ name }): Try[] =>
        ["x", "%00", "..%2f..%2fetc", "%ff", "a".repeat(5_000), "per_1", "%F0%9F%98%80", "%27%20OR%201%3D1"].map(
          (rubbish) => ({
            operation,
            what: `${name} = ${rubbish.slice(0, 20)}`,
            path: operation.path.replaceAll(/\{(\w+)\}/g, rubbish),
            ...(operation.body ? { body: JSON.stringify(sample(operation)) } : {}),
            status: [400, 404],
            field: name,
          }),
        ),
      ),
    ),
  );
});

test("an Idempotency-Key that is none", async () => {
  await sendAll(
    operations
      .filter((operation) => operation.headers.some(({ name }) => name === "Idempotency-Key"))
      .flatMap((operation): Try[] =>
        ["", "x".repeat(256), "schlüssel", "a\tb"].map((key) => ({
          operation,
          what: `key ${key.slice(0, 10)}`,
          body: JSON.stringify(operation.body ? sample(operation) : {}),
          headers: { "idempotency-key": key },
          status: [400],
          field: "Idempotency-Key",
        })),
      ),
  );
});

test("what fits the document is never answered by a failure of ours", async () => {
  const failed: string[] = [];
  for (const operation of bodied()) {
    const response = await api.request(pathOf(operation), {
      method: operation.method,
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(sample(operation)),
    });
    const text = await response.text();
    if (response.status >= 500) failed.push(`${operation.method} ${operation.path}: ${text}`);
  }
  expect(failed).toEqual([]);
});
