import type { Answer } from "../checkout/http.ts";
import { isObject, type Json, textAt } from "../checkout/json.ts";
import { askShop, inWords, no, shopAddress } from "../checkout/refusal.ts";

const provider = "woocommerce";

/** A request to a store that was answered: its status, and the JSON it came with. */
export interface Reply {
  status: number;
  /** WordPress's own word for what is wrong, such as `woocommerce_rest_cannot_view`. */
  code: string;
  body: unknown;
  headers: Answer["headers"];
}

export type Store = (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: Json) => Promise<Reply>;

/**
 * The address of a store, from what an owner types: where its WordPress is, perhaps in a folder.
 * @returns without a trailing slash
 * @throws AppError invalid
 */
export function wooAddress(text: string): string {
  const { origin, pathname } = shopAddress(text);
  const path = pathname.replace(/\/+$/, "").replace(/\/wp-(admin|json).*$/, "");
  return `${origin}${path}`;
}

/**
 * @param base the store's address, or a stand-in's
 * @param apiKey `ck_…:cs_…`: the consumer key and secret (https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication)
 */
export function openStore(base: string, apiKey: string, standIn: boolean): Store {
  return async (method, path, body) => {
    const answer = await askShop(provider, "The store", {
      url: new URL(`${base}/wp-json/${path}`),
      method,
      headers: { authorization: `Basic ${Buffer.from(apiKey).toString("base64")}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
      standIn,
    });
    if (answer.status >= 300 && answer.status < 400)
      throw no(
        provider,
        "redirect",
        "The store's address leads to another one. Enter the address that it leads to, with or without www.",
      );
    const parsed = parse(answer.body);
    if (parsed === undefined)
      throw no(
        provider,
        "no_api",
        `There is no WooCommerce API at the store's address (${answer.status}). Check the address, that permalinks are not plain, and that no plug-in shuts the API off.`,
      );
    return {
      status: answer.status,
      code: (isObject(parsed) && textAt(parsed, "code", 100)) || "",
      body: parsed,
      headers: answer.headers,
    };
  };
}

function parse(text: string): unknown {
  try {
    // Some plug-ins write in front of the answer.
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

/** @throws AppError rejected with the store's own words, unless it was done */
export function mustBeDone(reply: Reply): unknown {
  if (reply.status >= 200 && reply.status < 300) return reply.body;
  const said = isObject(reply.body) ? inWords(reply.body.message) : "";
  if (reply.status === 401 || reply.status === 403)
    throw no(
      provider,
      "access_denied",
      `The store does not let this key do that. Make one with the permission Read/Write for a user who manages the shop.${said ? ` It says: ${said}` : ""}`,
    );
  throw no(
    provider,
    reply.code || `http_${reply.status}`,
    said ? `The store said no: ${said}` : `The store refused the request (${reply.status}).`,
  );
}
