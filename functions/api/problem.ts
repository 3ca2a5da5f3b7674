import { type ErrorKind, errorKinds, type Problem } from "@laurel/contract";
import { AppError, errorOf, type Log } from "@laurel/core/kernel";
import type { Http } from "./http.ts";

const titles: Record<ErrorKind, string> = {
  invalid: "The request is not valid",
  unauthenticated: "You are not signed in",
  forbidden: "You may not do this",
  not_found: "Not found",
  conflict: "Something else happened first",
  rejected: "This cannot be done",
  rate_limited: "Too many requests",
  unavailable: "Not available at the moment",
};

/** What HTTP itself can object to, beside the kinds of the domain. */
const httpTitles: Record<number, string> = {
  405: "The method does not fit",
  413: "The request is too large",
  415: "The content type does not fit",
  500: "Something went wrong on our side",
};

const kindOf = new Map(Object.entries(errorKinds).map(([kind, status]) => [status as number, kind as ErrorKind]));

/** A short name of the kind of problem; the same for the same status. */
export function titleOf(status: number): string {
  const kind = kindOf.get(status);
  return (kind ? titles[kind] : httpTitles[status]) ?? "The request failed";
}

type Parts = Pick<Problem, "status" | "code" | "detail"> & Partial<Pick<Problem, "errors" | "retryAfterMs" | "title">>;

/**
 * Answers with problem details, RFC 9457.
 * @param headers beside the content type, e.g. Allow
 */
export function problem(c: Http, parts: Parts, headers: Record<string, string> = {}): Response {
  const { status, code, detail, errors, retryAfterMs } = parts;
  const body: Problem = {
    type: `urn:laurel:problem:${code}`,
    title: parts.title ?? titleOf(status),
    status,
    detail,
    instance: c.req.path,
    code,
    requestId: c.get("requestId"),
    ...(errors ? { errors } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (retryAfterMs !== undefined) c.header("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
  c.header("Content-Type", "application/problem+json");
  return c.body(JSON.stringify(body), status as 400);
}

/** The one place where errors become answers. What is not an AppError is our own fault: logged, and told without details. */
export const onError =
  (log: Log) =>
  (error: Error, c: Http): Response => {
    if (error instanceof AppError) {
      const { kind, code, message, errors } = error;
      const retryAfterMs = error.retryAfterMs ?? (kind === "unavailable" ? 5000 : undefined);
      if (kind === "unavailable") log.warn("unavailable", { requestId: c.get("requestId"), ...errorOf(error) });
      return problem(c, {
        status: errorKinds[kind],
        code,
        detail: message,
        ...(errors ? { errors } : {}),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      });
    }
    log.error("unexpected", { requestId: c.get("requestId"), ...errorOf(error) });
    return problem(c, {
      status: 500,
      code: "internal",
      detail: `It is not your fault. Try again; if it stays, tell us the request id ${c.get("requestId")}.`,
    });
  };

export const noRoute = (c: Http): Response =>
  problem(c, {
    status: 404,
    code: "not_found",
    detail: "There is nothing here, or nothing that you may see. Check the address.",
  });

export const wrongMethod = (c: Http, allowed: readonly string[]): Response =>
  problem(
    c,
    { status: 405, code: "request.method", detail: `This address takes ${allowed.join(", ")}.` },
    { Allow: allowed.join(", ") },
  );
