import * as z from "zod";
import { refuseRequest } from "./refusal.ts";

type Nested = string | { [key: string]: Nested };

/**
 * Reads `a[b][0]=c` into nested objects; lists stay objects with numbers for keys until a schema says `list`, since a
 * metadata key may be a number too. Objects have no prototype, so that no key means anything to JavaScript.
 */
export function decodeForm(text: string): { [key: string]: Nested } {
  const root: { [key: string]: Nested } = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split(/\[|\]\[|\]/).filter((part, at, parts) => part !== "" || at < parts.length - 1);
    if (path.length === 0 || path.length > 8)
      refuseRequest(400, { type: "invalid_request_error", message: `Invalid parameter name: ${name}` });
    let here = root;
    path.forEach((part, at) => {
      const key = part === "" ? String(Object.keys(here).length) : part;
      if (at === path.length - 1) here[key] = value;
      else {
        if (typeof here[key] !== "object") here[key] = Object.create(null);
        here = here[key] as { [key: string]: Nested };
      }
    });
  }
  return root;
}

/** A list, sent as `x[0]`, `x[1]` or `x[]`. */
export const list = <T extends z.ZodType>(item: T, max = 100) =>
  z.preprocess(
    (value) =>
      value &&
      typeof value === "object" &&
      !Array.isArray(value) &&
      Object.keys(value).every((key) => /^\d+$/.test(key))
        ? Object.values(value)
        : value,
    z.array(item).max(max),
  );

export const text = (max = 5000) => z.string().min(1).max(max);
export const integer = z
  .string()
  .regex(/^-?\d{1,16}$/)
  .transform(Number)
  .pipe(z.int());
export const amount = integer.pipe(z.int().min(0));
export const positiveAmount = integer.pipe(z.int().min(1));
export const decimal = z
  .string()
  .regex(/^\d{1,6}(\.\d{1,4})?$/)
  .transform(Number);
export const boolean = z.enum(["true", "false"]).transform((value) => value === "true");
export const metadata = z
  .union([
    z.literal("").transform((): Record<string, string> => ({})),
    z.record(z.string().min(1).max(40), z.string().max(500)),
  ])
  .refine((value) => Object.keys(value).length <= 50, "has more than 50 keys");
export const expand = list(z.string().max(200), 20).optional();
export const page = {
  limit: integer.pipe(z.int().min(1).max(100)).optional(),
  starting_after: text(255).optional(),
  ending_before: text(255).optional(),
  created: z
    .union([
      integer,
      z.strictObject({
        gt: integer.optional(),
        gte: integer.optional(),
        lt: integer.optional(),
        lte: integer.optional(),
      }),
    ])
    .optional(),
  expand,
};

/** Reads parameters by a schema, and refuses with the code and the parameter's name as Stripe would. */
export function readParams<T extends z.ZodType>(schema: T, params: unknown): z.output<T> {
  const result = schema.safeParse(params, { reportInput: true });
  if (result.success) return result.data;
  const issue = deepest(result.error.issues[0]!);
  const name = (path: readonly PropertyKey[]) =>
    path.map((part, at) => (at === 0 ? String(part) : `[${String(part)}]`)).join("");
  const param = name(issue.path);
  const invalid = (code: string | undefined, message: string, of = param): never =>
    refuseRequest(400, { type: "invalid_request_error", ...(code ? { code } : {}), message, param: of });
  if (issue.code === "unrecognized_keys") {
    const unknown = name([...issue.path, issue.keys[0]!]);
    return invalid("parameter_unknown", `Received unknown parameter: ${unknown}`, unknown);
  }
  const given = issue.input;
  if (given === undefined) return invalid("parameter_missing", `Missing required param: ${param}.`);
  if (given === "") return invalid("parameter_invalid_empty", `You passed an empty string for '${param}'.`);
  if (issue.code === "invalid_format" && /\\d\{1,16\}/.test(String(issue.pattern)))
    return invalid("parameter_invalid_integer", `Invalid integer: ${String(given)}`);
  if (issue.code === "too_small" && issue.origin === "number")
    return invalid("parameter_invalid_integer", `This value must be greater than or equal to ${issue.minimum}.`);
  if (issue.code === "too_big" && issue.origin === "number")
    return invalid("parameter_invalid_integer", `This value must be less than or equal to ${issue.maximum}.`);
  if (issue.code === "too_big" && issue.origin === "string")
    return invalid(
      undefined,
      `Invalid string: ${String(given).slice(0, 10)}…; must be at most ${issue.maximum} characters`,
    );
  if (issue.code === "invalid_value")
    return invalid(undefined, `Invalid ${param}: must be one of ${issue.values.join(", ")}`);
  return invalid(undefined, `Invalid ${param}: ${issue.message}`);
}

type Issue = z.core.$ZodIssue;
/** Of the branches of a union the one that got furthest says best what is wrong. */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flat().sort((a, b) => b.path.length - a.path.length)[0];
  return inner ? { ...deepest(inner), path: [...issue.path, ...inner.path] } : issue;
}
