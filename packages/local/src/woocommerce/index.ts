import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";
import { decimalOf, minorOf } from "@laurel/core/gateway/checkout/decimal.ts";
import { type Context, Hono } from "hono";
import { createShopCourier } from "../shops/courier.ts";
import { type Fault, withFaults } from "../shops/fault.ts";
import { type Delivery, type Json, openShopStore } from "../shops/store.ts";
import {
  byCode,
  type Coupon,
  changeCoupon,
  changedOrders,
  changeHook,
  createCoupon,
  createHook,
  fractionOf,
  type Hook,
  Refusal,
  shownHook,
  type WooShop,
} from "./api.ts";
import { gmt, makeOrder, type Order, type Wish } from "./order.ts";

export type { WooShop } from "./api.ts";

export interface WooOptions {
  /** The folder for `woocommerce.sqlite`; without it everything is in memory. */
  dir?: string | undefined;
  shops: WooShop[];
  now?: () => Date;
  /** Webhooks that get lost on their way, for tests. */
  lose?: (delivery: Delivery) => boolean;
}

/** More failures than this in a row switch a hook off. */
const mostFailures = 5;

/**
 * WooCommerce on one machine: what Laurel needs of its REST API, with the checks that it makes, and signed webhooks that are
 * sent once and never again. No money moves. Its paths begin at the root of `app`.
 */
export function createWooStandIn(options: WooOptions) {
  const store = openShopStore(options.dir && join(options.dir, "woocommerce.sqlite"));
  const now = options.now ?? (() => new Date());
  const faults: Fault[] = [];
  const shops = new Map(options.shops.map((shop) => [shop.url, shop]));
  const shopOf = (url: string): WooShop => {
    const found = shops.get(url);
    if (!found) throw new Error(`There is no store ${url}`);
    return found;
  };

  const courier = createShopCourier(
    store,
    {
      // A body is built when it is sent: an order that changes meanwhile is told as it is then.
      pack: ({ shop, hook: id, topic, subject, body: stored }) => {
        const hook = store.get<Hook>(shop, "hook", id);
        if (hook?.status !== "active") return undefined;
        const order = store.get<Order>(shop, "order", subject);
        const body = stored ?? (order && JSON.stringify({ ...order, _links: {} }));
        if (!body) return undefined;
        const [resource = "", event = ""] = topic.split(".");
        return {
          url: hook.delivery_url,
          body,
          headers: {
            "content-type": "application/json",
            "user-agent": "WooCommerce/11.0.0 Hookshot (WordPress/7.0)",
            "x-wc-webhook-source": `${shop}/`,
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event,
            "x-wc-webhook-signature": signWoo(body, hook.secret),
            "x-wc-webhook-id": id,
            // Of two orders in one second it is the same.
            "x-wc-webhook-delivery-id": createHash("sha256")
              .update(`${id}${Math.floor(Date.now() / 1000)}`)
              .digest("hex"),
          },
        };
      },
      isTaken: (status) => status >= 200 && status < 303,
      retryInMs: () => undefined,
      answered: ({ shop, hook: id }, taken) => {
        const hook = store.get<Hook>(shop, "hook", id);
        if (!hook) return;
        const failures = taken ? 0 : hook.failures + 1;
        store.put(shop, "hook", id, { ...hook, failures, status: failures > mostFailures ? "disabled" : hook.status });
      },
    },
    { lose: options.lose },
  );

  function tell(shop: string, topic: string, id: number, body: Json | null = null): void {
    for (const hook of store.list<Hook>(shop, "hook"))
      if (hook.topic === topic && hook.status === "active")
        store.push(
          { shop, hook: String(hook.id), topic, subject: String(id), body: body && JSON.stringify(body) },
          Date.now(),
        );
  }
  function act<T>(work: () => T): T {
    const made = store.transaction(work);
    courier.wake();
    return made;
  }
  function change(url: string, id: number, changes: (order: Order) => Partial<Order>): Order {
    const order = store.get<Order>(url, "order", String(id));
    if (!order) throw new Error(`There is no order ${id}`);
    const modified = gmt(now());
    const next = { ...order, ...changes(order), date_modified: modified, date_modified_gmt: modified } as Order;
    store.put(url, "order", String(id), next);
    return next;
  }
  const changeAndTell = (url: string, id: number, changes: (order: Order) => Partial<Order>): Order =>
    act(() => {
      const next = change(url, id, changes);
      tell(url, "order.updated", id);
      return next;
    });

  /** On save it asks the address, unsigned and as a form. */
  async function ping({ id, delivery_url }: Hook): Promise<number> {
    try {
      const answer = await fetch(delivery_url, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `webhook_id=${id}`,
        redirect: "manual",
        signal: AbortSignal.timeout(5_000),
      });
      return answer.status;
    } catch {
      return 0;
    }
  }
  const pings: number[] = [];

  const app = new Hono();
  const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
    Response.json(body, { status, headers });
  const refusalOf = ({ status, code, message }: Refusal) => json(status, { code, message, data: { status } });
  const idOf = (c: Context): string => c.req.param("id") ?? "";

  /** One route: who asks is checked, then trouble that was ordered, then the work. */
  const on = (
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    work: (shop: WooShop, c: Context, input: Json) => unknown,
  ) =>
    app.on(method, `/wp-json/wc/v3${path}`, async (c) => {
      const text = await c.req.text();
      return withFaults(faults, c, text, async () => {
        try {
          const shop = opened(c.req.header("authorization"), method);
          const done = await work(shop, c, text ? (JSON.parse(text) as Json) : {});
          return done instanceof Response ? done : json(method === "POST" ? 201 : 200, done);
        } catch (error) {
          if (error instanceof Refusal) return refusalOf(error);
          throw error;
        } finally {
          courier.wake();
        }
      });
    });
  function opened(authorization: string | undefined, method: string): WooShop {
    const key = Buffer.from((authorization ?? "").replace(/^Basic /, ""), "base64").toString();
    for (const shop of shops.values()) {
      if (shop.apiKey === key) return shop;
      if (shop.readOnlyKey !== key) continue;
      if (method === "GET") return shop;
      throw new Refusal(
        401,
        "woocommerce_rest_authentication_error",
        "The API key provided does not have write permissions.",
      );
    }
    throw new Refusal(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.");
  }

  app.get("/wp-json/", () =>
    json(200, { name: options.shops[0]?.name, url: options.shops[0]?.url, namespaces: ["wp/v2", "wc/v3"] }),
  );
  on("GET", "/data/currencies/current", ({ currency }) => ({ code: currency }));
  on("GET", "/coupons", (shop, c) => {
    const code = c.req.query("code");
    return code === undefined
      ? store.list(shop.url, "coupon")
      : [byCode(store, shop, code)].filter((each) => each !== undefined);
  });
  on("GET", "/coupons/:id", (shop, c) => {
    const found = store.get<Coupon>(shop.url, "coupon", idOf(c));
    if (!found) throw new Refusal(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.");
    return found;
  });
  on("POST", "/coupons", (shop, _, input) => store.transaction(() => createCoupon(store, shop, input, now())));
  on("PUT", "/coupons/:id", (shop, c, input) => store.transaction(() => changeCoupon(store, shop, idOf(c), input)));
  on("GET", "/webhooks", (shop) => store.list<Hook>(shop.url, "hook").map(shownHook));
  on("POST", "/webhooks", async (shop, _, input) => {
    const hook = createHook(store, shop, input);
    pings.push(await ping(hook));
    return shownHook(hook);
  });
  on("PUT", "/webhooks/:id", (shop, c, input) => shownHook(changeHook(store, shop, idOf(c), input)));
  on("DELETE", "/webhooks/:id", (shop, c) => {
    const hook = store.get<Hook>(shop.url, "hook", idOf(c));
    if (!hook) throw new Refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.");
    store.remove(shop.url, "hook", idOf(c));
    return shownHook(hook);
  });
  on("GET", "/orders", (shop, c) => {
    const size = Math.min(Number(c.req.query("per_page") ?? 10), 100);
    const page = Number(c.req.query("page") ?? 1);
    const found = changedOrders(store, shop, c.req.query("modified_after") ?? "", c.req.query("status") === "trash");
    const shown = found.slice((page - 1) * size, page * size).map((order) => ({ ...order, _links: {} }));
    return json(200, shown, {
      "x-wp-total": String(found.length),
      "x-wp-totalpages": String(Math.ceil(found.length / size)),
    });
  });
  on("GET", "/orders/:id", (shop, c) => {
    const order = store.get<Order>(shop.url, "order", idOf(c));
    if (!order) throw new Refusal(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.");
    return { ...order, _links: {} };
  });
  app.all("/wp-json/*", () =>
    refusalOf(new Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")),
  );

  return {
    app,
    faults,
    /** What addresses answered when they were asked whether somebody is there. */
    pings,
    start: courier.start,
    settled: courier.settled,
    shops: (): WooShop[] => [...shops.values()],
    orders: (url: string): Order[] => store.list<Order>(url, "order"),
    hooks: (url: string): Hook[] => store.list<Hook>(url, "hook"),
    coupons: (url: string): Coupon[] => store.list<Coupon>(url, "coupon"),
    deliveries: (url: string): Delivery[] => store.deliveries(url),
    /** A buyer orders, now or at another time; a coupon that does not work is left out, as at a checkout. */
    placeOrder: (url: string, wish: Omit<Wish, "coupon"> & { coupon?: string | undefined; at?: Date }): Order =>
      act(() => {
        const shop = shopOf(url);
        const fraction = wish.coupon ? fractionOf(byCode(store, shop, wish.coupon), now()) : undefined;
        const coupon = fraction === undefined ? undefined : { code: wish.coupon!, fraction };
        const at = wish.at ?? now();
        const order = makeOrder({ ...wish, coupon }, { id: store.nextId(700), currency: shop.currency, at });
        store.put(url, "order", String(order.id), order);
        tell(url, "order.created", order.id);
        return order;
      }),
    payOrder: (url: string, id: number): Order =>
      changeAndTell(url, id, () => ({ status: "processing", date_paid_gmt: gmt(now()), date_paid: gmt(now()) })),
    setStatus: (url: string, id: number, status: string): Order => changeAndTell(url, id, () => ({ status })),
    /** @throws Error above what is left, as WooCommerce refuses it */
    refund: (url: string, id: number, amountMinor: number): Order =>
      changeAndTell(url, id, ({ currency, total, refunds }) => {
        const left = minorOf(total, currency)! + refunds.reduce((sum, each) => sum + minorOf(each.total, currency)!, 0);
        if (amountMinor <= 0 || amountMinor > left) throw new Error("Invalid refund amount.");
        return {
          refunds: [...refunds, { id: store.nextId(700), reason: "", total: decimalOf(-amountMinor, currency) }],
          ...(amountMinor === left ? { status: "refunded" } : {}),
        };
      }),
    deleteRefund: (url: string, id: number, refundId: number): Order =>
      changeAndTell(url, id, ({ refunds }) => ({ refunds: refunds.filter((each) => each.id !== refundId) })),
    /** Into the bin: the webhook carries nothing but the order's number. */
    trash: (url: string, id: number): void =>
      void act(() => {
        change(url, id, ({ status }) => ({ status: "trash", before_trash: status }));
        tell(url, "order.deleted", id, { id });
      }),
    restore: (url: string, id: number): void =>
      void act(() => {
        change(url, id, ({ before_trash }) => ({ status: String(before_trash) }));
        tell(url, "order.restored", id);
      }),
    async close(): Promise<void> {
      await courier.close();
      store.close();
    },
  };
}

export type WooStandIn = ReturnType<typeof createWooStandIn>;

/** Written out here, so that what verifies is not what signed. */
export const signWoo = (body: string | Uint8Array, secret: string): string =>
  createHmac("sha256", secret).update(body).digest("base64");
