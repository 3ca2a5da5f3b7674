import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKey, openReceiver, openStandIn } from "../stripe/testing.ts";
import { createShop } from "./index.ts";

const origin = "http://localhost:4747";
let opened: Awaited<ReturnType<typeof openStandIn>>;
let receiver: Awaited<ReturnType<typeof openReceiver>>;
let shop: ReturnType<typeof createShop>;
let answer = 200;

beforeAll(async () => {
  receiver = await openReceiver(() => answer);
  opened = await openStandIn({ webhookUrl: receiver.url, backoffMs: [60_000] });
  await opened.stripe.coupons.create({ id: "spring", percent_off: 15 });
  await opened.stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: "spring" }, code: "ANNA15" });
  shop = createShop({ runtime: { env: { PUBLIC_ORIGIN: origin } }, checkout: opened, connections: [{ apiKey }] });
});
afterAll(async () => {
  await opened.close();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  answer = 200;
});

/** A visitor with a cookie jar of one. */
function visitor() {
  let cookie = "";
  return async (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await shop.request(`${origin}${path}`, {
      ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}),
      headers: { ...(cookie ? { cookie } : {}), ...(form ? { origin } : {}), ...headers },
    });
    cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    return {
      status: response.status,
      headers: response.headers,
      location: response.headers.get("location") ?? "",
      text: await response.text(),
    };
  };
}
const order = { currency: "EUR", quantity_shoes: "1", email: "ada@example.com", delayed: "no", code: "" };
const sold = () =>
  receiver.received.find(({ event }) => event.type === "checkout.session.completed")?.event.data
    .object as unknown as Record<string, unknown>;
const idOf = (location: string) => location.split("/").at(-1)!;

describe("buying", () => {
  test("by an ambassador's link: click and code are kept, and go along with the purchase", async () => {
    const visit = visitor();
    const came = await visit("/shop?laurel_click=clk_01abc&laurel_code=ANNA15");
    expect(came).toMatchObject({ status: 303, location: "/shop" });
    const page = await visit("/shop");
    expect(page.text).toContain("You came by an ambassador’s link.");
    expect(page.text).toContain("clk_01abc");
    expect(page.text).toContain('value="ANNA15"');
    const paid = await visit("/shop/pay", { ...order, code: "anna15" });
    expect(paid).toMatchObject({ status: 303, location: expect.stringMatching(/^\/shop\/purchases\/cs_test_/) });
    expect(sold()).toMatchObject({
      client_reference_id: "clk_01abc",
      amount_total: 11_455,
      currency: "eur",
      total_details: { amount_discount: 1_935, amount_tax: 1_751, amount_shipping: 490 },
      discounts: [{ promotion_code: expect.stringMatching(/^promo_/) }],
      customer_details: { email: "ada@example.com" },
    });
    await visit("/shop/forget", {});
    expect((await visit("/shop")).text).not.toContain("clk_01abc");
  });

  test("the page of the purchase shows what was sent and what was answered", async () => {
    const visit = visitor();
    const { location } = await visit("/shop/pay", order);
    const page = await visit(location);
    const signature = receiver.received.find(({ event }) => event.type === "checkout.session.completed")!.headers[
      "stripe-signature"
    ] as string;
    for (const part of [
      "The customer paid",
      "POST /v1/checkout/sessions",
      "POST /webhooks/stripe/con_test",
      signature,
      "Laurel answered 200",
      "checkout.session.completed",
    ])
      expect(page.text).toContain(part);
    const event = receiver.received[0]!.event.id;
    expect(await visit(`${location}/again`, { event })).toMatchObject({ status: 303, location });
    expect(receiver.received.filter((each) => each.event.id === event)).toHaveLength(2);
    expect((await visit(location)).text).toContain("2 times");
  });

  test("what Laurel does not take is shown, with the next try", async () => {
    answer = 503;
    const visit = visitor();
    const { location } = await visit("/shop/pay", order);
    const page = await visit(location);
    expect(page.text).toContain("Laurel answered 503");
    expect(page.text).toContain("Stripe tries again by itself");
  });

  test.each([
    [
      "USD",
      {
        amount_total: 13_900 + 1_112 + 600,
        total_details: { amount_tax: 1_112, amount_shipping: 600, amount_discount: 0 },
      },
    ],
    [
      "JPY",
      { amount_total: 19_800 + 800, total_details: { amount_tax: 1_800, amount_shipping: 800, amount_discount: 0 } },
    ],
  ])("in %s, with the taxes of there", async (currency, expected) => {
    const { location } = await visitor()("/shop/pay", { ...order, currency });
    expect(idOf(location)).toMatch(/^cs_/);
    expect(sold()).toMatchObject({ currency: currency.toLowerCase(), ...expected });
  });

  test("by a bank that pays later, or does not", async () => {
    const visit = visitor();
    for (const outcome of ["succeeded", "failed"]) {
      receiver.received.length = 0;
      const { location } = await visit("/shop/pay", { ...order, delayed: "yes" });
      expect((await visit(location)).text).toContain("Waiting for the money");
      expect(await visit(`${location}/settle`, { outcome })).toMatchObject({ status: 303 });
      expect(receiver.typesOf()).toContain(`checkout.session.async_payment_${outcome}`);
      expect((await visit(location)).text).toContain(outcome === "succeeded" ? "Refund in part" : "Payment failed");
    }
  });

  test("what cannot be bought is said, and nothing is sold", async () => {
    const visit = visitor();
    expect(await visit("/shop/pay", { ...order, quantity_shoes: "0" })).toMatchObject({
      status: 422,
      text: expect.stringContaining("The basket is empty"),
    });
    expect(await visit("/shop/pay", { ...order, email: "nobody" })).toMatchObject({
      status: 422,
      text: expect.stringContaining("Invalid email address"),
    });
    expect(receiver.received).toEqual([]);
  });

  test("rubbish in a form or a cookie becomes something sensible, and is never markup", async () => {
    const visit = visitor();
    await visit("/shop/basket", {
      currency: "ZZZ",
      quantity_shoes: "-4",
      quantity_socks: "1e9",
      code: '"><script>alert(1)</script>',
      email: "<b>",
    });
    const page = await visit("/shop");
    expect(page.text).not.toMatch(/<script>alert|<b>/i);
    expect(page.text).toContain("&lt;SCRIPT&gt;");
    expect((await visitor()("/shop", undefined, { cookie: "laurel_shop=%%%" })).status).toBe(200);
    expect((await visitor()("/shop?laurel_click=%3Cscript%3E&laurel_code=X")).status).toBe(200);
  });
});

describe("refunds", () => {
  test("in part and in full, from the list or the purchase", async () => {
    const visit = visitor();
    const { location } = await visit("/shop/pay", order);
    const id = idOf(location);
    expect((await visit("/shop")).text).toContain(`action="/shop/purchases/${id}/refund"`);
    expect(await visit(`${location}/refund`, { amount: "33,90" })).toMatchObject({ status: 303, location });
    expect((await visit(location)).text).toContain("The shop refunded €33.90");
    await visit(`${location}/refund`, { full: "yes" });
    const page = await visit(location);
    expect(page.text).toContain("The shop refunded €100.00");
    expect(page.text).not.toContain("Refund in full");
    expect(receiver.typesOf().filter((type) => type === "refund.created")).toHaveLength(2);
    expect(await visit(`${location}/refund`, { full: "yes" })).toMatchObject({ status: 422 });
  });

  test.each([
    ["0", "Type an amount"],
    ["-5", "Type an amount"],
    ["5.001", "Type an amount"],
    ["ten", "Type an amount"],
    ["", "Type an amount"],
    ["133.91", "Only €133.90 are left"],
  ])("of %j is refused beside the field", async (amount, said) => {
    const visit = visitor();
    const { location } = await visit("/shop/pay", order);
    const page = await visit(`${location}/refund`, { amount });
    expect(page.status).toBe(422);
    expect(page.text).toContain(said);
    expect(page.text).toContain('aria-invalid="true"');
    expect(receiver.typesOf()).not.toContain("refund.created");
  });
});

describe("the house", () => {
  test("pages carry a strict policy and nothing inline", async () => {
    const page = await visitor()("/shop");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
    expect(page.text).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/);
    expect(page.text).toContain("No money moves");
    for (const [path, type] of [
      ["/shop/shop.css", "text/css"],
      ["/shop/shop.js", "text/javascript"],
      ["/shop/icon.svg", "image/svg+xml"],
    ])
      expect((await visitor()(path!)).headers.get("content-type")).toContain(type);
  });

  test("another site's form is refused; an unknown purchase or address is told so", async () => {
    expect((await visitor()("/shop/pay", order, { origin: "https://evil.example" })).status).toBe(403);
    expect(receiver.received).toEqual([]);
    expect((await visitor()("/shop/purchases/cs_test_none")).status).toBe(404);
    expect((await visitor()("/shop/nothing")).status).toBe(404);
  });

  test("with the real Stripe behind Laurel the shop is closed", async () => {
    const closed = createShop({
      runtime: { env: { PUBLIC_ORIGIN: origin } },
      checkout: undefined,
      connections: [{ apiKey }],
    });
    const response = await closed.request(`${origin}/shop`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("The demo shop is closed");
    expect((await closed.request(`${origin}/shop/shop.css`)).status).toBe(200);
  });
});
