import { AppError, invalidField } from "../../kernel/errors.ts";
import { type Answer, ask, ForbiddenAddress, NoAnswer, type Question } from "./http.ts";

/** What goes wrong with a shop, in the two kinds that a caller can act on: again later, or a definite no with its reason. */

/** What a shop answers may repeat what it was sent; keys, tags and lines have no place in a log or a portal. */
export const inWords = (text: unknown): string =>
  String(text ?? "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\b(?:shpat|shpss|shpca|shppa|ck|cs)_\w+/g, "…")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);

/** @param shop the provider's name, as people read it */
export const tryAgain = (
  provider: string,
  shop: string,
  code: string,
  retryAfterMs = 2_000,
  cause?: unknown,
): AppError =>
  new AppError(
    "unavailable",
    `${provider}.${code}`,
    {
      throttled: `${shop} asks for a pause before the next request. It will be tried again.`,
      unreachable: `${shop} cannot be reached at the moment. It will be tried again.`,
    }[code] ?? `${shop} has trouble at the moment. It will be tried again.`,
    { retryAfterMs, cause },
  );

export const no = (provider: string, code: string, message: string): AppError =>
  new AppError("rejected", `${provider}.${code}`, message);

/** Asks a shop; what never was an answer is told as what it is. */
export async function askShop(provider: string, shop: string, question: Question): Promise<Answer> {
  try {
    const answer = await ask(question);
    if (answer.status === 429 || answer.status === 430)
      throw tryAgain(provider, shop, "throttled", pauseMs(answer.headers["retry-after"]));
    if (answer.status >= 500 || answer.status === 408) throw tryAgain(provider, shop, "unavailable");
    return answer;
  } catch (error) {
    if (error instanceof NoAnswer) throw tryAgain(provider, shop, "unreachable", undefined, new Error(error.message));
    if (error instanceof ForbiddenAddress)
      throw no(
        provider,
        "address",
        `The shop's address cannot be asked: it must start with https:// and be on the open internet.`,
      );
    throw error;
  }
}

/** Seconds, with a fraction at Shopify. */
function pauseMs(header: string | undefined): number {
  const seconds = Number(header ?? "2");
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.ceil(seconds * 1000), 60_000) : 2_000;
}

/** Reads an address that an owner typed: https, a host, perhaps a path; no user, no query. @throws AppError invalid */
export function shopAddress(text: string, field = "shopUrl"): URL {
  const wrong = (message: string) => invalidField(field, message);
  const given = text.trim().replace(/\/+$/, "");
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `https://${given}`;
  if (!URL.canParse(withScheme)) throw wrong("is not a web address");
  const url = new URL(withScheme);
  if (!url.hostname.includes(".")) throw wrong("is not the address of a shop on the internet");
  if (url.protocol !== "https:") throw wrong("must start with https://");
  if (url.username || url.password || url.search || url.hash) throw wrong("is more than the address of a shop");
  return url;
}
