import type { Log } from "@laurel/core/kernel";
import { type Context, Hono } from "hono";
import { pageHeaders } from "../server/headers.ts";
import { readAmount } from "../shop/page.ts";
import { demoDomain, demoStoreUrl, hasPlayed } from "./names.ts";
import type { Played } from "./played.ts";

export interface ShopsRoom {
  app: Hono;
  /** The shops themselves, opened if nobody has yet. */
  played(): Promise<Played>;
  /** Goes on with what a former run has left undelivered; opens nothing where there was none. */
  resume(): void;
  close(): Promise<void>;
}

/**
 * Shopify and WooCommerce on this machine: their interfaces for Laurel, and a page for a person. Nothing of it is loaded
 * before somebody asks for it.
 */
export function createShopsRoom(parts: { folder: string; origin: string; now: () => Date; log: Log }): ShopsRoom {
  let opening: Promise<Played> | undefined;
  const open = (): Promise<Played> => {
    opening ??= import("./played.ts").then(({ openPlayed }) => openPlayed(parts.folder, parts));
    return opening;
  };
  const app = new Hono().basePath("/local");

  /** The stand-in's own paths begin at its root. */
  const handOver = (kind: "shopify" | "woocommerce") => async (c: Context) => {
    const { [kind]: standIn } = await open();
    const url = new URL(c.req.url);
    url.pathname = url.pathname.slice(`/local/${kind}`.length) || "/";
    return standIn.app.fetch(new Request(url, c.req.raw));
  };
  app.all("/shopify/*", handOver("shopify"));
  app.all("/woocommerce/*", handOver("woocommerce"));

  const show = async (c: Context, problem?: string) => {
    const [{ shopsPage }, played] = await Promise.all([import("./page.ts"), open()]);
    return c.html(shopsPage(played, parts.origin, problem), problem ? 422 : 200, pageHeaders);
  };
  /** Does what a button says, and shows the page again once its webhooks were tried. */
  const act = async (c: Context, work: (played: Played) => unknown): Promise<Response> => {
    const played = await open();
    try {
      work(played);
    } catch (error) {
      return show(c, (error as Error).message);
    }
    await Promise.all([played.shopify.settled(), played.woocommerce.settled()]);
    return c.redirect("/local/shops", 303);
  };

  app.get("/shops", (c) => show(c));
  app.post("/shops/:kind/orders", async (c) => {
    const form = (await c.req.parseBody()) as Record<string, string>;
    const priceMinor = readAmount(form.price ?? "", "EUR");
    if (!priceMinor) return show(c, "Enter a price such as 100.00.");
    const wish = {
      click: form.click || undefined,
      email: form.email || undefined,
      paid: form.pending !== "yes",
      shippingMinor: 495,
    };
    const goods = { priceMinor, quantity: 1 };
    return act(c, ({ shopify, woocommerce }) =>
      c.req.param("kind") === "shopify"
        ? shopify.placeOrder(demoDomain, {
            ...wish,
            lines: [{ ...goods, title: "Something good" }],
            code: form.code || undefined,
          })
        : woocommerce.placeOrder(demoStoreUrl, {
            ...wish,
            lines: [{ ...goods, name: "Something good" }],
            coupon: form.code || undefined,
          }),
    );
  });
  app.post("/shops/:kind/orders/:id/:what", async (c) => {
    const { kind, what } = c.req.param();
    const id = Number(c.req.param("id"));
    return act(c, ({ shopify, woocommerce }) => {
      if (kind === "shopify") {
        if (what === "refund") return shopify.refund(demoDomain, id, 1_000);
        return what === "pay" ? shopify.payOrder(demoDomain, id) : shopify.cancelOrder(demoDomain, id);
      }
      if (what === "refund") return woocommerce.refund(demoStoreUrl, id, 1_000);
      return what === "pay"
        ? woocommerce.payOrder(demoStoreUrl, id)
        : woocommerce.setStatus(demoStoreUrl, id, "cancelled");
    });
  });

  return {
    app,
    played: open,
    resume: () => {
      if (hasPlayed(parts.folder))
        open().catch((error) => parts.log.error("The played shops do not open", { error: String(error) }));
    },
    close: async () => {
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
