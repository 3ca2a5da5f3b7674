import { AppError } from "@laurel/core/kernel";
import type * as z from "zod";

export interface FieldError {
  field: string;
  message: string;
}

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const nouns: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  date: "a date",
};

/** Plain words where a schema has none of its own; a message follows the field's name. */
function words(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return `must be ${nouns[issue.expected as string] ?? issue.expected}`;
    case "too_small":
      if (issue.origin === "string") return `needs at least ${issue.minimum} characters`;
      return issue.origin === "array" ? `needs at least ${issue.minimum} entries` : `is at least ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "string") return `has at most ${issue.maximum} characters`;
      return issue.origin === "array" ? `has at most ${issue.maximum} entries` : `is at most ${issue.maximum}`;
    case "invalid_value":
      if (issue.input === undefined) return "is missing";
      return issue.values.length > 20
        ? "is not one of the values we know"
        : `must be ${issue.values.map(String).join(" or ")}`;
    case "invalid_format":
      return "has the wrong form";
    case "unrecognized_keys":
      return "is not a field that we know";
    case "invalid_union":
      return "does not fit";
    default:
      return undefined;
  }
}

const unknownKeys = (issues: readonly z.core.$ZodIssue[]): number =>
  issues.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 0), 0);

/** Of a union's alternatives, the one that the caller most likely meant: it knows most of the fields. */
function meant(alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  return [...alternatives].sort((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length)[0] ?? [];
}

/** Zod's issues as fields with dotted paths; what concerns the whole is named after the place, e.g. `body`. */
export function fieldErrors(
  issues: readonly z.core.$ZodIssue[],
  place: string,
  at: readonly PropertyKey[] = [],
): FieldError[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({ field: [...path, key].map(String).join("."), message: issue.message }));
    if (issue.code === "invalid_union" && issue.errors.length > 0) return fieldErrors(meant(issue.errors), place, path);
    return [{ field: path.map(String).join(".") || place, message: issue.message }];
  });
}

const atMost = 50;
const cut = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text);

export function invalid(errors: readonly FieldError[]): AppError {
  const told = errors.slice(0, atMost).map(({ field, message }) => ({ field: cut(field), message }));
  const first = told[0];
  const more = errors.length > 1 ? ` It is one of ${errors.length} fields that do not fit; see errors.` : "";
  return new AppError(
    "invalid",
    "request.invalid",
    first ? `${first.field} ${first.message}.${more}` : "The request is not valid.",
    {
      errors: told,
    },
  );
}

/**
 * Reads what a caller sent.
 * @param place names the whole: path, query or body
 * @throws AppError invalid, with the names of the fields
 */
export function read<S extends z.ZodType>(schema: S, value: unknown, place: string): z.output<S> {
  const result = schema.safeParse(value, { error: words });
  if (!result.success) throw invalid(fieldErrors(result.error.issues, place));
  return result.data;
}
