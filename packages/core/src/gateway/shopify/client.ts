import type { AppError } from "../../kernel/errors.ts";
import { isObject, type Json, objectAt, objectsAt } from "../checkout/json.ts";
import { askShop, inWords, no, tryAgain } from "../checkout/refusal.ts";

/** Pinned, so that a shop's own version decides nothing: https://shopify.dev/docs/api/usage/versioning */
export const apiVersion = "2026-10";

/** One GraphQL request to a shop. @throws AppError unavailable or rejected */
export type Query = (query: string, variables?: Json) => Promise<Json>;

const statusReasons: Record<number, string> = {
  401: "Shopify does not accept the access token of this connection. Enter it anew in the connection's settings.",
  402: "The shop is frozen at Shopify, because its plan is not paid.",
  403: "Shopify does not let this access token in. Check the app's rights.",
  404: "There is no such shop at Shopify. Check its myshopify.com address.",
  423: "The shop is locked at Shopify.",
};

/** @param origin the shop's own, such as https://example.myshopify.com, or a stand-in's */
export function openShopify(origin: string, token: string, standIn: boolean): Query {
  const url = new URL(`${origin}/admin/api/${apiVersion}/graphql.json`);
  return async (query, variables = {}) => {
    const answer = await askShop("shopify", "Shopify", {
      url,
      method: "POST",
      headers: { "x-shopify-access-token": token },
      body: JSON.stringify({ query, variables }),
      standIn,
    });
    if (answer.status !== 200)
      throw no(
        "shopify",
        `http_${answer.status}`,
        statusReasons[answer.status] ?? `Shopify refused the request (${answer.status}).`,
      );
    const body = parse(answer.body);
    if (!body) throw tryAgain("shopify", "Shopify", "unavailable");
    const errors = Array.isArray(body.errors) ? body.errors.filter(isObject) : [];
    if (errors.length > 0) throw refusalOf(errors, body);
    return objectAt(body, "data") ?? {};
  };
}

function parse(text: string): Json | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** GraphQL answers 200 to everything; what is wrong stands beside the data. */
function refusalOf(errors: Json[], body: Json): AppError {
  const codes = errors.map((each) => objectAt(each, "extensions")?.code);
  if (codes.includes("THROTTLED")) return tryAgain("shopify", "Shopify", "throttled", refillMs(body));
  if (codes.includes("INTERNAL_SERVER_ERROR") || codes.includes("TIMEOUT"))
    return tryAgain("shopify", "Shopify", "unavailable");
  if (codes.includes("ACCESS_DENIED"))
    return no(
      "shopify",
      "access_denied",
      "The app may not do this at Shopify. Give it the rights write_discounts and read_orders, and install it again.",
    );
  return no("shopify", "rejected", `Shopify said no: ${inWords(errors[0]!.message)}`);
}

/** The bucket fills at a rate that it tells: so long until the request fits. */
function refillMs(body: Json): number {
  const cost = objectAt(objectAt(body, "extensions") ?? {}, "cost");
  const status = cost && objectAt(cost, "throttleStatus");
  const missing = Number(cost?.requestedQueryCost) - Number(status?.currentlyAvailable);
  const ms = (missing / Number(status?.restoreRate)) * 1000;
  return Number.isFinite(ms) && ms > 0 ? Math.min(Math.ceil(ms), 60_000) : 2_000;
}

/** What a mutation could not do; empty where it was done. */
export const userErrorsOf = (payload: Json | undefined): { code: string; message: string }[] =>
  objectsAt(payload ?? {}, "userErrors").map((each) => ({
    code: String(each.code ?? ""),
    message: inWords(each.message),
  }));

/** @throws AppError rejected with Shopify's own words where it could not be done */
export function mustBeDone(payload: Json | undefined): void {
  const [first] = userErrorsOf(payload);
  if (first) throw no("shopify", first.code.toLowerCase() || "rejected", `Shopify said no: ${first.message}`);
}
