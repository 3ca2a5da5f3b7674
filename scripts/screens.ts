import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PublicProgram, Role } from "@laurel/contract";
import type { Browser, Page } from "playwright-core";
import { chromiumMissing, openBrowser } from "../e2e/chromium.ts";
import { linkIn, openInbox } from "../e2e/inbox.ts";
import { freePort, isFree, type Program, root, startProgram } from "../e2e/program.ts";

/*
 * npm run screens: pictures of every screen, of the demo brand's data, into docs/screens.
 *
 *   node scripts/screens.ts [--only=queue,shop] [--to=<folder>] [--dark]
 */

const usualPort = 4747;

interface Screen {
  name: string;
  path: string;
  who?: Role;
  width?: number;
  height?: number;
  /** Brings the page into the state that is shown. */
  act?: (page: Page, run: Program["run"]) => Promise<void>;
}

const screens: Screen[] = [
  { name: "queue", path: "/applications", who: "manager", act: (page) => page.getByRole("article").waitFor() },
  { name: "orders", path: "/orders", who: "manager" },
  { name: "receipt", path: "/orders", who: "manager", height: 1120, act: openReceipt },
  { name: "home", path: "/home", who: "ambassador", height: 1120 },
  { name: "apply", path: "/apply", width: 390, height: 844 },
  { name: "shop", path: "/shop", who: "ambassador", act: typeCode },
  { name: "welcome", path: "/" },
  { name: "sign-in", path: "/sign-in" },
  { name: "confirm", path: "/apply/confirm#token=one" },
  { name: "status", path: "/apply", act: openStatus },
  { name: "job", path: "/applications", who: "manager", act: decideTwo },
  { name: "undo", path: "/applications", who: "manager", act: decideOne },
  { name: "ambassadors", path: "/ambassadors", who: "manager" },
  { name: "ambassador", path: "/ambassadors", who: "manager", height: 1120, act: openFirst },
  { name: "events", path: "/events", who: "manager" },
  { name: "event", path: "/events", who: "manager", height: 1120, act: openFirst },
  { name: "effects", path: "/effects", who: "manager" },
  { name: "audit", path: "/audit", who: "manager" },
  { name: "program", path: "/program", who: "owner", height: 1120 },
  { name: "rules", path: "/program/rules", who: "owner", height: 1120 },
  { name: "simulation", path: "/program/rules", who: "owner", height: 1120, act: tryRules },
  { name: "fraud", path: "/program/fraud", who: "owner", height: 1120 },
  { name: "campaigns", path: "/program/campaigns", who: "owner" },
  { name: "customers", path: "/program/customers", who: "owner" },
  { name: "questions", path: "/program", who: "owner", height: 1120, act: addQuestion },
  { name: "own-code", path: "/home", who: "ambassador", act: typeOwnCode },
  { name: "setup", path: "/setup", who: "owner" },
  { name: "connections", path: "/connections", who: "owner" },
  { name: "flags", path: "/flags", who: "finance" },
  { name: "corrections", path: "/corrections", who: "finance" },
  { name: "claims", path: "/claims", who: "manager" },
  { name: "home-claims", path: "/home/claims", who: "ambassador" },
  { name: "home-receipt", path: "/home", who: "ambassador", height: 1120, act: openOwnReceipt },
];

/** The first line of the page's list. */
async function openFirst(page: Page): Promise<void> {
  const before = page.url();
  await page.getByRole("table").getByRole("row").nth(1).getByRole("link").first().click();
  await page.waitForURL((url) => url.href !== before);
  await page.getByRole("main").getByRole("heading", { level: 2 }).first().waitFor();
}

async function openOwnReceipt(page: Page): Promise<void> {
  await openFirst(page);
  await page.getByRole("region", { name: "Sums" }).waitFor();
}

/** An application of one's own, by the link in its mail. */
async function openStatus(page: Page, run: Program["run"]): Promise<void> {
  const program = (await (await page.request.get(`${run.apiUrl}/program/public`)).json()) as PublicProgram;
  const email = "newcomer@example.com";
  await page.request.post(`${run.apiUrl}/applications`, {
    data: {
      name: "Newcomer Example",
      email,
      country: "DE",
      channels: [{ kind: "blog", url: "https://example.com/newcomer", followers: 1200 }],
      niche: "Outdoors",
      why: "I write about the paths behind our house, and about what keeps me dry there.",
      ageConfirmed: true,
      guidelinesVersion: program.guidelines.version,
      termsVersion: program.terms.version,
      privacyVersion: program.privacy.version,
    },
  });
  const link = linkIn(await openInbox(run.inboxUrl).mailTo(email), "/apply/status");
  const token = new URL(link).hash.slice("#token=".length);
  await page.request.post(`${run.apiUrl}/applications/confirm`, { data: { token } });
  await page.goto(link);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

/** Two of those who wait, put through as one job. */
async function decideTwo(page: Page, run: Program["run"]): Promise<void> {
  const { items } = (await (await page.request.get(`${run.apiUrl}/applications`)).json()) as {
    items: { id: string }[];
  };
  const answer = await page.request.post(`${run.apiUrl}/applications/bulk`, {
    headers: { origin: run.portalUrl },
    data: { action: "approve", ids: items.slice(-2).map(({ id }) => id) },
  });
  const { job } = (await answer.json()) as { job: { id: string } };
  await page.goto(`${run.portalUrl}/jobs/${job.id}`);
  await page.getByRole("table", { name: "Results" }).getByRole("row").nth(2).waitFor();
}

/** The first of the queue declined, which can be undone for a while. */
async function decideOne(page: Page): Promise<void> {
  await page.getByRole("article").getByRole("button", { name: "Decline" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").selectOption("program_full");
  await dialog.getByRole("button", { name: "Decline" }).click();
  await page.getByRole("list", { name: "Decisions that can be undone" }).getByRole("button").waitFor();
}

/** Customers who stay with nobody, tried on the orders of the last days. */
async function tryRules(page: Page): Promise<void> {
  await page.getByRole("radio", { name: /^Not at all/ }).check();
  await page.getByRole("button", { name: "Try on past orders" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Try them" }).click();
  await page.getByRole("region", { name: "What came of it" }).waitFor();
}

/** A question with choices, as an owner writes it. */
async function addQuestion(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Add a question" }).click();
  await page.getByLabel("Question", { exact: true }).last().fill("Which of our shoes do you wear most?");
  await page.getByLabel("Kind of answer").last().selectOption("choice");
  await page.getByLabel("Choices").last().fill("Trail\nRoad\nEvery day");
  await page.evaluate(() => document.querySelector("ol li:last-child fieldset")?.scrollIntoView({ block: "center" }));
}

async function typeOwnCode(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Choose your own code" }).click();
  await page.getByRole("textbox", { name: "Your code" }).fill("MOSSY");
}

/** The newest order that was refunded in part tells the most. */
async function openReceipt(page: Page): Promise<void> {
  const rows = page.getByRole("table", { name: "Orders" }).getByRole("row");
  const wanted = rows.filter({ hasText: "Partly refunded" }).filter({ hasText: "€" }).filter({ hasText: "Promo code" });
  await rows.nth(1).waitFor();
  while ((await wanted.count()) === 0) {
    const before = await rows.count();
    await page.getByRole("button", { name: "Show more" }).click();
    await rows.nth(before).waitFor();
  }
  await wanted.first().getByRole("link").click();
  await page.getByRole("region", { name: "Sums" }).waitFor();
}

/** A code of the demo, typed as a customer would. */
async function typeCode(page: Page): Promise<void> {
  const answer = await page.request.get(new URL("/api/me/codes", page.url()).href);
  const { items } = (await answer.json()) as { items: { code: string }[] };
  const { code } = items[0]!;
  await page.getByLabel("Promo code").fill(code);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText(`${code} is active`).waitFor();
}

async function take(browser: Browser, program: Program, to: string, dark: boolean, screen: Screen): Promise<void> {
  const { run } = program;
  const { width = 1280, height = 860 } = screen;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  if (screen.who) {
    await page.goto(run.signInLinks.find(({ role }) => role === screen.who)!.url);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL((url) => url.pathname !== "/sign-in");
  }
  await page.goto(run.portalUrl + screen.path);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  await screen.act?.(page, program.run);
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(to, `${screen.name}.png`) });
  await context.close();
}

async function main(): Promise<void> {
  const missing = chromiumMissing();
  if (missing) throw new Error(missing);
  const option = (name: string) => process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);
  const only = option("only")?.split(",");
  const to = option("to") ?? join(root, "docs/screens");
  mkdirSync(to, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "laurel-screens-"));
  // The port that people know stands in the pictures, where it is free.
  const program = await startProgram({ folder, port: (await isFree(usualPort)) ? usualPort : await freePort() });
  const browser = await openBrowser();
  try {
    for (const screen of screens.filter(({ name }) => !only || only.includes(name))) {
      await take(browser, program, to, process.argv.includes("--dark"), screen);
      console.log(`${screen.name}.png`);
    }
  } finally {
    await browser.close();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
