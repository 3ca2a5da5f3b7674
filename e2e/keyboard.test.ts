import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { codeIn, linkIn } from "./inbox.ts";
import { type Keyboard, keyboardOf } from "./keyboard.ts";
import { shows, sumsOf } from "./steps.ts";
import { openWorld, type World } from "./world.ts";

/* The main job with a keyboard alone. Each test goes on where the one before it stopped. */
const kim = { name: "Kim Ferreira", email: "kim.ferreira@example.com" };

let world: World;
let faults: string[] = [];
let applicant: Page;
let marketer: Page;
let shop: Page;
let ofApplicant: Keyboard;
let ofMarketer: Keyboard;
let ofShop: Keyboard;
let code = "";

beforeAll(async () => {
  world = await openWorld(inject("seeded"));
  const sit = async () => {
    const { page } = await world.visit();
    return [page, await keyboardOf(page, (text) => faults.push(text))] as const;
  };
  [applicant, ofApplicant] = await sit();
  [marketer, ofMarketer] = await sit();
  [shop, ofShop] = await sit();
});
afterAll(() => world?.close());
afterEach(() => {
  expect([...world.faults(), ...faults]).toEqual([]);
  faults = [];
});

const at = (path: string) => world.run.portalUrl + path;
const focused = (page: Page | Locator) => page.locator(":focus");

test("apply", async () => {
  const { to, enter, fill, choose, press } = ofApplicant;
  await applicant.goto(at("/apply"));
  await applicant.getByLabel("Name", { exact: true }).waitFor();
  await enter(applicant.getByRole("link", { name: "Skip to content" }));
  await expect.poll(() => focused(applicant).getAttribute("id")).toBe("content");

  // Sent too early, the form leads to the first box that needs something.
  await enter(applicant.getByRole("button", { name: "Send application" }));
  await applicant.getByText("Please confirm your age.").waitFor();
  await expect.poll(() => focused(applicant).getAttribute("name")).toBe("name");

  await fill(applicant.getByLabel("Name", { exact: true }), kim.name);
  await fill(applicant.getByLabel("E-mail"), kim.email);
  await choose(applicant.getByLabel("Country"), "Portug");
  await choose(applicant.getByLabel("Platform"), "TikTok");
  await fill(applicant.getByLabel("Followers"), "3400");
  await fill(applicant.getByLabel("Handle"), "@kim.climbs");
  await to(applicant.getByRole("button", { name: "Travel" }));
  await press("Space");
  await fill(applicant.getByLabel(/^Why /), "I climb with your shell in the rain, and film it.");
  for (const tick of [/18 years old/, /will follow them/, /I accept the/, /privacy notice/]) {
    await to(applicant.getByRole("checkbox", { name: tick }));
    await press("Space");
  }
  await enter(applicant.getByRole("button", { name: "Send application" }));
  await applicant.getByRole("heading", { name: "Check your mail", level: 1 }).waitFor();
});

test("confirm by the mailed link", async () => {
  await applicant.goto(linkIn(await world.mailTo(kim.email), "/apply/confirm"));
  await ofApplicant.enter(applicant.getByRole("button", { name: "Confirm my application" }));
  await applicant.getByRole("heading", { name: "Thank you" }).waitFor();

  // The way out opens a dialog that keeps the focus and gives it back.
  const withdraw = applicant.getByRole("button", { name: "Withdraw application" });
  await ofApplicant.enter(withdraw);
  const dialog = applicant.getByRole("alertdialog");
  await dialog.waitFor();
  await ofApplicant.press("Tab");
  await expect.poll(() => focused(dialog).count()).toBe(1);
  await ofApplicant.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => focused(applicant).innerText()).toBe("Withdraw application");
});

test("a marketer signs in by the code", async () => {
  const { fill, press, type, to } = ofMarketer;
  await marketer.goto(at("/sign-in"));
  await fill(marketer.getByLabel("E-mail"), "manager@example.com");
  await press("Enter");
  await to(marketer.getByLabel("6-digit code"));
  await type(codeIn(await world.mailTo("manager@example.com")));
  await press("Enter");
  await marketer.getByRole("heading", { name: "Applications", level: 1 }).waitFor();
});

test("and approves with the queue's own keys", async () => {
  const { press, choose, enter } = ofMarketer;
  const queue = marketer.getByRole("region", { name: "List of applications" });
  const open = marketer.getByRole("article").getByRole("heading", { level: 2 });
  await queue.getByRole("link", { name: kim.name }).waitFor();
  const second = (await queue.getByRole("link").nth(1).innerText()).split("\n")[0]!.trim();

  // The newest one is open from the start.
  await open.getByText(kim.name).waitFor();
  await press("j");
  await open.getByText(second).waitFor();
  await press("k");
  await open.getByText(kim.name).waitFor();
  await expect.poll(() => focused(marketer).innerText()).toContain(kim.name);

  const dialog = marketer.getByRole("dialog");
  await press("d");
  await dialog.getByText(`Decline ${kim.name}?`).waitFor();
  await press("Escape");
  await dialog.waitFor({ state: "detached" });
  await press("a");
  await dialog.getByText(`Approve ${kim.name}?`).waitFor();
  await expect.poll(() => focused(dialog).count()).toBe(1);
  await choose(dialog.getByLabel("Tier"), "Laurel");
  await enter(dialog.getByRole("button", { name: "Approve" }));
  await queue.getByRole("link", { name: kim.name }).waitFor({ state: "detached" });
  // The next one is open, and the focus is where reading begins.
  await open.getByText(second).waitFor();
  await expect.poll(() => focused(marketer).innerText()).toBe(second);
});

test("the ambassador signs in by the link and copies the code", async () => {
  code = /code is ([A-Z0-9]{3,20})/.exec((await world.mailTo(kim.email, /your code/)).subject)![1]!;
  const { fill, press, enter } = ofApplicant;
  await applicant.goto(at("/sign-in"));
  await fill(applicant.getByLabel("E-mail"), kim.email);
  await press("Enter");
  await applicant.goto(linkIn(await world.mailTo(kim.email, /^Sign in/), "/sign-in"));
  await enter(applicant.getByRole("button", { name: "Sign in" }));
  await applicant.getByRole("heading", { name: "Hello Kim" }).waitFor();
  const card = applicant.getByRole("region", { name: `Your code ${code}` });
  await card.getByText("Active", { exact: true }).waitFor();
  await applicant.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await enter(card.getByRole("button", { name: "Copy code" }));
  await card.getByText("Copied").waitFor();
  expect(await applicant.evaluate(() => navigator.clipboard.readText())).toBe(code);
});

test("a customer buys with the code", async () => {
  const { to, fill, press, choose, enter } = ofShop;
  await shop.goto(at("/shop"));
  // Totals that change while somebody goes on leave them where they are.
  await choose(shop.getByLabel("How many: Demo trail shoes"), "2");
  await to(shop.getByRole("button", { name: /^Pay/ }));
  await shop.getByRole("button", { name: "Pay €262.90" }).waitFor();
  await expect.poll(() => focused(shop).innerText()).toContain("Pay €262.90");
  await to(shop.getByRole("radio", { name: "EUR" }));
  await press("ArrowRight");
  await shop.getByRole("button", { name: "Pay $" }).waitFor();
  await press("ArrowLeft");
  await fill(shop.getByLabel("Promo code"), code);
  await press("Enter");
  await shows(shop, `${code} is active at Stripe`);
  await enter(shop.getByRole("button", { name: "Pay €224.20" }));
  await shop.waitForURL(/\/shop\/purchases\//);
  await shop.getByText("Paid", { exact: true }).first().waitFor();
});

test("commission and receipt are there for both", async () => {
  await applicant.goto(at("/home"));
  await ofApplicant.enter(applicant.getByRole("table", { name: "Your orders" }).getByRole("link").first());
  await shows(applicant, `It is yours, because of the promo code ${code}.`);
  // 258.00 − 38.70 = 219.30, of which VAT 35.01; base 184.29, of which 15 % are 27.64.
  expect(await sumsOf(applicant)).toContain("Base €184.29");
  expect(await sumsOf(applicant)).toContain("Earned €27.64");
  await ofApplicant.enter(applicant.getByRole("main").getByRole("link", { name: "Home" }));
  await applicant.getByRole("heading", { name: "Hello Kim" }).waitFor();

  const { enter, fill, press } = ofMarketer;
  await enter(marketer.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Orders" }));
  await marketer.getByRole("heading", { name: "Orders", level: 1 }).waitFor();
  await fill(marketer.getByLabel("Promo code"), code);
  await press("Enter");
  const row = marketer.getByRole("table", { name: "Orders" }).getByRole("row").filter({ hasText: code });
  await marketer.getByRole("row").nth(2).waitFor({ state: "detached" });
  await enter(row.getByRole("link"));
  await shows(marketer, `It belongs to ${kim.name}, because of the promo code ${code}.`);
  expect(await sumsOf(marketer)).toContain("Earned €27.64");
});

test("refunds take it back", async () => {
  const { fill, press, enter } = ofShop;
  await fill(shop.getByLabel("Amount in EUR"), "24.20");
  await press("Enter");
  await shows(shop, "Refunded in part");
  await enter(shop.getByRole("button", { name: "Refund in full" }));
  await shop.getByText("Refunded", { exact: true }).first().waitFor();
  await marketer.reload();
  await shows(marketer, "Taken back with the order");
  expect(await sumsOf(marketer)).toContain("Left €0.00");
  await applicant.reload();
  await shows(applicant, "Nothing yet. Your first order with your code appears here.");
});

test("everybody signs out, and many stops were looked at", async () => {
  for (const [page, keyboard] of [
    [applicant, ofApplicant],
    [marketer, ofMarketer],
  ] as const) {
    await keyboard.enter(page.getByRole("button", { name: "Sign out" }));
    await page.getByRole("link", { name: "Apply to join" }).waitFor();
  }
  expect(ofApplicant.stops() + ofMarketer.stops() + ofShop.stops()).toBeGreaterThan(100);
});
