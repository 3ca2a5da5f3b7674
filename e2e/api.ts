import { createHmac } from "node:crypto";
import type { Role } from "@laurel/contract";
import type { RunFile } from "@laurel/local/src/run-file.ts";

/** The API as somebody with curl uses it: no browser, a cookie kept by hand. */
export interface Caller {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
}

const jsonOf = async <T>(answer: Response, what: string): Promise<T> => {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${what} answered ${answer.status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
};

export function call(run: RunFile, path: string, body?: unknown, headers: Record<string, string> = {}) {
  return fetch(run.portalUrl + path, {
    method: body === undefined ? "GET" : "POST",
    redirect: "manual",
    headers: {
      origin: run.portalUrl,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Signs in with what a mail or a link of this machine gave. */
export async function signIn(
  run: RunFile,
  proof: { token: string } | { email: string; code: string },
): Promise<Caller> {
  const answer = await call(run, "/api/auth/verify", proof);
  await jsonOf(answer.clone(), "Signing in");
  const cookie = answer.headers.getSetCookie()[0]!.split(";")[0]!;
  return {
    get: async (path) => jsonOf(await call(run, path, undefined, { cookie }), path),
    post: async (path, body) => jsonOf(await call(run, path, body, { cookie }), path),
  };
}

/** Signs in by the link that the program printed for a role. */
export async function signInAs(run: RunFile, role: Role): Promise<Caller> {
  const answer = await fetch(run.signInLinks.find((link) => link.role === role)!.url, { redirect: "manual" });
  const token = new URLSearchParams(new URL(answer.headers.get("location")!).hash.slice(1)).get("token")!;
  return signIn(run, { token });
}

/** Every item of a list, over all of its pages. */
export async function allOf<T>(caller: Caller, path: string): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: T[]; cursor: string | null } = await caller.get(
      cursor ? `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : path,
    );
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor);
  return items;
}

/** Sends a webhook signed as Stripe signs (https://docs.stripe.com/webhooks#verify-manually). */
export function sendSigned(
  connection: RunFile["connections"][number],
  event: unknown,
  secret?: string,
): Promise<Response> {
  const body = JSON.stringify(event);
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", secret ?? connection.webhookSecret)
    .update(`${at}.${body}`)
    .digest("hex");
  return fetch(connection.webhookUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": `t=${at},v1=${signature}` },
    body,
  });
}
