import { AppError } from "../../kernel/errors.ts";
import { currencyAt, isObject, type Json, numericId, textAt } from "../checkout/json.ts";
import type { OrderPage, ShopFound, StoredOrder } from "../checkout/port.ts";
import { no } from "../checkout/refusal.ts";
import { mustBeDone, type Store, wooAddress } from "./client.ts";

const topics = ["order.created", "order.updated", "order.deleted", "order.restored"];
const pageSize = 100;

export async function checkStore(store: Store, shopUrl: string): Promise<ShopFound> {
  const index = mustBeDone(await store("GET", ""));
  if (!isObject(index) || !Array.isArray(index.namespaces) || !index.namespaces.includes("wc/v3"))
    throw no("woocommerce", "no_api", "There is a WordPress at this address, and no WooCommerce in it.");
  const currency = mustBeDone(await store("GET", "wc/v3/data/currencies/current"));
  const missingRights: string[] = [];
  for (const right of ["orders", "coupons", "webhooks"]) {
    const { status } = await store("GET", `wc/v3/${right}?per_page=1`);
    if (status === 401 || status === 403) missingRights.push(right);
  }
  return {
    name: textAt(index, "name", 100) ?? new URL(shopUrl).host,
    shopUrl,
    // A store does not say whether it is one for tests.
    livemode: true,
    namespace: `woo_${shopUrl.replace(/^https?:\/\//, "")}`,
    currency: isObject(currency) ? currencyAt(currency, "code") : "",
    missingRights,
  };
}

/**
 * Makes what is missing, and gives what is there our secret and its life back: WooCommerce switches a hook off after five
 * deliveries that failed. On making one it asks the address whether somebody is there, so the connection has to exist before.
 */
export async function ensureWebhooks(store: Store, webhookUrl: string, secret: string): Promise<void> {
  const ours = await webhooksTo(store, webhookUrl);
  for (const topic of topics) {
    const there = ours.find((each) => each.topic === topic);
    const id = numericId(there?.id);
    if (id) mustBeDone(await store("PUT", `wc/v3/webhooks/${id}`, { secret, status: "active" }));
    else
      mustBeDone(
        await store("POST", "wc/v3/webhooks", {
          name: `Laurel: ${topic}`,
          topic,
          delivery_url: webhookUrl,
          secret,
          status: "active",
        }),
      );
  }
}

async function webhooksTo(store: Store, webhookUrl: string): Promise<Json[]> {
  const listed = mustBeDone(await store("GET", `wc/v3/webhooks?per_page=${pageSize}`));
  return (Array.isArray(listed) ? listed : []).filter((each) => isObject(each) && each.delivery_url === webhookUrl);
}

export async function removeWebhooks(store: Store, webhookUrl: string): Promise<void> {
  for (const each of await webhooksTo(store, webhookUrl)) {
    const reply = await store("DELETE", `wc/v3/webhooks/${numericId(each.id)}?force=true`);
    if (reply.status !== 404) mustBeDone(reply);
  }
}

/** Orders in the bin are listed by themselves. */
const lists = ["trash", "any"] as const;

/**
 * A page of the orders that changed since a time: those in the bin first, then all others with the oldest change first. An
 * order that changes meanwhile moves to the end, so a page begins at the change where the one before ended, and not by its number.
 * @param after `list|time|page`: the page's number counts only where more orders changed in one second than a page holds
 */
export async function listOrders(store: Store, since: Date, after: string | undefined): Promise<OrderPage> {
  const [list = "", time = "", told = "1"] = after?.split("|") ?? [lists[0], gmtOf(since)];
  const page = Math.max(1, Number.parseInt(told, 10) || 1);
  const query = new URLSearchParams({
    status: list,
    modified_after: time,
    dates_are_gmt: "true",
    orderby: "modified",
    order: "asc",
    per_page: String(pageSize),
    page: String(page),
  });
  const reply = await store("GET", `wc/v3/orders?${query}`);
  // A store of an older version may not know that list.
  const found = list === "trash" && reply.status === 400 ? [] : mustBeDone(reply);
  if (!Array.isArray(found)) throw no("woocommerce", "unclear", "The store did not answer with orders.");
  const orders = found.flatMap((order: unknown) => {
    const id = isObject(order) ? numericId(order.id) : undefined;
    return id ? [{ id, type: "order.updated", rawBody: Buffer.from(JSON.stringify(order)) }] : [];
  });
  if (found.length < pageSize) return { orders, ...(list === "trash" ? { next: `any|${gmtOf(since)}|1` } : {}) };
  const last: unknown = found.at(-1);
  const changed = isObject(last) ? (textAt(last, "date_modified_gmt") ?? "") : "";
  // A second earlier, since several may have changed in it.
  const next = changed > time ? gmtOf(new Date(Date.parse(`${changed}Z`) - 1000)) : time;
  return { orders, next: next > time ? `${list}|${next}|1` : `${list}|${time}|${page + 1}` };
}

/** One order, as `order.updated` tells it. */
export async function getOrder(store: Store, id: string): Promise<StoredOrder | undefined> {
  if (!numericId(id)) return undefined;
  const reply = await store("GET", `wc/v3/orders/${id}`);
  if (reply.status === 404) return undefined;
  const order = mustBeDone(reply);
  // What was deleted for good and what is another kind of post are no orders.
  return isObject(order) && numericId(order.id) === id
    ? { id, type: "order.updated", rawBody: Buffer.from(JSON.stringify(order)) }
    : undefined;
}

/** As WooCommerce writes times in GMT: without a zone. */
const gmtOf = (at: Date): string => at.toISOString().slice(0, 19);

/** What is stored of a connection must be an address that may be asked, whoever wrote it. */
export function baseOf(shopUrl: string | undefined): string {
  if (!shopUrl)
    throw new AppError("rejected", "woocommerce.no_store", "The connection names no store. Connect it again.");
  return wooAddress(shopUrl);
}
