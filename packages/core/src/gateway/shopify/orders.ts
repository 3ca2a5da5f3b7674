import { isObject, numericId, parseJson } from "../checkout/json.ts";
import type { StoredOrder } from "../checkout/port.ts";
import { askShop, no, tryAgain } from "../checkout/refusal.ts";
import { apiVersion } from "./client.ts";

/** Of 250 that Shopify would give. An order of fifty lines has 150 KB, and an answer of more than 8 MiB is not taken. */
const pageSize = 50;

/**
 * A page of the orders that changed since a time, by the interface whose orders have the shape of webhooks
 * (https://shopify.dev/docs/api/admin-rest/latest/resources/order#get-orders). Oldest change first.
 * @param after Shopify's own mark of the next page
 */
export async function listOrders(
  origin: string,
  token: string,
  standIn: boolean,
  since: Date,
  after: string | undefined,
): Promise<{ orders: StoredOrder[]; next?: string }> {
  const url = new URL(`${origin}/admin/api/${apiVersion}/orders.json`);
  // With a mark, all that was asked stands in it.
  const asked: Record<string, string> = after
    ? { limit: String(pageSize), page_info: after }
    : { limit: String(pageSize), status: "any", order: "updated_at asc", updated_at_min: since.toISOString() };
  url.search = new URLSearchParams(asked).toString();
  const answer = await askShop("shopify", "Shopify", {
    url,
    method: "GET",
    headers: { "x-shopify-access-token": token },
    standIn,
  });
  if (answer.status !== 200)
    throw no("shopify", `http_${answer.status}`, `Shopify does not show its orders (${answer.status}).`);
  const body = parseJson(Buffer.from(answer.body));
  if (!isObject(body) || !Array.isArray(body.orders)) throw tryAgain("shopify", "Shopify", "unavailable");
  const next = nextOf(answer.headers.link);
  return {
    orders: body.orders.flatMap((order: unknown) => {
      const id = isObject(order) ? numericId(order.id) : undefined;
      return id ? [{ id, type: "orders/updated", rawBody: Buffer.from(JSON.stringify(order)) }] : [];
    }),
    ...(next ? { next } : {}),
  };
}

/** One order, as `orders/updated` tells it. */
export async function getOrder(
  origin: string,
  token: string,
  standIn: boolean,
  id: string,
): Promise<StoredOrder | undefined> {
  if (!numericId(id)) return undefined;
  const answer = await askShop("shopify", "Shopify", {
    url: new URL(`${origin}/admin/api/${apiVersion}/orders/${id}.json`),
    method: "GET",
    headers: { "x-shopify-access-token": token },
    standIn,
  });
  if (answer.status === 404) return undefined;
  if (answer.status !== 200)
    throw no("shopify", `http_${answer.status}`, `Shopify does not show the order (${answer.status}).`);
  const body = parseJson(Buffer.from(answer.body));
  if (!isObject(body) || !isObject(body.order)) throw tryAgain("shopify", "Shopify", "unavailable");
  return { id, type: "orders/updated", rawBody: Buffer.from(JSON.stringify(body.order)) };
}

/** `Link: <https://…?page_info=abc>; rel="next"` */
function nextOf(header: string | string[] | undefined): string | undefined {
  const [, address = ""] = /<([^>]+)>\s*;\s*rel="next"/.exec(String(header ?? "")) ?? [];
  return URL.canParse(address) ? (new URL(address).searchParams.get("page_info") ?? undefined) : undefined;
}
