import { readFileSync } from "node:fs";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import type Stripe from "stripe";
import { pageHeaders } from "../server/headers.ts";
import type { StripeStandIn } from "../stripe/index.ts";
import { arrival, type Basket, basketFromCookie, basketFromForm, cookieOfBasket } from "./basket.ts";
import { type Html, money, page, readAmount } from "./page.ts";
import { purchasePage } from "./purchase-page.ts";
import { leftOf } from "./purchase-parts.ts";
import { shopPage } from "./shop-page.ts";
import { openTill, type Purchase } from "./till.ts";

export interface ShopParts {
  runtime: { env: { PUBLIC_ORIGIN: string } };
  /** Absent where the real Stripe is used: then there is nobody to play with. */
  checkout: { standIn: StripeStandIn; apiBase: string } | undefined;
  /** The shop sells through the first one. */
  connections: readonly { apiKey: string }[];
}

const shown = 12;
const cookieName = "laurel_shop";
const cookieKeptS = 30 * 86_400;

const file = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");

/** The demo shop, where a person plays the customer. It answers under `/shop` and belongs on no machine but one's own. */
export function createShop({ runtime, checkout, connections }: ShopParts): Hono {
  const origin = runtime.env.PUBLIC_ORIGIN;
  const app = new Hono().basePath("/shop");

  app.use("*", async (c, next) => {
    // Another site must not press buttons here, though all they move is play money.
    const from = c.req.header("origin");
    if (
      c.req.method !== "GET" &&
      c.req.method !== "HEAD" &&
      from &&
      from !== new URL(origin).origin &&
      from !== new URL(c.req.url).origin
    )
      return c.text(`Requests like this one are taken only from ${origin}.`, 403);
    await next();
    for (const [name, value] of Object.entries(pageHeaders)) c.header(name, value);
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
  });
  app.use("*", bodyLimit({ maxSize: 64 * 1024, onError: (c) => c.text("This form is too large.", 413) }));

  const asset = (path: string, name: string, type: string) => {
    const text = file(name);
    app.get(path, (c) => c.body(text, 200, { "content-type": `${type}; charset=utf-8`, "cache-control": "no-cache" }));
  };
  asset("/shop.css", "shop.css", "text/css");
  asset("/shop.js", "shop.js", "text/javascript");
  asset("/icon.svg", "icon.svg", "image/svg+xml");

  const show = (c: Context, title: string, content: Html, status: 200 | 404 | 422 | 503 = 200) =>
    c.html(page(title, origin, content), status);
  const notice = (c: Context, status: 404 | 503, title: string, text: string) =>
    show(
      c,
      title,
      html`<div class="intro"><h1>${title}</h1><p>${text}</p><p><a href="/shop">Back to the shop</a></p></div>`,
      status,
    );
  app.notFound((c) => notice(c, 404, "There is nothing here", "The address leads to no page of the demo shop."));

  const apiKey = connections[0]?.apiKey;
  if (!checkout || !apiKey) {
    app.all("*", (c) =>
      notice(
        c,
        503,
        "The demo shop is closed",
        "It sells through the Stripe stand-in, and this Laurel is connected to Stripe itself. Start without STRIPE_SECRET_KEY to play here.",
      ),
    );
    return app;
  }

  const till = openTill({ standIn: checkout.standIn, apiKey, apiBase: checkout.apiBase, shopUrl: `${origin}/shop` });
  const basketOf = (c: Context): Basket => basketFromCookie(getCookie(c, cookieName));
  const keep = (c: Context, basket: Basket) =>
    setCookie(c, cookieName, cookieOfBasket(basket), {
      path: "/shop",
      maxAge: cookieKeptS,
      sameSite: "Lax",
      httpOnly: true,
      secure: origin.startsWith("https:"),
    });
  const formOf = async (c: Context) => (await c.req.parseBody()) as Record<string, string>;
  const showShop = async (c: Context, basket: Basket, problem?: string) => {
    const [quote, purchases] = await Promise.all([till.quote(basket), till.purchases(shown)]);
    return show(c, "Shop", shopPage(basket, quote, purchases, problem), problem ? 422 : 200);
  };

  app.get("/", async (c) => {
    const came = arrival((name) => c.req.query(name));
    if (!came) return showShop(c, basketOf(c));
    // Kept in the shop's own cookie and taken out of the address, so that a reload is not a second arrival.
    const basket = basketOf(c);
    keep(c, { ...basket, click: came.click, code: came.code || basket.code });
    return c.redirect("/shop", 303);
  });

  app.post("/basket", async (c) => {
    keep(c, basketFromForm(await formOf(c), basketOf(c).click));
    return c.redirect("/shop", 303);
  });

  app.post("/forget", (c) => {
    keep(c, { ...basketOf(c), click: null, code: "" });
    return c.redirect("/shop", 303);
  });

  app.post("/pay", async (c) => {
    const basket = basketFromForm(await formOf(c), basketOf(c).click);
    keep(c, basket);
    if (Object.values(basket.items).every((count) => count === 0))
      return showShop(c, basket, "The basket is empty. Choose how many of something.");
    try {
      return c.redirect(`/shop/purchases/${await till.pay(basket)}`, 303);
    } catch (error) {
      return showShop(c, basket, `Stripe said no: ${reasonOf(error)}`);
    }
  });

  /** Answers with what becomes of a purchase; an unknown one is told so. */
  const withPurchase = async (c: Context, act: (purchase: Purchase) => Promise<Response>): Promise<Response> => {
    let purchase: Purchase;
    try {
      purchase = await till.purchase(c.req.param("id") ?? "");
    } catch (error) {
      if ((error as Stripe.errors.StripeError).statusCode === 404)
        return notice(c, 404, "No such purchase", "It was made on another machine, or its data is gone.");
      throw error;
    }
    return act(purchase);
  };
  const showPurchase = async (c: Context, purchase: Purchase, problem?: string) =>
    show(c, "Purchase", purchasePage(purchase, await till.history(purchase), origin, problem), problem ? 422 : 200);
  const backTo = (c: Context, purchase: Purchase) => c.redirect(`/shop/purchases/${purchase.session.id}`, 303);
  const tried = async (c: Context, purchase: Purchase, work: Promise<unknown>) => {
    try {
      await work;
      return backTo(c, purchase);
    } catch (error) {
      return showPurchase(c, await till.purchase(purchase.session.id), reasonOf(error));
    }
  };

  app.get("/purchases/:id", (c) => withPurchase(c, (purchase) => showPurchase(c, purchase)));

  app.post("/purchases/:id/refund", (c) =>
    withPurchase(c, async (purchase) => {
      const form = await formOf(c);
      const currency = purchase.session.currency ?? "eur";
      const left = leftOf(purchase);
      if (left === 0) return showPurchase(c, purchase, "Nothing is left to refund.");
      if (form.full === "yes") return tried(c, purchase, till.refund(purchase));
      const amount = readAmount(form.amount ?? "", currency);
      if (amount === undefined || amount < 1)
        return showPurchase(c, purchase, `Type an amount such as ${money(left, currency).replace(/[^\d.,]/g, "")}.`);
      if (amount > left) return showPurchase(c, purchase, `Only ${money(left, currency)} are left to refund.`);
      return tried(c, purchase, till.refund(purchase, amount));
    }),
  );
  app.post("/purchases/:id/settle", (c) =>
    withPurchase(c, async (purchase) =>
      tried(c, purchase, till.settlePayment(purchase.session.id, (await formOf(c)).outcome === "succeeded")),
    ),
  );
  app.post("/purchases/:id/settle-refund", (c) =>
    withPurchase(c, async (purchase) => {
      const { subject, outcome } = await formOf(c);
      const refund = purchase.refunds.find(({ id }) => id === subject);
      return refund
        ? tried(c, purchase, till.settleRefund(refund.id, outcome === "succeeded"))
        : showPurchase(c, purchase, "There is no such refund.");
    }),
  );
  app.post("/purchases/:id/again", (c) =>
    withPurchase(c, async (purchase) => {
      const { event } = await formOf(c);
      await till.again(event ?? "");
      return backTo(c, purchase);
    }),
  );
  return app;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
