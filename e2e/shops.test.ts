import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { type Keyboard, keyboardOf } from "./keyboard.ts";
import { violationsOf } from "./visit.ts";
import { openWorld, type World } from "./world.ts";

/* An owner connects both shops that are played on this machine, with a keyboard alone, and sees how visits by links are counted there. */

let world: World;
let owner: Page;
let keyboard: Keyboard;
/** What the shops' own pages show, by its name there. */
let shown: Record<string, string>;
const faults: string[] = [];

beforeAll(async () => {
  world = await openWorld(inject("seeded"));
  owner = await world.signIn("owner");
  const { page, context } = await world.visit();
  await page.goto(`${world.run.portalUrl}/local/shops`);
  const text = await page.locator("main").innerText();
  shown = {
    shop: /[\w-]+\.myshopify\.com/.exec(text)![0],
    token: /shpat_\w+/.exec(text)![0],
    secret: /shpss_\w+/.exec(text)![0],
    store: /https:\/\/demo-store\S+/.exec(text)![0],
    key: /ck_\w+/.exec(text)![0],
    consumerSecret: /cs_\w+/.exec(text)![0],
  };
  await context.close();
  keyboard = await keyboardOf(owner, (text) => faults.push(text));
});
afterAll(() => world?.close());
afterEach(() => {
  expect([...world.faults(), ...faults.splice(0)]).toEqual([]);
});

const button = (name: string) => owner.getByRole("button", { name, exact: true });
const card = (name: string) => owner.getByRole("article", { name });

test("Shopify, by its token and the app's secret; the one in the place of the other is told apart", async () => {
  await owner.goto(`${world.run.portalUrl}/connections`);
  await keyboard.enter(button("Connect Shopify"));
  await keyboard.fill(owner.getByLabel("Shop", { exact: true }), shown.shop!);
  await keyboard.fill(owner.getByLabel("Admin API access token"), shown.secret!);
  await keyboard.fill(owner.getByLabel("Client secret"), shown.secret!);
  await keyboard.fill(owner.getByLabel("Name"), "Played Shopify");
  await keyboard.press("Enter");
  await owner.getByText("This is the client secret.").waitFor();
  await expect.poll(() => owner.locator(":focus").getAttribute("name")).toBe("apiKey");
  await keyboard.fill(owner.getByLabel("Admin API access token"), shown.token!);
  await keyboard.press("Enter");
  await card("Played Shopify").getByText("Active").waitFor();
  await expect.poll(() => owner.locator(":focus").innerText()).toBe("Connect Shopify");
  expect(await owner.content()).not.toContain(shown.token);
});

test("WooCommerce, by a key of its store", async () => {
  await keyboard.enter(button("Connect WooCommerce"));
  await keyboard.fill(owner.getByLabel("Store"), shown.store!);
  await keyboard.fill(owner.getByLabel("Consumer key"), shown.key!);
  await keyboard.fill(owner.getByLabel("Consumer secret"), shown.consumerSecret!);
  await keyboard.fill(owner.getByLabel("Name"), "Played store");
  await keyboard.press("Enter");
  await card("Played store").getByText("Active").waitFor();
});

test("a shop's keys are changed without telling again which shop it is", async () => {
  await keyboard.enter(card("Played Shopify").getByRole("button", { name: "Change key" }));
  const dialog = owner.getByRole("dialog", { name: "Change the key" });
  await dialog.waitFor();
  expect(await dialog.getByRole("textbox").count(), "two secrets and nothing else").toBe(2);
  expect(await violationsOf(owner)).toEqual([]);
  await keyboard.fill(dialog.getByLabel("Admin API access token"), shown.token!);
  await keyboard.fill(dialog.getByLabel("Client secret"), shown.secret!);
  await keyboard.press("Enter");
  await owner.getByRole("region", { name: "Messages" }).getByText("goes on with the new keys.").waitFor();
  await card("Played Shopify").getByText("Active").waitFor();
});

test("each says what its shop needs for visits by links, and Shopify where its privacy requests go", async () => {
  const shopify = card("Played Shopify");
  await shopify.getByText("/webhooks/shopify/").waitFor();
  await keyboard.enter(shopify.getByText("Count visits by links in this shop"));
  await shopify.getByText("'laurel.js' | asset_url").waitFor();
  const script = await owner.request.get(
    world.run.portalUrl + (await shopify.getByRole("link", { name: "Download laurel.js" }).getAttribute("href")),
  );
  expect(await script.text()).toContain("laurel");
  const store = card("Played store");
  await keyboard.enter(store.getByText("Count visits by links in this shop"));
  await store.getByText("wp_enqueue_script").waitFor();
});
