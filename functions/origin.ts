import { sameSecret } from "@laurel/core/kernel/secrecy.ts";
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from "aws-lambda";

/** What the front door puts on every request, and nobody else can. */
export const originHeader = "x-laurel-origin-secret";
/** Shorter ones are a mistake of somebody's, such as an empty one. */
const leastLength = 16;

/**
 * Makes the guard of a function behind the front door: whoever goes around it is refused before anything of the request is
 * read. Two secrets are taken at once, so that one can be changed while the other is in use; they are compared in constant
 * time, all of them, whichever holds.
 * @param secrets with commas between
 * @throws Error where none of them is long enough: then nobody is let in
 */
export function originGuard(secrets: string): (event: Pick<LambdaFunctionURLEvent, "headers">) => boolean {
  const accepted = secrets.split(",").flatMap((secret) => {
    const trimmed = secret.trim();
    return trimmed.length >= leastLength ? [trimmed] : [];
  });
  if (accepted.length === 0) throw new Error(`ORIGIN_SECRETS has no secret of ${leastLength} characters or more`);
  return ({ headers }) => {
    const given = headers[originHeader] ?? "";
    let held = false;
    for (const secret of accepted) if (sameSecret(given, secret)) held = true;
    return held;
  };
}

/** A problem, RFC 9457, for what is answered before the application has seen the request. */
export const early = (
  status: 403 | 503,
  parts: { code: string; title: string; detail: string; requestId: string; retryAfterS?: number },
): LambdaFunctionURLResult => {
  const { retryAfterS, ...rest } = parts;
  return {
    statusCode: status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }),
    },
    body: JSON.stringify({
      type: `urn:laurel:problem:${parts.code}`,
      status,
      ...rest,
      ...(retryAfterS === undefined ? {} : { retryAfterMs: retryAfterS * 1000 }),
    }),
  };
};

export const goneAround = (requestId: string): LambdaFunctionURLResult =>
  early(403, {
    code: "request.origin_secret",
    title: "You may not do this",
    detail: "This address is not open to anybody. Use the program's own address.",
    requestId,
  });
