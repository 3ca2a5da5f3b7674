import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openBrowser } from "./chromium.ts";

/* The shop script on real pages of a shop: what it stores, what it asks, and what it hands over. */

const script = readFileSync(new URL("../web/public/laurel.js", import.meta.url));
const [a, b] = ["clk_01hzy3v8k2e8mbd3fwq6c5t9xa", "clk_01hzy3v8k2e8mbd3fwq6c5t9xb"];

interface Asked {
  path: string;
  cookie: string;
  body: string;
}
let asked: Asked[] = [];
let server: Server;
let shop: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let troubles: string[] = [];

const html = (attributes: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title><link rel="icon" href="data:,">
  <script src="/laurel.js" ${attributes} defer></script></head><body>${body}</body></html>`;
const stripe = `
  <a id="link" href="https://buy.stripe.com/test_abc?prefilled_promo_code=ANNA15">Buy</a>
  <a id="own" href="https://buy.stripe.com/test_abc?client_reference_id=cart-7">Buy</a>
  <a id="custom" href="https://pay.shop.example/test_abc">Buy</a>
  <a id="elsewhere" href="https://other.example/">Read</a>
  <svg width="50" height="20"><a id="drawn" href="#drawn"><text y="15">Read</text></a></svg>
  <stripe-buy-button publishable-key="pk_test_1" buy-button-id="buy_btn_1"></stripe-buy-button>
  <stripe-pricing-table publishable-key="pk_test_1" client-reference-id="cart-7"></stripe-pricing-table>`;
const shopify = `<script>window.Shopify = { routes: { root: "/en/" } };</script>`;
const pages: Record<string, string> = {
  "/free": html("", stripe),
  "/asks": html("data-consent", stripe),
  "/twice": html("", `${stripe}<script src="/laurel.js" defer></script>`),
  "/links": html('data-links="pay.shop.example" data-days="7"', stripe),
  "/shopify": html("", shopify),
  "/shopify/asks": html("data-consent", shopify),
  "/cart": html("", shopify),
  "/woo": html("", '<form method="post" action="/checkout"><button>Order</button></form>'),
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const path = new URL(request.url!, "http://shop").pathname;
    const body = await bodyOf(request);
    if (path === "/laurel.js") return void response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    if (!pages[path]) asked.push({ path: request.url!, cookie: request.headers.cookie ?? "", body });
    if (path === "/en/cart/update.js")
      return void response.writeHead(200, { "content-type": "application/json" }).end("{}");
    if (path === "/checkout")
      return void response.writeHead(200, { "content-type": "text/html" }).end("<title>Thanks</title>");
    response.writeHead(pages[path] ? 200 : 404, { "content-type": "text/html" }).end(pages[path] ?? "");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  shop = `http://localhost:${(server.address() as AddressInfo).port}`;
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

/** Where the browser was sent, outside of the shop. */
let left: string[] = [];
beforeEach(async () => {
  [asked, left, troubles] = [[], [], []];
  context = await browser.newContext();
  await context.route(
    (url) => url.hostname !== "localhost",
    (route) => {
      left.push(route.request().url());
      return route.fulfill({ contentType: "text/html", body: "<title>Elsewhere</title>" });
    },
  );
  page = await context.newPage();
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
});
afterEach(async () => {
  await context.close();
  expect(troubles).toEqual([]);
});

const visit = (path: string, query = "") => page.goto(`${shop}${path}${query}`, { waitUntil: "networkidle" });
const consent = (yes: boolean) =>
  page.evaluate((value) => (window as never as { laurel: { consent(v: boolean): void } }).laurel.consent(value), yes);
const click = () =>
  page.evaluate(() => (window as never as { laurel: { click(): string | undefined } }).laurel.click());
const cookies = async () => (await context.cookies()).map(({ name, value }) => `${name}=${value}`);
/** Everything that a page can keep in a browser. */
const kept = async () => ({
  cookies: await cookies(),
  storage: await page.evaluate(async () => [
    localStorage.length,
    sessionStorage.length,
    (await indexedDB.databases()).length,
    (await caches.keys()).length,
  ]),
});
const nothing = { cookies: [], storage: [0, 0, 0, 0] };
/** Follows a link, and tells where it led. */
async function follow(id: string): Promise<URL> {
  await page.locator(`#${id}`).click({ noWaitAfter: true });
  await page.waitForURL((url) => url.hostname !== "localhost");
  return new URL(left.at(-1)!);
}
const attribute = (element: string) => page.locator(element).getAttribute("client-reference-id");

test("is at most 1 KB, and asks for nothing of its own", async () => {
  expect(gzipSync(script).length).toBeLessThanOrEqual(1024);
  expect(script.toString()).not.toMatch(/eval|innerHTML|localStorage|sendBeacon|XMLHttpRequest/);
});

test("a visit without a click leaves nothing, whether or not the page asks first", async () => {
  for (const path of ["/free", "/asks", "/shopify", "/cart"]) {
    await visit(path);
    expect([await kept(), await click(), asked, left]).toEqual([nothing, undefined, [], []]);
  }
  await consent(true);
  await consent(false);
  expect([await kept(), asked, left]).toEqual([nothing, [], []]);
});

test.each([
  "?laurel_click=clk_'%20OR%201=1",
  "?laurel_click=",
  "?laurel_click=%3Cscript%3Ealert(1)%3C/script%3E",
  `?laurel_click=${a}x`,
  `?laurel_click=${a.toUpperCase()}`,
])("%s is no click", async (query) => {
  await visit("/shopify", query);
  expect([await kept(), await click(), asked]).toEqual([nothing, undefined, []]);
});

test("where the page need not ask, the click is kept as the shop's own cookie, and the one before it as the first", async () => {
  await visit("/free", `?laurel_click=${a}`);
  expect(await kept()).toEqual({ ...nothing, cookies: [`laurel=${a}`] });
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ domain: "localhost", path: "/", sameSite: "Lax", secure: true });
  expect(cookie!.expires - Date.now() / 1000).toBeGreaterThan(29 * 86_400);
  await visit("/free");
  expect(await click()).toBe(a);
  await visit("/free", `?laurel_click=${b}`);
  expect([await cookies(), await click()]).toEqual([[`laurel=${a}.${b}`], b]);
  const c = "clk_01hzy3v8k2e8mbd3fwq6c5t9xc";
  await visit("/free", `?laurel_click=${c}`);
  expect(await cookies()).toEqual([`laurel=${a}.${c}`]);
  await visit("/free", `?laurel_click=${c}`);
  expect([await cookies(), asked]).toEqual([[`laurel=${a}.${c}`], []]);
});

test("where the page asks, nothing is stored, handed over or asked before the answer is yes", async () => {
  await visit("/asks", `?laurel_click=${a}`);
  expect([await kept(), await click(), await attribute("stripe-buy-button")]).toEqual([nothing, undefined, null]);
  expect([asked, left]).toEqual([[], []]);
  expect((await follow("link")).searchParams.has("client_reference_id")).toBe(false);
  await visit("/shopify/asks", `?laurel_click=${a}`);
  await page.waitForTimeout(200);
  expect([await kept(), asked]).toEqual([nothing, []]);
  await consent(true);
  await expect.poll(() => asked.length).toBe(1);
  expect([await cookies(), await click()]).toEqual([[`laurel=${a}`], a]);
  // On the next page the cookie lies untouched until the page says yes again.
  await visit("/asks");
  expect(await click()).toBeUndefined();
  await consent(true);
  expect(await click()).toBe(a);
});

test("an answer of no stores nothing, also if the address still carries the click", async () => {
  await visit("/shopify/asks", `?laurel_click=${a}`);
  await consent(false);
  await consent(true);
  expect([await kept(), await click(), asked]).toEqual([nothing, undefined, []]);
});

test("withdrawal clears the cookie, the cart and what was handed over", async () => {
  await visit("/asks", `?laurel_click=${a}`);
  await consent(true);
  expect(await attribute("stripe-buy-button")).toBe(a);
  // Opened in another tab, so this page and its links stay.
  await page.locator("#link").dispatchEvent("auxclick");
  expect(await page.locator("#link").getAttribute("href")).toContain(`client_reference_id=${a}`);
  await consent(false);
  expect([await kept(), await click(), await attribute("stripe-buy-button")]).toEqual([nothing, undefined, null]);
  expect((await follow("link")).searchParams.has("client_reference_id")).toBe(false);
  await visit("/shopify", `?laurel_click=${a}`);
  await expect.poll(() => asked.length).toBe(1);
  await consent(false);
  await expect.poll(() => asked.length).toBe(2);
  expect(JSON.parse(asked[1]!.body)).toEqual({ attributes: { laurel_click: "", laurel_first_click: "" } });
  expect(await kept()).toEqual(nothing);
});

test("included twice it is one script: withdrawal ends both", async () => {
  await visit("/twice", `?laurel_click=${a}`);
  await consent(false);
  expect(await kept()).toEqual(nothing);
  expect((await follow("link")).searchParams.has("client_reference_id")).toBe(false);
});

test("Stripe's links and buttons get the click, and what the shop wrote itself stays", async () => {
  await visit("/free", `?laurel_click=${a}`);
  expect([await attribute("stripe-buy-button"), await attribute("stripe-pricing-table")]).toEqual([a, "cart-7"]);
  const to = await follow("link");
  expect([to.searchParams.get("client_reference_id"), to.searchParams.get("prefilled_promo_code")]).toEqual([
    a,
    "ANNA15",
  ]);
  // Into another tab, by the middle button.
  await visit("/free");
  await page.locator("#link").dispatchEvent("auxclick");
  expect(await page.locator("#link").getAttribute("href")).toContain(`client_reference_id=${a}`);
  await visit("/free");
  expect((await follow("own")).searchParams.get("client_reference_id")).toBe("cart-7");
  await visit("/free");
  expect((await follow("elsewhere")).search).toBe("");
  await visit("/free");
  expect((await follow("custom")).search).toBe("");
  await visit("/links", `?laurel_click=${b}`);
  expect((await context.cookies())[0]!.expires - Date.now() / 1000).toBeLessThan(8 * 86_400);
  expect((await follow("custom")).searchParams.get("client_reference_id")).toBe(b);
  // A link in a drawing is none of these.
  await visit("/free");
  await page.locator("#drawn").dispatchEvent("click");
  // A link that is opened from the keyboard.
  await visit("/free");
  await page.locator("#link").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => left.at(-1)).toContain(`client_reference_id=${b}`);
});

test("Shopify's cart is told of a new click, and again where it is looked at; of nothing else", async () => {
  await visit("/shopify", `?laurel_click=${a}`);
  await expect.poll(() => asked.length).toBe(1);
  expect(asked[0]).toMatchObject({ path: "/en/cart/update.js" });
  expect(JSON.parse(asked[0]!.body)).toEqual({ attributes: { laurel_click: a, laurel_first_click: a } });
  await visit("/shopify");
  expect(asked).toHaveLength(1);
  await visit("/shopify", `?laurel_click=${b}`);
  await expect.poll(() => asked.length).toBe(2);
  expect(JSON.parse(asked[1]!.body)).toEqual({ attributes: { laurel_click: b, laurel_first_click: a } });
  await visit("/cart");
  await expect.poll(() => asked.length).toBe(3);
  expect(left).toEqual([]);
});

test("WooCommerce's checkout finds the clicks in the cookie that comes with the order", async () => {
  await visit("/woo", `?laurel_click=${a}`);
  await visit("/woo", `?laurel_click=${b}`);
  await page.getByRole("button", { name: "Order" }).click();
  await page.waitForURL(/checkout/);
  expect(asked).toMatchObject([{ path: "/checkout", cookie: `laurel=${a}.${b}` }]);
  expect(left).toEqual([]);
});
