import { createHmac, randomUUID } from "node:crypto";
import { join } from "node:path";
import { minorOf } from "@laurel/core/gateway/checkout/decimal.ts";
import { Hono } from "hono";
import { createShopCourier } from "../shops/courier.ts";
import { type Fault, withFaults } from "../shops/fault.ts";
import { type Delivery, type Json, openShopStore } from "../shops/store.ts";
import { byCode, QueryError, resolve, type Shop } from "./admin.ts";
import { makeOrder, makeRefund, type Order, type Wish } from "./order.ts";
import { rootsOf } from "./query.ts";

export type { Shop } from "./admin.ts";

export interface ShopifyOptions {
  /** The folder for `shopify.sqlite`; without it everything is in memory. */
  dir?: string | undefined;
  shops: Shop[];
  now?: () => Date;
  /** The waits before each further try; Shopify gives up after eight within four hours. */
  backoffMs?: number[];
  /** Webhooks that get lost on their way, for tests. */
  lose?: (delivery: Delivery) => boolean;
}

const backoff = [10_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 3_600_000, 3_600_000];
const tries = 8;

/**
 * Shopify on one machine: what Laurel needs of its Admin API, with the checks that Shopify makes, and signed webhooks. No
 * money moves. Its paths begin at the root of `app`.
 */
export function createShopifyStandIn(options: ShopifyOptions) {
  const store = openShopStore(options.dir && join(options.dir, "shopify.sqlite"));
  const now = options.now ?? (() => new Date());
  const backoffMs = options.backoffMs ?? backoff;
  const faults: Fault[] = [];
  let throttled = 0;
  const shops = new Map(options.shops.map((shop) => [shop.domain, shop]));
  const shopOf = (domain: string): Shop => {
    const found = shops.get(domain);
    if (!found) throw new Error(`There is no shop ${domain}`);
    return found;
  };

  const courier = createShopCourier(
    store,
    {
      pack: ({ shop, hook, topic, subject, body }) => {
        const url = hook === "app" ? shops.get(shop)?.complianceUrl : store.get(shop, "hook", hook)?.uri;
        if (typeof url !== "string" || body === null) return undefined;
        const { webhookId, eventId, triggeredAt } = JSON.parse(subject) as Record<string, string>;
        return {
          url,
          body,
          headers: {
            "content-type": "application/json",
            "user-agent": "Shopify-Captain-Hook",
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": shop,
            "x-shopify-hmac-sha256": signShopify(body, shopOf(shop).clientSecret),
            "x-shopify-api-version": "2026-10",
            "x-shopify-webhook-id": webhookId!,
            "x-shopify-event-id": eventId!,
            "x-shopify-triggered-at": triggeredAt!,
          },
        };
      },
      isTaken: (status) => status >= 200 && status < 300,
      retryInMs: (attempts) => (attempts > tries ? undefined : backoffMs[Math.min(attempts, backoffMs.length) - 1]),
      answered: ({ shop, hook: id }, taken) => {
        const hook = store.get(shop, "hook", id);
        if (!hook) return;
        const failures = taken ? 0 : Number(hook.failures) + 1;
        // A subscription that was made by the API is deleted after eight failures in a row.
        if (failures > tries) store.remove(shop, "hook", id);
        else store.put(shop, "hook", id, { ...hook, failures });
      },
    },
    { lose: options.lose },
  );

  /** What one action of the merchant or a buyer sends: each topic to each of its hooks. */
  function tell(shop: string, told: [topic: string, body: Json][]): void {
    const eventId = randomUUID();
    const at = Date.now();
    for (const [topic, body] of told) {
      const named = topic.toUpperCase().replace("/", "_");
      const hooks = /^(customers|shop)\//.test(topic)
        ? ["app"]
        : store.list(shop, "hook").flatMap((hook) => (hook.topic === named ? [String(hook.id)] : []));
      for (const hook of hooks) {
        const subject = JSON.stringify({ webhookId: randomUUID(), eventId, triggeredAt: now().toISOString() });
        store.push({ shop, hook, topic, subject, body: JSON.stringify(body) }, at);
      }
    }
  }
  function act<T>(work: () => T): T {
    const made = store.transaction(work);
    courier.wake();
    return made;
  }
  const orderOf = (domain: string, id: number): Order => {
    const found = store.get<Order>(domain, "order", String(id));
    if (!found) throw new Error(`There is no order ${id}`);
    return found;
  };
  function change(domain: string, id: number, changes: Partial<Order>): Order {
    const next = { ...orderOf(domain, id), ...changes, updated_at: now().toISOString() } as Order;
    store.put(domain, "order", String(id), next);
    return next;
  }

  const app = new Hono();
  const refused = () =>
    Response.json(
      { errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" },
      { status: 401 },
    );
  const opened = (token: string | undefined) =>
    [...shops.values()].find((shop) => token !== undefined && shop.token === token);

  app.post("/admin/api/:version/graphql.json", async (c) => {
    const text = await c.req.text();
    return withFaults(faults, c, text, () => {
      const shop = opened(c.req.header("x-shopify-access-token"));
      if (!shop) return refused();
      const cost = (available: number) => ({
        cost: {
          requestedQueryCost: 10,
          actualQueryCost: 10,
          throttleStatus: { maximumAvailable: 2000, currentlyAvailable: available, restoreRate: 100 },
        },
      });
      if (throttled > 0) {
        throttled--;
        return Response.json({
          errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
          extensions: cost(0),
        });
      }
      try {
        const { query, variables = {} } = JSON.parse(text) as { query: string; variables?: Json };
        return Response.json({
          data: act(() => resolve(store, shop, rootsOf(query, variables))),
          extensions: cost(1990),
        });
      } catch (error) {
        const code = error instanceof QueryError ? error.code : "PARSE_FAILED";
        return Response.json({ errors: [{ message: (error as Error).message, extensions: { code } }] });
      }
    });
  });

  app.get("/admin/api/:version/orders.json", (c) =>
    withFaults(faults, c, "", () => {
      const shop = opened(c.req.header("x-shopify-access-token"));
      if (!shop) return refused();
      const limit = Math.min(Number(c.req.query("limit") ?? 50), 250);
      const mark = c.req.query("page_info");
      const [since = "", at = "0"] = mark
        ? Buffer.from(mark, "base64url").toString().split("|")
        : [c.req.query("updated_at_min"), "0"];
      const found = store
        .list<Order>(shop.domain, "order")
        .filter((order) => order.updated_at >= since)
        .sort((a, b) => (a.updated_at < b.updated_at ? -1 : 1));
      const end = Number(at) + limit;
      const next = Buffer.from(`${since}|${end}`).toString("base64url");
      return Response.json(
        { orders: found.slice(Number(at), end) },
        {
          headers:
            end < found.length
              ? {
                  link: `<https://${shop.domain}/admin/api/2026-10/orders.json?limit=${limit}&page_info=${next}>; rel="next"`,
                }
              : {},
        },
      );
    }),
  );

  app.get("/admin/api/:version/orders/:file", (c) =>
    withFaults(faults, c, "", () => {
      const shop = opened(c.req.header("x-shopify-access-token"));
      if (!shop) return refused();
      const order = store.get(shop.domain, "order", c.req.param("file").replace(/\.json$/, ""));
      return order ? Response.json({ order }) : Response.json({ errors: "Not Found" }, { status: 404 });
    }),
  );

  return {
    app,
    faults,
    start: courier.start,
    settled: courier.settled,
    /** The next requests are throttled. */
    throttle: (requests: number): void => {
      throttled = requests;
    },
    shops: (): Shop[] => [...shops.values()],
    orders: (domain: string): Order[] => store.list<Order>(domain, "order"),
    hooks: (domain: string): Json[] => store.list(domain, "hook"),
    codes: (domain: string): Json[] => store.list(domain, "discount"),
    deliveries: (domain: string): Delivery[] => store.deliveries(domain),
    /** Sends a webhook once more. */
    again: courier.again,
    /** A code of the merchant's own, or one that a buyer enters: what it takes off; undefined where it does not work. */
    fractionOf: (domain: string, code: string): number | undefined => {
      const node = byCode(store, shopOf(domain), code);
      return node?.codeDiscount.status === "ACTIVE" ? node.codeDiscount.percentage : undefined;
    },
    /** A buyer orders; a code that does not work is left out, as at a checkout. */
    placeOrder: (domain: string, wish: Omit<Wish, "code"> & { code?: string | undefined }): Order =>
      act(() => {
        const shop = shopOf(domain);
        const node = wish.code ? byCode(store, shop, wish.code) : undefined;
        const code =
          node?.codeDiscount.status === "ACTIVE"
            ? { text: wish.code!, fraction: node.codeDiscount.percentage }
            : undefined;
        const number = 1001 + store.count(domain, "order");
        const id = store.nextId(5_390_000_000_000);
        const order = makeOrder(
          { ...wish, code },
          { id, number, shopId: shop.shopId, currency: shop.currency, at: now() },
        );
        store.put(domain, "order", String(id), order);
        tell(domain, [
          ["orders/create", order],
          ...(order.financial_status === "paid" ? ([["orders/paid", order]] as [string, Json][]) : []),
        ]);
        return order;
      }),
    payOrder: (domain: string, id: number): Order =>
      act(() => {
        const order = change(domain, id, { financial_status: "paid" });
        tell(domain, [
          ["orders/paid", order],
          ["orders/updated", order],
        ]);
        return order;
      }),
    cancelOrder: (domain: string, id: number): Order =>
      act(() => {
        const order = change(domain, id, { cancelled_at: now().toISOString(), cancel_reason: "customer" });
        tell(domain, [
          ["orders/cancelled", order],
          ["orders/updated", order],
        ]);
        return order;
      }),
    /** @throws Error above what is left, as Shopify refuses it */
    refund: (domain: string, id: number, amountMinor: number): Json =>
      act(() => {
        const order = orderOf(domain, id);
        const left = minorOf(order.total_price, order.currency)! - refundedOf(order);
        if (amountMinor <= 0 || amountMinor > left)
          throw new Error("The refund is more than what is left of the payment");
        const refund = makeRefund(order, store.nextId(929_000_000_000), amountMinor, now());
        const next = change(domain, id, {
          refunds: [...order.refunds, refund],
          financial_status: amountMinor === left ? "refunded" : "partially_refunded",
        });
        tell(domain, [
          ["refunds/create", refund],
          ["orders/updated", next],
        ]);
        return refund;
      }),
    uninstall: (domain: string): void =>
      act(() => {
        const shop = shopOf(domain);
        tell(domain, [
          [
            "app/uninstalled",
            {
              id: shop.shopId,
              name: shop.name,
              domain: "shop.example",
              myshopify_domain: domain,
              updated_at: now().toISOString(),
            },
          ],
        ]);
        shops.set(domain, { ...shop, token: `revoked ${randomUUID()}` });
      }),
    /** One of the three topics about personal data. */
    request: (domain: string, topic: "customers/data_request" | "customers/redact" | "shop/redact", body: Json): void =>
      act(() => tell(domain, [[topic, { shop_id: shopOf(domain).shopId, shop_domain: domain, ...body }]])),
    async close(): Promise<void> {
      await courier.close();
      store.close();
    },
  };
}

export type ShopifyStandIn = ReturnType<typeof createShopifyStandIn>;

const refundedOf = (order: Order): number =>
  order.refunds.reduce(
    (sum, refund) =>
      sum + (refund.transactions as Json[]).reduce((paid, each) => paid + minorOf(each.amount, order.currency)!, 0),
    0,
  );

/** Written out here, so that what verifies is not what signed. */
export const signShopify = (body: string | Uint8Array, clientSecret: string): string =>
  createHmac("sha256", clientSecret).update(body).digest("base64");
