import { createKeyring } from "./idempotency.ts";
import { networkError, problemOf } from "./problem.ts";

const timeoutMs = 20_000;
const keyring = createKeyring();

export type Query = Record<string, string | number | undefined>;

/** A path with its parameters; empty ones are left out. */
export function withQuery(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") params.set(name, String(value));
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function request<T>(
  method: "GET" | "POST" | "PATCH" | "PUT",
  path: string,
  options: { body?: unknown; signal?: AbortSignal | undefined; key?: string } = {},
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const headers: Record<string, string> = { accept: "application/json" };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  if (options.key) headers["idempotency-key"] = options.key;

  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ? AbortSignal.any([options.signal, deadline]) : deadline,
    });
  } catch (error) {
    // An abort of our own (a screen that was left) is not a failure to show.
    if (options.signal?.aborted) throw error;
    throw networkError(deadline.aborted);
  }
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  try {
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch {
    throw networkError(false);
  }
}

/** Reads. Errors: ApiError. */
export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  request<T>("GET", withQuery(path, query), { signal });

/** Looks something up with a secret that must not stand in an address; changes nothing, so it needs no key. */
export const look = <T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  request<T>("POST", path, { body, signal });

/** Changes something, at most once for one intent. Errors: ApiError. */
export async function post<T>(path: string, body?: unknown): Promise<T> {
  const key = keyring.keyFor("POST", path, body);
  try {
    const answer = await request<T>("POST", path, { body: body ?? {}, key });
    keyring.settle("POST", path, body, 200);
    return answer;
  } catch (error) {
    const status = error instanceof Error && "status" in error ? Number(error.status) : 0;
    keyring.settle("POST", path, body, status);
    throw error;
  }
}

/** Changes settings; the version in the body makes a second send harmless. */
export const patch = <T>(path: string, body: unknown): Promise<T> => request<T>("PATCH", path, { body });

/** Puts something in the place of what was there; the same twice is the same once. */
export const put = <T>(path: string, body: unknown): Promise<T> => request<T>("PUT", path, { body });
