import { expect } from "vitest";
import type { Cloud } from "./cloud.ts";

/** The API as somebody with a browser uses it: same origin, a cookie where signed in. */
export interface Caller {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** `name=value` of the session. */
  cookie: string | undefined;
}

export function caller({ origin }: Cloud, cookie?: string): Caller {
  const ask = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await fetch(origin + path, {
      method,
      headers: {
        origin,
        ...(cookie ? { cookie } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expect(answer.status, `${method} ${path}: ${text}`).toBeLessThan(300);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  return { get: (path) => ask("GET", path), post: (path, body) => ask("POST", path, body), cookie };
}

/** Signs in with what a link or a mail carries. */
export async function signIn(
  cloud: Cloud,
  proof: { token: string } | { email: string; code: string },
): Promise<Caller> {
  const answer = await fetch(`${cloud.origin}/api/auth/verify`, {
    method: "POST",
    headers: { origin: cloud.origin, "content-type": "application/json" },
    body: JSON.stringify(proof),
  });
  expect(answer.status, await answer.text()).toBe(200);
  return caller(cloud, answer.headers.getSetCookie()[0]!.split(";")[0]!);
}

export interface ReceivedMail {
  subject: string;
  to: string[];
  text: string;
}

/** All mail that has arrived, oldest first. */
export async function mailsIn({ inbox }: Cloud): Promise<ReceivedMail[]> {
  const answer = await fetch(`${inbox.url}/store`);
  const { emails } = (await answer.json()) as {
    emails: { subject: string; destination: { to: string[] }; body: { text: string } }[];
  };
  return emails.map(({ subject, destination, body }) => ({ subject, to: destination.to, text: body.text }));
}

/** The last mail to somebody. */
export async function mailTo(cloud: Cloud, address: string): Promise<ReceivedMail> {
  const all = (await mailsIn(cloud)).filter(({ to }) => to.includes(address));
  expect(all.length, `mail to ${address}`).toBeGreaterThan(0);
  return all.at(-1)!;
}

/** The token of the link in a mail that leads to a path. */
export function tokenIn({ text }: ReceivedMail, path: string): string {
  const link = text.split(/\s+/).find((word) => URL.canParse(word) && new URL(word).pathname === path);
  const token = link && new URLSearchParams(new URL(link).hash.slice(1)).get("token");
  expect(token, `a link to ${path} in: ${text}`).toBeTruthy();
  return token!;
}
