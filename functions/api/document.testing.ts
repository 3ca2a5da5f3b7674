import type { Hono } from "hono";
import type { ApiEnv } from "./http.ts";

/** As much of JSON Schema as the document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  format?: string;
  pattern?: string;
  minLength?: number;
  minimum?: number;
  minItems?: number;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Schema;
}

/** One operation of the document, as the generated tests walk them. */
export interface Operation {
  method: string;
  path: string;
  roles: string[] | undefined;
  permission: string | undefined;
  pathParameters: Parameter[];
  query: Parameter[];
  headers: Parameter[];
  body: Schema | undefined;
}

export interface ApiDocument {
  openapi: string;
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

/** Fetches the document from the app, as everybody does. */
export const documentOf = async (api: Hono<ApiEnv>): Promise<ApiDocument> =>
  (await api.request("/api/openapi.json")).json() as Promise<ApiDocument>;

export const operationsOf = (document: ApiDocument): Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const parameters = (operation.parameters ?? []) as Parameter[];
      const content = (operation.requestBody as { content: Record<string, { schema: Schema }> } | undefined)?.content;
      return {
        method: method.toUpperCase(),
        path,
        roles: operation["x-roles"] as string[] | undefined,
        permission: operation["x-permission"] as string | undefined,
        pathParameters: parameters.filter((parameter) => parameter.in === "path"),
        query: parameters.filter((parameter) => parameter.in === "query"),
        headers: parameters.filter((parameter) => parameter.in === "header"),
        body: content?.["application/json"]?.schema,
      };
    }),
  );

/** Where a schema cannot say what fits: by the field's name. */
const known: Record<string, unknown> = {
  url: "https://example.com/ada",
  shopUrl: "https://example.com",
  landingUrl: "https://example.com",
  timeZone: "Europe/Berlin",
  handle: "@ada.runs",
  code: "123456",
  token: "sample-token",
};

export const resolve = (document: ApiDocument, schema: Schema): Schema =>
  schema.$ref ? resolve(document, document.components.schemas[schema.$ref.split("/").at(-1)!]!) : schema;

/** The type of a value, where several are allowed the first that is not null. */
export const typeOf = (schema: Schema): string | undefined =>
  Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;

/** A value that a schema accepts: its example, else one made up from its constraints. */
export function sampleOf(document: ApiDocument, given: Schema, name = ""): unknown {
  const schema = resolve(document, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const variant = schema.anyOf?.[0] ?? schema.oneOf?.[0] ?? schema.allOf?.[0];
  if (variant) return sampleOf(document, variant, name);
  switch (typeOf(schema)) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, property]) => [key, sampleOf(document, property, key)]),
      );
    case "array":
      return [sampleOf(document, schema.items ?? {}, name)];
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 1, 1);
    case "boolean":
      return true;
    default:
      if (schema.format === "email") return "ada@example.com";
      return known[name] ?? "sample text".padEnd(schema.minLength ?? 0, "x");
  }
}

/** Every place of a value's schema, with its path; a union's places are those of the sample's alternative. */
export function placesOf(
  document: ApiDocument,
  given: Schema,
  at: string[] = [],
): { path: string[]; schema: Schema }[] {
  const schema = resolve(document, given);
  const variant = schema.anyOf?.[0] ?? schema.oneOf?.[0] ?? schema.allOf?.[0];
  if (variant) return placesOf(document, variant, at);
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    placesOf(document, property, [...at, key]),
  );
  const items = schema.items ? placesOf(document, schema.items, [...at, "0"]) : [];
  return [...(at.length > 0 ? [{ path: at, schema }] : []), ...inner, ...items];
}

/** A copy with another value at a path. */
export function replaced(value: unknown, [key, ...rest]: string[], put: unknown): unknown {
  if (key === undefined) return put;
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === key ? replaced(each, rest, put) : each));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, put) };
}
