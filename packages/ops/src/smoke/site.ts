/** A deployment as its visitors see it. */
export interface Site {
  /** Without a trailing slash. */
  origin: string;
  /** Whether it is reached by TLS, so that what only holds there is looked at. */
  secure: boolean;
  /** Asks without following redirects; relative addresses are the site's own. */
  ask(path: string, init?: RequestInit): Promise<Answer>;
  /** The page at /, asked for once. */
  page(): Promise<Answer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** What is wrong with an answer, for the table. */
export class Fault extends Error {}

export const must = (condition: unknown, message: string): void => {
  if (!condition) throw new Fault(message);
};

/** A first request may wait for a cold start. */
const patienceMs = 15_000;

export function openSite(origin: string, { secure = origin.startsWith("https:") } = {}): Site {
  const ask: Site["ask"] = async (path, init = {}) => {
    const url = new URL(path, origin);
    try {
      const response = await fetch(url, {
        redirect: "manual",
        ...init,
        headers: { "user-agent": "laurel-smoke", ...(init.headers as Record<string, string>) },
        signal: AbortSignal.timeout(patienceMs),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
      const why =
        name === "TimeoutError" ? `no answer in ${patienceMs / 1000} s` : (cause?.code ?? cause?.message ?? message);
      throw new Fault(`${url.pathname}: ${why}`);
    }
  };
  let page: Promise<Answer> | undefined;
  return {
    origin,
    secure,
    ask,
    page: () => {
      page ??= ask("/", { headers: { accept: "text/html" } });
      return page;
    },
  };
}

/** The addresses of scripts, styles and pictures that a page names, as they stand there. */
export const namedIn = (html: string): string[] =>
  [...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\s(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);

/** A problem as RFC 9457 tells it, with a code of ours. */
export function problemOf({ status, headers, text }: Answer, expected: number): string {
  must(status === expected, `answered ${status} instead of ${expected}`);
  must(
    headers.get("content-type")?.startsWith("application/problem+json"),
    `is no problem+json (${headers.get("content-type")})`,
  );
  const { code, status: told } = jsonOf(text);
  must(typeof code === "string" && told === expected, "the problem has no code, or another status than the answer");
  return code as string;
}

export function jsonOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault("is no JSON");
  }
}
