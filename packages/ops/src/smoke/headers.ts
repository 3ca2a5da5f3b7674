import { type Answer, must } from "./site.ts";

type Expected = Record<string, (value: string) => boolean>;

const everywhere: Expected = {
  "x-content-type-options": (value) => value === "nosniff",
  "x-frame-options": (value) => value === "DENY",
  "referrer-policy": (value) =>
    ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"].includes(value),
};
const onPages: Expected = {
  ...everywhere,
  "permissions-policy": (value) => value.includes("geolocation=()"),
  "cross-origin-opener-policy": (value) => value === "same-origin",
};

/** @throws Fault that names each header which is missing or too lax */
export function mustProtect({ headers }: Answer, { page, secure }: { page: boolean; secure: boolean }): void {
  const expected = page ? onPages : everywhere;
  const wrong = Object.entries(expected).flatMap(([name, fits]) => {
    const value = headers.get(name);
    return value !== null && fits(value) ? [] : [`${name} is ${value ?? "missing"}`];
  });
  if (secure && Number(/max-age=(\d+)/.exec(headers.get("strict-transport-security") ?? "")?.[1] ?? 0) < 31_536_000)
    wrong.push("strict-transport-security is missing or shorter than a year");
  wrong.push(...laxnessOf(headers.get("content-security-policy")));
  must(wrong.length === 0, wrong.join("; "));
}

/** What a content security policy allows that ours never does. */
function laxnessOf(policy: string | null): string[] {
  if (!policy) return ["content-security-policy is missing"];
  const directives = new Map(
    policy
      .split(";")
      .map((part) => part.trim().split(/\s+/))
      .map(([name = "", ...sources]) => [name.toLowerCase(), sources] as const),
  );
  const lax = ["'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"];
  return [
    ...(directives.get("default-src")?.join() === "'none'"
      ? []
      : ["content-security-policy: default-src is not 'none'"]),
    ...(directives.get("frame-ancestors")?.join() === "'none'"
      ? []
      : ["content-security-policy: frame-ancestors is not 'none'"]),
    ...[...directives].flatMap(([name, sources]) =>
      sources
        .filter(
          (source) =>
            lax.includes(source) || /^https?:\/\//.test(source) || (source === "data:" && name === "script-src"),
        )
        .map((source) => `content-security-policy: ${name} allows ${source}`),
    ),
  ];
}
