import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, chromium, type Page } from "playwright-core";
import * as data from "./mock/data.ts";
import { servePortal } from "./mock/server.ts";

/*
 * Opens every screen of the built portal at 390 and 1280 px, light and dark, and fails on an axe violation, on a page
 * that scrolls sideways, on a breach of the content policy and on an error in the console.
 *
 *   node web/test/screens.ts [--only=home,apply] [--shots=/tmp/shots] [--dark]
 */

interface Screen {
  name: string;
  path: string;
  who?: string;
  mood?: string;
  /** Brings the page into the state that is to be looked at. */
  act?: (page: Page) => Promise<void>;
}

const press = (name: string) => (page: Page) => page.getByRole("button", { name }).first().click();
const application = data.applications[0]!.id;

const screens: Screen[] = [
  { name: "welcome", path: "/" },
  { name: "not-found", path: "/nowhere" },
  { name: "apply", path: "/apply" },
  { name: "apply-errors", path: "/apply", act: press("Send application") },
  { name: "apply-sent", path: "/apply", act: sendApplication },
  { name: "confirm", path: "/apply/confirm#token=abc" },
  { name: "confirm-bare", path: "/apply/confirm" },
  { name: "confirm-done", path: "/apply/confirm#token=abc", act: press("Confirm my application") },
  { name: "status-bare", path: "/apply/status" },
  { name: "status-bad", path: "/apply/status#token=bad" },
  ...(["submitted", "confirmed", "waitlisted", "approved", "declined", "withdrawn"] as const).map((status) => ({
    name: `status-${status}`,
    path: `/apply/status#token=${status}`,
  })),
  { name: "status-withdraw", path: "/apply/status#token=confirmed", act: press("Withdraw application") },
  { name: "sign-in", path: "/sign-in" },
  {
    name: "sign-in-code",
    path: "/sign-in",
    act: async (page) => {
      await page.getByLabel("E-mail").fill("anna@example.com");
      await press("Send me a link")(page);
      await page.getByLabel("6-digit code").waitFor();
    },
  },
  { name: "sign-in-link", path: "/sign-in#token=abc" },
  { name: "sign-in-bad", path: "/sign-in#token=bad", act: press("Sign in") },
  { name: "applications", path: "/applications", who: "owner" },
  { name: "applications-filtered", path: "/applications?minFollowers=10000&country=SE", who: "owner" },
  { name: "applications-searched", path: "/applications?q=nobody", who: "owner" },
  { name: "applications-empty", path: "/applications", who: "owner", mood: "empty" },
  { name: "applications-error", path: "/applications", who: "owner", mood: "error" },
  { name: "applications-slow", path: "/applications", who: "owner", mood: "slow" },
  { name: "application", path: `/applications/${application}`, who: "owner" },
  { name: "application-viewer", path: `/applications/${application}`, who: "viewer" },
  { name: "application-declined", path: `/applications/${data.declined.id}?status=declined`, who: "owner" },
  { name: "application-approve", path: `/applications/${application}`, who: "owner", act: press("Approve") },
  { name: "application-decline", path: `/applications/${application}`, who: "owner", act: press("Decline") },
  {
    name: "application-conflict",
    path: `/applications/${application}`,
    who: "owner",
    mood: "conflict",
    act: async (page) => {
      await press("Waitlist")(page);
      await page.getByRole("dialog").getByRole("button", { name: "Waitlist" }).click();
      await page.getByText("Somebody else decided first").waitFor();
    },
  },
  {
    name: "application-undo",
    path: `/applications/${application}`,
    who: "owner",
    act: async (page) => {
      await press("Waitlist")(page);
      await page.getByRole("dialog").getByRole("button", { name: "Waitlist" }).click();
      await page.getByRole("list", { name: "Decisions that can be undone" }).waitFor();
    },
  },
  {
    name: "applications-selected",
    path: "/applications",
    who: "owner",
    act: async (page) => {
      await page.getByLabel("Select all that are shown").check();
      await page.getByText("10 selected", { exact: true }).waitFor();
    },
  },
  {
    name: "applications-decline-many",
    path: "/applications",
    who: "owner",
    act: async (page) => {
      await page.getByLabel("Select all that are shown").check();
      await press("Decline all")(page);
      await page.getByText("Decline 10 applications?").waitFor();
    },
  },
  {
    name: "applications-bulk-done",
    path: "/applications",
    who: "owner",
    // By keyboard alone: select the open one, the next too, approve both.
    act: async (page) => {
      await page.getByLabel("Select all that are shown").focus();
      await page.keyboard.press("Space");
      const approve = page.getByRole("button", { name: "Approve all" });
      await approve.focus();
      await page.keyboard.press("Enter");
      const confirm = page.getByRole("dialog").getByRole("button", { name: "Approve", exact: true });
      await confirm.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("table", { name: "Results" }).waitFor();
    },
  },
  { name: "job-running", path: `/jobs/${data.job(1).id}`, who: "viewer" },
  { name: "job", path: `/jobs/${data.job(2).id}`, who: "owner" },
  { name: "job-undo", path: `/jobs/${data.job(2).id}`, who: "owner", act: press("Undo all") },
  {
    name: "job-undone",
    path: `/jobs/${data.job(2).id}`,
    who: "owner",
    act: async (page) => {
      await press("Undo all")(page);
      await page.getByRole("alertdialog").getByRole("button", { name: "Undo all" }).click();
      await page.getByRole("heading", { name: "Undoing decisions" }).waitFor();
    },
  },
  { name: "ambassadors", path: "/ambassadors", who: "owner" },
  { name: "ambassadors-empty", path: "/ambassadors?status=banned", who: "owner" },
  { name: "ambassador", path: `/ambassadors/${data.ambassadors[0]!.id}`, who: "owner" },
  { name: "orders", path: "/orders", who: "owner" },
  { name: "orders-none", path: "/orders?code=NOBODY", who: "owner" },
  { name: "orders-error", path: "/orders", who: "owner", mood: "error" },
  { name: "receipt", path: `/orders/${data.orders[2]!.id}`, who: "owner" },
  { name: "flags", path: "/flags", who: "owner" },
  { name: "flags-empty", path: "/flags", who: "owner", mood: "empty" },
  { name: "flags-cleared", path: "/flags?state=cleared", who: "owner" },
  { name: "flags-clear", path: "/flags", who: "owner", act: press("Clear") },
  { name: "flags-confirm", path: "/flags", who: "owner", act: press("Confirm fraud") },
  { name: "flags-rotate", path: "/flags", who: "owner", act: press("Replace code") },
  {
    name: "receipt-correct",
    path: `/orders/${data.orders[2]!.id}`,
    who: "owner",
    act: async (page) => {
      await press("Correct this order")(page);
      await page.getByLabel("Whose it is").selectOption({ index: 3 });
      await page.getByText("It waits until somebody else").waitFor();
    },
  },
  { name: "corrections", path: "/corrections", who: "owner" },
  { name: "corrections-empty", path: "/corrections", who: "owner", mood: "empty" },
  { name: "corrections-error", path: "/corrections", who: "owner", mood: "error" },
  { name: "corrections-reject", path: "/corrections", who: "owner", act: press("Reject") },
  { name: "claims", path: "/claims", who: "owner" },
  { name: "claims-empty", path: "/claims", who: "owner", mood: "empty" },
  { name: "claims-error", path: "/claims", who: "owner", mood: "error" },
  {
    name: "claim",
    path: "/claims",
    who: "owner",
    act: async (page) => {
      await press("Look at the claim")(page);
      await page.getByLabel("Reason").waitFor();
    },
  },
  { name: "home-claims", path: "/home/claims", who: "ambassador" },
  { name: "home-claims-empty", path: "/home/claims", who: "ambassador", mood: "empty" },
  { name: "home-claims-error", path: "/home/claims", who: "ambassador", mood: "error" },
  {
    name: "home-claims-ask",
    path: "/home/claims",
    who: "ambassador",
    act: async (page) => {
      await page.getByLabel("Order number").fill("#2071");
      await page.getByLabel("Day of the order").fill("2026-11-12");
      await page.getByRole("button", { name: "Ask", exact: true }).click();
      await page.getByLabel("Why it should be yours").waitFor();
    },
  },
  { name: "events", path: "/events", who: "owner" },
  { name: "events-dead", path: "/events?status=dead", who: "owner" },
  { name: "events-none-dead", path: "/events?status=dead", who: "owner", mood: "empty" },
  { name: "events-replay", path: "/events?status=dead", who: "owner", act: press("Replay these…") },
  { name: "event-dead", path: `/events/${encodeURIComponent(data.events[4]!.id)}`, who: "owner" },
  { name: "job-compare", path: `/jobs/${data.compareJob.id}`, who: "owner" },
  { name: "job-replay", path: `/jobs/${data.replayJob.id}`, who: "owner" },
  { name: "event", path: `/events/${encodeURIComponent(data.events[0]!.id)}`, who: "owner" },
  { name: "effects", path: "/effects", who: "owner" },
  { name: "effects-skipped", path: "/effects?state=skipped", who: "owner" },
  { name: "mail-again", path: "/effects?state=skipped", who: "owner", act: press("Send mail again") },
  { name: "ambassador-bounced", path: `/ambassadors/${data.ambassadors[1]!.id}`, who: "owner" },
  { name: "connections", path: "/connections", who: "owner" },
  { name: "connections-manager", path: "/connections", who: "both" },
  { name: "connections-empty", path: "/connections", who: "owner", mood: "empty" },
  { name: "connections-error", path: "/connections", who: "owner", mood: "error" },
  {
    name: "connect",
    path: "/connections",
    who: "owner",
    act: async (page) => {
      await press("Connect Stripe")(page);
      await page.getByLabel("API key").fill("pk_live_publishable");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText("What a restricted key has to be allowed").click();
    },
  },
  {
    name: "connect-hidden",
    path: "/connections",
    who: "owner",
    act: async (page) => {
      await press("Connect Stripe")(page);
      await page.getByLabel("API key").fill("rk_test_hidden1234");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByLabel("Account id").waitFor();
    },
  },
  {
    name: "connect-shopify",
    path: "/connections",
    who: "owner",
    act: async (page) => {
      await press("Shopify")(page);
      await page.getByLabel("Admin API access token").fill("shpss_0123456789abcdef");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText("This is the client secret.").waitFor();
      await page.getByText("Where to find these").click();
    },
  },
  {
    name: "shop-script",
    path: "/connections",
    who: "owner",
    act: async (page) => {
      const card = page.getByRole("article", { name: "Demo Coffee at Shopify" });
      await card.getByText("Count visits by links in this shop").click();
      await card.getByRole("button", { name: "Copy snippet" }).scrollIntoViewIfNeeded();
    },
  },
  { name: "disconnect", path: "/connections", who: "owner", act: press("Disconnect") },
  { name: "setup", path: "/setup", who: "owner", mood: "setup" },
  { name: "setup-done", path: "/setup", who: "owner" },
  { name: "setup-error", path: "/setup", who: "owner", mood: "error" },
  { name: "setup-banner", path: "/applications", who: "owner", mood: "setup" },
  { name: "audit", path: "/audit", who: "owner" },
  { name: "program", path: "/program", who: "owner" },
  {
    name: "program-questions",
    path: "/program",
    who: "owner",
    act: async (page) => {
      await press("Move question 1 down")(page);
      await press("Add a question")(page);
      await page.getByLabel("Kind of answer").last().selectOption("choice");
      await page.getByLabel("Choices").last().fill("One");
      await press("Save changes")(page);
      await page.getByText("The list of choices needs at least 2 choices").waitFor();
      await page.getByText("The list of choices needs at least 2 choices").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "program-limits",
    path: "/program",
    who: "owner",
    act: async (page) => {
      await press("Add a currency")(page);
      await page.getByLabel("Up to").last().fill("a lot");
      await press("Save changes")(page);
      await page.getByText("The amount is a number such as 100").waitFor();
    },
  },
  {
    name: "program-conflict",
    path: "/program",
    who: "owner",
    mood: "conflict",
    act: async (page) => {
      await page.getByLabel("Commission waits").fill("21");
      await press("Save changes")(page);
      await page.getByText("you changed it too").waitFor();
    },
  },
  { name: "program-viewer", path: "/program", who: "viewer" },
  { name: "rules", path: "/program/rules", who: "owner" },
  { name: "rules-viewer", path: "/program/rules", who: "viewer" },
  { name: "rules-error", path: "/program/rules", who: "owner", mood: "error" },
  {
    name: "rules-changed",
    path: "/program/rules",
    who: "owner",
    // By keyboard alone: one down, one out, a number that is none, and the way back to it.
    act: async (page) => {
      await page.getByRole("button", { name: "Move Promo code down" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Leave Known customer out" }).focus();
      await page.keyboard.press("Enter");
      await page.getByLabel("How long a click counts").focus();
      await page.keyboard.press("Control+A");
      await page.keyboard.type("400");
      await page.keyboard.press("Enter");
      await page.getByText("The number of days is a whole number from 1 to 365").waitFor();
    },
  },
  {
    name: "rules-leave",
    path: "/program/rules",
    who: "owner",
    act: async (page) => {
      await page.getByLabel("Ambassadors earn by what they buy themselves").check();
      await page.getByRole("link", { name: "Campaigns" }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  {
    name: "rules-conflict",
    path: "/program/rules",
    who: "owner",
    mood: "conflict",
    act: async (page) => {
      await page.getByLabel("How long a click counts").fill("45");
      await press("Save changes")(page);
      await page.getByText("you changed it too").waitFor();
    },
  },
  {
    name: "rules-try",
    path: "/program/rules",
    who: "owner",
    act: async (page) => {
      await page.getByLabel("How long a click counts").fill("14");
      await press("Try on past orders")(page);
      await page.getByRole("dialog").getByText("How far back").waitFor();
    },
  },
  {
    name: "simulation-running",
    path: "/program/rules",
    who: "owner",
    // By keyboard alone: change a rule, try it, and see how far that is.
    act: async (page) => {
      await page.getByRole("button", { name: "Move Promo code down" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Try on past orders" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").getByRole("radio").first().waitFor();
      await page.getByRole("button", { name: "Try them" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("progressbar", { name: "Days looked at" }).waitFor();
    },
  },
  { name: "simulation", path: `/simulations/${data.simulation(2).job.id}`, who: "owner" },
  { name: "simulation-viewer", path: `/simulations/${data.simulation(2).job.id}`, who: "viewer" },
  { name: "simulation-empty", path: `/simulations/${data.simulation(3).job.id}`, who: "owner" },
  { name: "simulation-outdated", path: `/simulations/${data.simulation(4).job.id}`, who: "owner" },
  { name: "simulation-error", path: `/simulations/${data.simulation(2).job.id}`, who: "owner", mood: "error" },
  {
    name: "simulation-conflict",
    path: `/simulations/${data.simulation(2).job.id}`,
    who: "owner",
    mood: "conflict",
    act: async (page) => {
      await press("Save these rules")(page);
      await page.getByRole("alert").waitFor();
    },
  },
  {
    name: "simulation-further",
    path: `/simulations/${data.simulation(2).job.id}`,
    who: "owner",
    act: async (page) => {
      await page.getByRole("link", { name: "Change them further" }).click();
      await page.getByLabel("How long a click counts").waitFor();
      if ((await page.getByLabel("How long a click counts").inputValue()) !== "14")
        throw new Error("the tried rules are not in the form");
    },
  },
  { name: "fraud", path: "/program/fraud", who: "owner" },
  {
    name: "fraud-changed",
    path: "/program/fraud",
    who: "owner",
    act: async (page) => {
      await page.getByRole("checkbox", { name: "The ambassador's own e-mail" }).uncheck();
      await page.getByLabel(/orders of one code within the hour/).fill("x");
      await press("Save changes")(page);
      await page.getByText("The number is a whole number from 1").waitFor();
    },
  },
  { name: "fraud-viewer", path: "/program/fraud", who: "viewer" },
  { name: "campaigns", path: "/program/campaigns", who: "owner" },
  {
    name: "campaigns-dates",
    path: "/program/campaigns",
    who: "owner",
    act: async (page) => {
      await press("Change dates of Winter blend")(page);
      await page.getByLabel("Last day").fill("2026-10-01");
      await page.getByText("The last day is before the first day").waitFor();
    },
  },
  { name: "customers", path: "/program/customers", who: "owner" },
  {
    name: "customers-read",
    path: "/program/customers",
    who: "owner",
    act: (page) => pasteCustomers(page),
  },
  {
    name: "customers-done",
    path: "/program/customers",
    who: "owner",
    act: async (page) => {
      await pasteCustomers(page);
      await page.getByRole("button", { name: /^Import / }).click();
      await page.getByText("Taken in", { exact: true }).waitFor();
    },
  },
  {
    name: "customers-failed",
    path: "/program/customers",
    who: "owner",
    mood: "conflict",
    act: async (page) => {
      await pasteCustomers(page);
      await page.getByRole("button", { name: /^Import / }).click();
      await page.getByRole("button", { name: "Go on" }).waitFor();
    },
  },
  {
    name: "menu",
    path: "/events",
    who: "both",
    act: async (page) => {
      const menu = page.getByRole("button", { name: "Menu" });
      if (await menu.isVisible()) await menu.click();
    },
  },
  { name: "home", path: "/home", who: "ambassador" },
  { name: "home-own-code", path: "/home", who: "ambassador", act: chooseCode("summit-") },
  {
    name: "home-own-code-taken",
    path: "/home",
    who: "ambassador",
    act: async (page) => {
      await chooseCode("taken")(page);
      await press("Make it my code")(page);
      await page.getByText("TAKEN is in use at the shop already").waitFor();
    },
  },
  { name: "home-empty", path: "/home", who: "ambassador", mood: "empty" },
  { name: "home-error", path: "/home", who: "ambassador", mood: "error" },
  { name: "home-both", path: "/home", who: "both" },
  { name: "home-receipt", path: `/home/orders/${data.orders[2]!.id}`, who: "ambassador" },
];

function chooseCode(text: string) {
  return async (page: Page): Promise<void> => {
    await press("Choose your own code")(page);
    await page.getByRole("dialog").getByLabel("Your code").fill(text);
  };
}

async function pasteCustomers(page: Page): Promise<void> {
  const list = Array.from({ length: 6 }, (_, at) => `customer-${at}@example.com`);
  await page.getByLabel("E-mail addresses").fill(["e-mail", ...list, "no address", list[0]].join("\n"));
  await press("Read the list")(page);
  await page.getByRole("button", { name: /^Import 6 customers/ }).waitFor();
}

async function sendApplication(page: Page): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill("Ada Berg");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Country").selectOption("DE");
  await page.getByLabel("Followers").fill("1,200");
  await page.getByLabel("Handle").fill("@ada.berg");
  await page.getByRole("button", { name: "Coffee" }).click();
  await page.getByLabel(/^Why/).fill("I drink it every morning and tell everybody.");
  await page.getByLabel("How do you brew").selectOption("Filter");
  for (const label of ["18 years", "will follow them", "I accept the", "I have read the privacy"])
    await page.getByLabel(label).check();
  await press("Send application")(page);
  await page.getByRole("heading", { name: "Check your mail" }).waitFor();
}

export async function inspect(
  browser: Browser,
  origin: string,
  screen: Screen,
  width: number,
  dark: boolean,
  shots?: string,
): Promise<string[]> {
  const context = await browser.newContext({
    viewport: { width, height: 860 },
    colorScheme: dark ? "dark" : "light",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  const found: string[] = [];
  try {
    const cookies = Object.entries({ who: screen.who, mood: screen.mood }).flatMap(([name, value]) =>
      value ? [{ name, value, url: origin }] : [],
    );
    if (cookies.length > 0) await context.addCookies(cookies);
    const page = await context.newPage();
    page.on("pageerror", (error) => found.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // The browser reports every 4xx and 5xx; the moods above ask for some.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        found.push(`console: ${message.text()}`);
    });
    await page.goto(origin + screen.path);
    await page.locator("h1, h2").first().waitFor();
    // A page that asks again and again is never idle.
    if (screen.mood === "slow" || screen.name === "job-running") await page.waitForTimeout(300);
    else await page.waitForLoadState("networkidle");
    if (screen.mood === "error") await page.getByRole("alert").first().waitFor();
    await screen.act?.(page);
    await page.waitForTimeout(250);
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, nodes } of violations)
      found.push(
        `axe ${id}: ${nodes.map((node) => `${node.target.join(" ")} — ${node.failureSummary?.replaceAll(/\s+/g, " ")}`).join("\n    ")}`,
      );
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) found.push(`scrolls sideways by ${wide} px`);
    if (shots)
      await page.screenshot({
        path: join(shots, `${screen.name}-${width}${dark ? "-dark" : ""}.png`),
        fullPage: screen.act === undefined || screen.name.startsWith("apply"),
      });
  } catch (error) {
    found.push(`could not be opened: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await context.close();
  }
  return found;
}

const option = (name: string) => process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);

async function main(): Promise<number> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    console.error(
      `There is no Chromium at ${executablePath}. Install it (apt-get install --no-install-recommends chromium) or name it in CHROMIUM.`,
    );
    return 1;
  }
  const shots = option("shots");
  if (shots) mkdirSync(shots, { recursive: true });
  const only = option("only")?.split(",");
  const schemes = process.argv.includes("--dark") ? [true] : process.argv.includes("--light") ? [false] : [false, true];
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const portal = await servePortal();
  let looked = 0;
  let wrong = 0;
  try {
    for (const screen of screens.filter(({ name }) => !only || only.includes(name)))
      for (const width of [390, 1280])
        for (const dark of schemes) {
          const found = await inspect(browser, portal.origin, screen, width, dark, shots);
          looked += 1;
          wrong += found.length;
          for (const each of found) console.log(`${screen.name} ${width}${dark ? " dark" : ""}: ${each}`);
        }
  } finally {
    await browser.close();
    await portal.close();
  }
  console.log(`${looked} screens looked at, ${wrong} things wrong`);
  return wrong === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
