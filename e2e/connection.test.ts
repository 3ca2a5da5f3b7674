import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { type Keyboard, keyboardOf } from "./keyboard.ts";
import { openWorld, type World } from "./world.ts";

/* An owner connects a checkout, renews its webhook and leaves it again, with a keyboard alone. */

let world: World;
let owner: Page;
let keyboard: Keyboard;
const faults: string[] = [];

beforeAll(async () => {
  world = await openWorld(inject("seeded"));
  owner = await world.signIn("owner", { provoked: /409.*\/api\/connections$/ });
  keyboard = await keyboardOf(owner, (text) => faults.push(text));
});
afterAll(() => world?.close());
afterEach(() => {
  expect([...world.faults(), ...faults.splice(0)]).toEqual([]);
});

const button = (name: string | RegExp) => owner.getByRole("button", { name, exact: true });
const card = () => owner.getByRole("article", { name: "Second shop" });
const focused = () => owner.locator(":focus");

test("a key that is none leads back to its box, and a good one to an active connection", async () => {
  await owner.goto(`${world.run.portalUrl}/connections`);
  await keyboard.enter(button("Connect Stripe"));
  await expect.poll(() => focused().getAttribute("name")).toBe("apiKey");
  await keyboard.type("pk_test_0123456789");
  await keyboard.press("Enter");
  await owner.getByText("This is a publishable key.").waitFor();
  await expect.poll(() => focused().getAttribute("name")).toBe("apiKey");
  await keyboard.fill(owner.getByLabel("API key"), "sk_test_shop0000e2e1");
  await keyboard.fill(owner.getByLabel("Name"), "Second shop");
  await keyboard.press("Enter");
  await card().getByText("Active").waitFor();
  // Back where it began, and the key is nowhere.
  await expect.poll(() => focused().innerText()).toBe("Connect Stripe");
  expect(await owner.content()).not.toContain("sk_test_shop");
});

test("the same account is not connected twice", async () => {
  await keyboard.enter(button("Connect Stripe"));
  await expect.poll(() => focused().getAttribute("name")).toBe("apiKey");
  await keyboard.type("rk_test_shop0000e2e1");
  await keyboard.press("Enter");
  await owner.getByRole("alert").getByText("This account is connected already, as “Second shop”.").waitFor();
  await keyboard.press("Escape");
  await owner.getByRole("dialog").waitFor({ state: "detached" });
});

test("its webhook is renewed, and it is left again", async () => {
  await keyboard.enter(card().getByRole("button", { name: "Renew webhook" }));
  await keyboard.enter(button("Renew it"));
  await card().getByText("Renewed; the former secret holds until").waitFor();
  await keyboard.enter(card().getByRole("button", { name: "Disconnect" }));
  await keyboard.enter(owner.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }));
  await card().getByText("Disconnected").waitFor();
  expect(await card().getByRole("button").count()).toBe(0);
});
