import type { Problem } from "@laurel/contract";

export interface FieldError {
  /** As our forms name fields: `channels.0.handle`. */
  field: string;
  message: string;
}

/** A request that failed, in words a person can act on. `status` is 0 where no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  /** Stable and dotted, as the API documents it; `network` where no answer came. */
  readonly code: string;
  readonly title: string;
  readonly fields: readonly FieldError[];
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(problem: {
    status: number;
    code: string;
    title: string;
    detail: string;
    fields?: readonly FieldError[];
    requestId?: string | undefined;
    retryAfterMs?: number | undefined;
  }) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId;
    this.retryAfterMs = problem.retryAfterMs;
  }

  /** Whether the same request may succeed later: nothing answered, or the answer said so. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const fallback: Record<number, { title: string; detail: string }> = {
  401: { title: "You are signed out", detail: "Sign in to go on." },
  403: { title: "Not for your role", detail: "Your role does not include this. Ask an owner of the program." },
  404: { title: "Nothing here", detail: "There is nothing here, or nothing that you may see. Check the address." },
  409: { title: "It changed meanwhile", detail: "Somebody else was faster. Reload to see how it stands now." },
  413: { title: "Too much text", detail: "What you sent is too long. Shorten it and try again." },
  429: { title: "Too many tries", detail: "Please wait a little, then try again." },
  503: {
    title: "Briefly unavailable",
    detail: "The service can't be reached right now. Nothing is lost; try again in a minute.",
  },
};

/** `/channels/0/url`, `channels[0].url` and `body.channels.0.url` all name the field `channels.0.url`. */
export function fieldPath(field: string): string {
  return field
    .replace(/\[(\w+)\]/g, ".$1")
    .replaceAll("/", ".")
    .replace(/^\.+/, "")
    .replace(/^body\./, "");
}

/** How long a `Retry-After` header asks to wait; seconds or a date. */
export function retryAfterMs(header: string | null, nowMs: number = Date.now()): number | undefined {
  if (!header) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Reads a problem document, and makes the best of anything else that a proxy may have put in its place. */
export async function problemOf(response: Response): Promise<ApiError> {
  let body: Partial<Problem> = {};
  try {
    const read: unknown = await response.json();
    if (read !== null && typeof read === "object") body = read as Partial<Problem>;
  } catch {
    // Not JSON: the status alone has to do.
  }
  const known = fallback[response.status] ?? {
    title: "That did not work",
    detail: "Something went wrong on our side. Try again; if it keeps happening, tell the team.",
  };
  return new ApiError({
    status: response.status,
    code: body.code ?? `http.${response.status}`,
    title: body.title ?? known.title,
    detail: body.detail ?? known.detail,
    fields: (body.errors ?? []).map(({ field, message }) => ({ field: fieldPath(field), message })),
    requestId: body.requestId ?? response.headers.get("x-request-id") ?? undefined,
    retryAfterMs: body.retryAfterMs ?? retryAfterMs(response.headers.get("retry-after")),
  });
}

export const networkError = (timedOut: boolean): ApiError =>
  new ApiError({
    status: 0,
    code: "network",
    title: timedOut ? "No answer in time" : "No connection",
    detail: timedOut
      ? "The answer is taking too long. Check your connection and try again; nothing is done twice."
      : "The service can't be reached. Check your connection and try again; nothing is done twice.",
  });

/** Any thrown thing as an ApiError, so that screens have one shape to show. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    status: -1,
    code: "portal",
    title: "Something broke on this page",
    detail: "Reload the page and try again.",
  });
}
