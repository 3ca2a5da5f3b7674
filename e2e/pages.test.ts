import type { Role } from "@laurel/contract";
import type { Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { linkIn } from "./inbox.ts";
import { until } from "./program.ts";
import { api, apply } from "./steps.ts";
import { sidewaysPx, violationsOf } from "./visit.ts";
import { openWorld, type World } from "./world.ts";

/* Every screen, narrow and wide, light and dark, with the demo's data; and every list in the states that data does not show. */

let world: World;
/** What a path is made with, read once from the running program. */
const known = {
  application: "",
  declined: "",
  undoable: "",
  job: "",
  ambassador: "",
  order: "",
  event: "",
  own: "",
  token: "",
  purchase: "",
};
/** Applications that are there to be decided. */
const spare: string[] = [];

beforeAll(async () => {
  world = await openWorld(inject("seeded"));
  const staff = await world.signIn("manager");
  const first = async (path: string) => (await api<{ items: { id: string }[] }>(staff, at(path))).items[0]!.id;
  const { items } = await api<{ items: { id: string }[] }>(staff, at("/api/applications?status=confirmed"));
  const [newest, ...others] = items.map(({ id }) => id);
  known.application = newest!;
  spare.push(...others.slice(-4));
  known.undoable = spare.pop()!;
  known.job = await declineByJob(staff, [known.undoable, newest!.replace(/.$/, "0")]);
  known.declined = await first("/api/applications?status=declined");
  known.ambassador = await first("/api/ambassadors");
  known.order = await first("/api/orders");
  known.event = await first("/api/events");
  const ambassador = await world.signIn("ambassador");
  known.own = (await api<{ items: { id: string }[] }>(ambassador, at("/api/me/orders"))).items[0]!.id;
  await Promise.all([staff.context().close(), ambassador.context().close()]);

  const { page, context } = await world.visit();
  await page.goto(at("/apply"));
  const email = "pages@example.com";
  await apply(page, { name: "Pia Pages", email });
  const mail = await world.mailTo(email);
  known.token = new URL(linkIn(mail, "/apply/status")).hash;
  await page.goto(at("/shop"));
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL(/\/shop\/purchases\//);
  known.purchase = new URL(page.url()).pathname;
  await context.close();
});
afterAll(() => world?.close());
afterEach(async () => {
  for (const page of seats.values()) await page.unrouteAll({ behavior: "ignoreErrors" });
  expect(world.faults()).toEqual([]);
});

/** A job with a row that is done, and one that is not: there is no such application. */
async function declineByJob(staff: Page, ids: string[]): Promise<string> {
  const answer = await staff.request.post(at("/api/applications/bulk"), {
    headers: { origin: world.run.portalUrl },
    data: { action: "decline", ids, reason: "program_full", reapply: { policy: "after_days", days: 30 } },
  });
  const { job } = (await answer.json()) as { job: { id: string } };
  const done = async () => (await api<{ state: string }>(staff, at(`/api/jobs/${job.id}`))).state === "done";
  await until(done, "the end of the job");
  return job.id;
}

/** What the tests answer in the place of the program. */
const provoked = /503.*\/api\//;
const at = (path: string) => world.run.portalUrl + path;
const looks = [
  { width: 390, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
  { width: 1280, colorScheme: "light" },
  { width: 1280, colorScheme: "dark" },
] as const;
type Look = (typeof looks)[number];
const wear = async (page: Page, { width, colorScheme }: Look) => {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
};

/** One browser for each of them, kept over all screens: opening one takes longer than looking at a page. */
const seats = new Map<Role | undefined, Page>();
async function seatOf(who: Role | undefined): Promise<Page> {
  const kept = seats.get(who);
  if (kept) return kept;
  const page = who ? await world.signIn(who, { provoked }) : (await world.visit({ provoked })).page;
  seats.set(who, page);
  return page;
}

/** What stands where something is going to be. */
const loading = "main [role=status], main .pulse-soft";

async function inspect(page: Page): Promise<string[]> {
  const sideways = await sidewaysPx(page);
  return [...(await violationsOf(page)), ...(sideways > 0 ? [`scrolls sideways by ${sideways} px`] : [])];
}

interface Screen {
  name: string;
  path: () => string;
  who?: Role;
  /** What is there once the screen is; the page's heading unless given. */
  ready?: (page: Page) => Promise<void>;
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole("heading", { name, level: 1 }).waitFor();
const table = (name: string) => (page: Page) => page.getByRole("table", { name }).getByRole("row").nth(1).waitFor();
const press = (button: string, then: (page: Page) => Promise<void>) => async (page: Page) => {
  await page.getByRole("button", { name: button }).first().click();
  await then(page);
};
const dialog = (page: Page) => page.getByRole("dialog").or(page.getByRole("alertdialog")).waitFor();
/** The answer about an ambassador, with a code that a checkout has refused. */
async function failing(route: Route): Promise<void> {
  const answer = await route.fetch();
  const body = await answer.json();
  const [code, ...others] = body.codes;
  const codes = [{ ...code, state: "failed", stateReason: "It was switched off at Stripe, not by Laurel." }, ...others];
  await route.fulfill({ response: answer, json: { ...body, codes } });
}
const selectAll = async (page: Page) => {
  await page.getByLabel("Select all that are shown").check();
  await page.getByRole("region", { name: "Selected applications" }).waitFor();
};

const screens: Screen[] = [
  { name: "welcome", path: () => "/", ready: heading(/Speak for/) },
  { name: "no such page", path: () => "/nowhere", ready: heading("There is nothing here") },
  {
    name: "apply",
    path: () => "/apply",
    ready: (page) => page.getByRole("button", { name: "Send application" }).waitFor(),
  },
  {
    name: "apply, sent empty",
    path: () => "/apply",
    ready: press("Send application", (page) => page.getByText("Please confirm your age.").waitFor()),
  },
  { name: "confirm", path: () => `/apply/confirm${known.token}`, ready: heading("Confirm your application") },
  { name: "confirm without a token", path: () => "/apply/confirm", ready: heading("Confirm your application") },
  {
    name: "status",
    path: () => `/apply/status${known.token}`,
    ready: (page) => page.getByText("Where it stands").waitFor(),
  },
  {
    name: "withdraw",
    path: () => `/apply/status${known.token}`,
    ready: press("Withdraw application", dialog),
  },
  { name: "status without a token", path: () => "/apply/status", ready: heading("Your application") },
  { name: "sign in", path: () => "/sign-in", ready: heading("Sign in") },
  { name: "sign in by link", path: () => "/sign-in#token=somebody.something", ready: heading("Welcome back") },
  {
    name: "sign in by code",
    path: () => "/sign-in",
    ready: async (page) => {
      await page.getByLabel("E-mail").fill("nobody@example.com");
      await press("Send me a link", heading("Check your mail"))(page);
    },
  },
  {
    name: "queue",
    path: () => "/applications",
    who: "manager",
    ready: (page) => page.getByRole("listitem").first().waitFor(),
  },
  {
    name: "application",
    path: () => `/applications/${known.application}`,
    who: "manager",
    ready: (page) => page.getByRole("article").getByRole("button", { name: "Decline" }).waitFor(),
  },
  {
    name: "declined application",
    path: () => `/applications/${known.declined}?status=declined`,
    who: "manager",
    ready: (page) => page.getByRole("region", { name: "Decision" }).waitFor(),
  },
  {
    name: "approving",
    path: () => `/applications/${known.application}`,
    who: "manager",
    ready: press("Approve", (page) => page.getByLabel("Tier").waitFor()),
  },
  {
    name: "declining",
    path: () => `/applications/${known.application}`,
    who: "manager",
    ready: press("Decline", dialog),
  },
  { name: "queue, all selected", path: () => "/applications", who: "manager", ready: selectAll },
  {
    name: "approving many",
    path: () => "/applications",
    who: "manager",
    ready: (page) => selectAll(page).then(() => press("Approve all", dialog)(page)),
  },
  {
    name: "declining many",
    path: () => "/applications",
    who: "manager",
    ready: (page) => selectAll(page).then(() => press("Decline all", dialog)(page)),
  },
  {
    name: "queue, after a decision that can be undone",
    path: () => `/applications/${spare.pop()}`,
    who: "manager",
    ready: async (page) => {
      await press("Decline", dialog)(page);
      await page.getByLabel("Reason").selectOption("program_full");
      await page.getByRole("dialog").getByRole("button", { name: "Decline" }).click();
      await page.getByRole("list", { name: "Decisions that can be undone" }).getByRole("button").waitFor();
    },
  },
  {
    name: "application whose decision can be undone",
    path: () => `/applications/${known.undoable}?status=declined`,
    who: "manager",
    ready: (page) => page.getByRole("region", { name: "Decision" }).getByRole("button", { name: /^Undo/ }).waitFor(),
  },
  { name: "job", path: () => `/jobs/${known.job}`, who: "manager", ready: table("Results") },
  { name: "ambassadors", path: () => "/ambassadors", who: "manager", ready: table("Ambassadors") },
  { name: "ambassador", path: () => `/ambassadors/${known.ambassador}`, who: "manager", ready: table("Orders") },
  {
    name: "ambassadors whose code fails, of whom there are none",
    path: () => "/ambassadors?status=code_failed",
    who: "manager",
    ready: (page) => page.getByText("Every code works").waitFor(),
  },
  {
    name: "an ambassador whose code fails",
    path: () => `/ambassadors/${known.ambassador}`,
    who: "manager",
    ready: async (page) => {
      await page.route(`**/api/ambassadors/${known.ambassador}`, failing);
      await page.reload();
      await page.getByRole("button", { name: /^Try again/ }).waitFor();
      await press("Replace code", dialog)(page);
    },
  },
  { name: "orders", path: () => "/orders", who: "finance", ready: table("Orders") },
  {
    name: "flags",
    path: () => "/flags",
    who: "manager",
    ready: (page) => page.getByRole("button", { name: "Confirm fraud" }).first().waitFor(),
  },
  {
    name: "clearing many flags",
    path: () => "/flags",
    who: "manager",
    ready: async (page) => {
      await page.getByLabel("Select all that are shown").check();
      await page.getByRole("region", { name: "Selected flags" }).getByRole("button", { name: "Clear all" }).click();
      await dialog(page);
    },
  },
  {
    name: "corrections",
    path: () => "/corrections",
    who: "finance",
    ready: (page) => page.getByRole("button", { name: "Approve" }).first().waitFor(),
  },
  {
    name: "claims",
    path: () => "/claims",
    who: "manager",
    ready: (page) => page.getByText("Look at the claim").first().waitFor(),
  },
  {
    name: "own claims",
    path: () => "/home/claims",
    who: "ambassador",
    ready: (page) => page.getByRole("button", { name: "Withdraw" }).first().waitFor(),
  },
  {
    name: "receipt",
    path: () => `/orders/${known.order}`,
    who: "finance",
    ready: (page) => page.getByRole("region", { name: "Sums" }).waitFor(),
  },
  { name: "events", path: () => "/events", who: "owner", ready: table("Events") },
  {
    name: "event",
    path: () => `/events/${known.event}`,
    who: "owner",
    ready: (page) => page.getByText("What was sent").waitFor(),
  },
  { name: "effects", path: () => "/effects", who: "owner", ready: (page) => page.getByText("All done").waitFor() },
  {
    name: "effects that were skipped",
    path: () => "/effects?state=skipped",
    who: "owner",
    ready: (page) => page.getByText("None skipped").waitFor(),
  },
  {
    name: "connections",
    path: () => "/connections",
    who: "owner",
    ready: (page) => page.getByRole("article", { name: "Stripe test account" }).waitFor(),
  },
  {
    name: "connections, to read",
    path: () => "/connections",
    who: "manager",
    ready: (page) => page.getByText("Only owners can change them").waitFor(),
  },
  {
    name: "connecting, with a key that is none",
    path: () => "/connections",
    who: "owner",
    ready: press("Connect Stripe", async (page) => {
      await page.getByLabel("API key").fill("pk_test_publishable");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByText("This is a publishable key.").waitFor();
      await page.getByText("What a restricted key has to be allowed").click();
    }),
  },
  { name: "disconnecting", path: () => "/connections", who: "owner", ready: press("Disconnect", dialog) },
  {
    name: "first steps, all taken",
    path: () => "/setup",
    who: "owner",
    ready: (page) => page.getByText("All set").waitFor(),
  },
  { name: "audit", path: () => "/audit", who: "owner", ready: (page) => page.getByRole("article").first().waitFor() },
  {
    name: "program",
    path: () => "/program",
    who: "owner",
    ready: (page) => page.getByLabel("Name", { exact: true }).waitFor(),
  },
  {
    name: "program, to read",
    path: () => "/program",
    who: "finance",
    ready: (page) => page.getByText("Only owners").waitFor(),
  },
  {
    name: "program, a question more",
    path: () => "/program",
    who: "owner",
    ready: async (page) => {
      await page.getByRole("button", { name: "Add a question" }).click();
      await page.getByLabel("Kind of answer").last().selectOption("choice");
      await page.getByLabel("Choices").last().waitFor();
    },
  },
  {
    name: "rules",
    path: () => "/program/rules",
    who: "owner",
    ready: (page) =>
      page
        .getByRole("article", { name: /^Version/ })
        .first()
        .waitFor(),
  },
  {
    name: "rules, with a number that is none",
    path: () => "/program/rules",
    who: "owner",
    ready: async (page) => {
      await page.getByLabel("How long a click counts").fill("400");
      await page.getByRole("button", { name: "Leave Known customer out" }).click();
      await page.getByText("is a whole number from 1 to 365").waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await page.getByRole("button", { name: "Leave Known customer out" }).waitFor();
    },
  },
  {
    name: "rules, to read",
    path: () => "/program/rules",
    who: "finance",
    ready: (page) => page.getByText("Only owners").waitFor(),
  },
  {
    name: "fraud signals",
    path: () => "/program/fraud",
    who: "owner",
    ready: async (page) => {
      await page.getByLabel(/within the hour/).fill("12");
      await page.getByRole("button", { name: "Back to 30" }).click();
      await page.getByRole("checkbox", { name: "Many orders go back" }).waitFor();
    },
  },
  {
    name: "campaigns",
    path: () => "/program/campaigns",
    who: "owner",
    ready: press("Change dates", dialog),
  },
  {
    name: "known customers",
    path: () => "/program/customers",
    who: "manager",
    ready: async (page) => {
      await page.getByLabel("E-mail addresses").fill("ada@example.com\nnobody");
      await page.getByRole("button", { name: "Read the list" }).click();
      await page.getByRole("button", { name: "Import 1 customer" }).waitFor();
    },
  },
  {
    name: "connecting Shopify",
    path: () => "/connections",
    who: "owner",
    ready: press("Connect Shopify", dialog),
  },
  {
    name: "rules on trial",
    path: () => "/program/rules",
    who: "owner",
    ready: async (page) => {
      await page.getByRole("button", { name: "Move Promo code down" }).click();
      await press("Try on past orders", dialog)(page);
      await page.getByRole("button", { name: "Try them" }).click();
      await page.getByRole("region", { name: "What came of it" }).waitFor();
    },
  },
  { name: "home", path: () => "/home", who: "ambassador", ready: table("Your orders") },
  {
    name: "own code",
    path: () => "/home",
    who: "ambassador",
    ready: press("Choose your own code", async (page) => {
      await page.getByRole("textbox", { name: "Your code" }).fill("MOSS & STONE");
      await page.getByText("Only the letters A to Z").waitFor();
    }),
  },
  {
    name: "own receipt",
    path: () => `/home/orders/${known.own}`,
    who: "ambassador",
    ready: (page) => page.getByRole("region", { name: "Sums" }).waitFor(),
  },
  { name: "shop", path: () => "/shop", ready: heading(/Buy something/) },
  {
    name: "purchase",
    path: () => known.purchase,
    ready: (page) => page.getByText("Laurel answered 200").first().waitFor(),
  },
  { name: "guidelines", path: () => "/local/documents/guidelines" },
  {
    name: "the API's documents",
    path: () => "/api/docs",
    ready: (page) => page.locator(".opblock").first().waitFor(),
  },
];

describe("every screen reads well for everybody and never scrolls sideways", () => {
  test.each(screens)("$name", async ({ path, who, ready }) => {
    const page = await seatOf(who);
    const found: string[] = [];
    for (const width of [390, 1280]) {
      const both = looks.filter((look) => look.width === width);
      await wear(page, both[0]!);
      await page.goto("about:blank");
      await page.goto(at(path()));
      await (ready ?? heading(/./))(page);
      await page.locator(loading).first().waitFor({ state: "detached" });
      for (const problem of await inspect(page)) found.push(`${width}: ${problem}`);
      // Another scheme changes nothing but colours.
      await wear(page, both[1]!);
      for (const problem of await violationsOf(page, ["color-contrast"])) found.push(`${width} dark: ${problem}`);
    }
    expect(found).toEqual([]);
  });
});

interface List {
  name: string;
  path: string;
  who: Role;
  /** The API's path that is held, refused or emptied. */
  from: string;
  empty: string | RegExp;
  /** What is there once it has loaded. */
  rows: (page: Page) => Promise<void>;
}

const lists: List[] = [
  {
    name: "queue",
    path: "/applications",
    who: "manager",
    from: "/api/applications",
    empty: "All read",
    rows: (page) => page.getByRole("region", { name: "List of applications" }).getByRole("listitem").first().waitFor(),
  },
  {
    name: "ambassadors",
    path: "/ambassadors",
    who: "manager",
    from: "/api/ambassadors",
    empty: "No ambassadors yet",
    rows: table("Ambassadors"),
  },
  {
    name: "orders",
    path: "/orders",
    who: "manager",
    from: "/api/orders",
    empty: "No orders yet",
    rows: table("Orders"),
  },
  {
    name: "events",
    path: "/events",
    who: "manager",
    from: "/api/events",
    empty: "Nothing has arrived yet",
    rows: table("Events"),
  },
  {
    name: "connections",
    path: "/connections",
    who: "manager",
    from: "/api/connections",
    empty: "No checkout is connected",
    rows: (page) => page.getByRole("article", { name: "Stripe test account" }).waitFor(),
  },
  {
    name: "audit",
    path: "/audit",
    who: "manager",
    from: "/api/audit",
    empty: "No entries",
    rows: (page) => page.getByRole("article").first().waitFor(),
  },
  {
    name: "own orders",
    path: "/home",
    who: "ambassador",
    from: "/api/me/orders",
    empty: "No orders yet",
    rows: table("Your orders"),
  },
  {
    name: "own balances",
    path: "/home",
    who: "ambassador",
    from: "/api/me/balances",
    empty: /^Nothing yet\. Your first order/,
    rows: (page) => page.getByLabel("Balance in EUR").waitFor(),
  },
  {
    name: "own codes",
    path: "/home",
    who: "ambassador",
    from: "/api/me/codes",
    empty: "No code yet",
    rows: (page) => page.getByRole("button", { name: "Copy code" }).waitFor(),
  },
  {
    name: "next releases",
    path: "/home",
    who: "ambassador",
    from: "/api/me/commissions",
    empty: /^Nothing is waiting/,
    rows: (page) => page.getByRole("region", { name: "Released next" }).getByRole("listitem").first().waitFor(),
  },
];

const isAt = (path: string) => (url: URL) => url.pathname === path;
const refused = {
  status: 503,
  contentType: "application/problem+json",
  headers: { "retry-after": "5" },
  body: JSON.stringify({
    type: "urn:laurel:problem:unavailable",
    title: "Not available at the moment",
    status: 503,
    code: "unavailable",
    detail: "The data cannot be reached. Try again in a moment.",
    requestId: "req_test",
  }),
};
describe.each([looks[1], looks[2]])("lists at $width px", (look) => {
  test.each(lists)("$name: loading, then there", async ({ path, who, from, rows }) => {
    const page = await seatOf(who);
    await wear(page, look);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked = new Promise<void>((resolve) => {
      void page.route(isAt(from), async (route: Route) => {
        resolve();
        await held;
        await route.continue();
      });
    });
    await page.goto(at(path));
    await asked;
    await page.locator(loading).first().waitFor();
    expect(await inspect(page)).toEqual([]);
    release();
    await rows(page);
  });

  test.each(lists)("$name: failed, and tried again", async ({ path, who, from, rows }) => {
    const page = await seatOf(who);
    await wear(page, look);
    const there = isAt(from);
    await page.route(there, (route) => route.fulfill(refused));
    await page.goto(at(path));
    const alert = page.getByRole("alert").filter({ hasText: "The data cannot be reached." });
    await alert.waitFor();
    expect(await inspect(page)).toEqual([]);
    await page.unroute(there);
    await alert.getByRole("button", { name: "Try again" }).click();
    await rows(page);
  });

  test.each(lists)("$name: empty", async ({ path, who, from, empty }) => {
    const page = await seatOf(who);
    await wear(page, look);
    await page.route(isAt(from), (route) => route.fulfill({ json: { items: [], cursor: null } }));
    await page.goto(at(path));
    await page.getByRole("main").getByText(empty).waitFor();
    expect(await inspect(page)).toEqual([]);
  });
});

const steps = [
  { step: "sign_in", state: "done", about: null, href: null },
  { step: "connect", state: "done", about: null, href: null },
  {
    step: "sender",
    state: "next",
    about: "Amazon SES does not see the records of shop.example yet.",
    href: "https://eu-central-1.console.aws.amazon.com/ses/home?region=eu-central-1#/identities/shop.example",
  },
  { step: "sandbox", state: "waiting", about: "Amazon is looking at the request; that takes about a day.", href: null },
  { step: "brand", state: "later", about: null, href: null },
  { step: "share", state: "later", about: null, href: null },
  { step: "first_event", state: "later", about: null, href: null },
];

test.each([looks[1], looks[2]])(
  "first steps at $width px: told where an owner begins, and taken one by one",
  async (look) => {
    const page = await seatOf("owner");
    await wear(page, look);
    const there = isAt("/api/setup");
    await page.route(there, (route) => route.fulfill({ json: { finished: false, steps } }));
    await page.goto(at("/applications"));
    const banner = page.getByRole("region", { name: "First steps" });
    await banner.getByText("Next: Verify the sender.").waitFor();
    expect(await inspect(page)).toEqual([]);
    await banner.getByRole("link", { name: "Go on" }).click();
    await page.getByRole("region", { name: "Verify the sender" }).getByText("does not see the records").waitFor();
    expect(await page.getByRole("link", { name: "Open Amazon SES" }).getAttribute("href")).toBe(steps[2]!.href);
    expect(await inspect(page)).toEqual([]);
    await page.unroute(there);
    await page.route(there, (route) => route.fulfill(refused));
    await page.goto(at("/setup"));
    await page.getByRole("alert").filter({ hasText: "The data cannot be reached." }).waitFor();
    expect(await inspect(page)).toEqual([]);
  },
);

const trouble = (kind: string, stopped: boolean) => ({
  personId: "per_01jd0000000000000000000000",
  kind,
  stopped,
  since: "2026-06-03T10:00:00.000Z",
  because: "the mailbox does not exist or takes no mail from us",
});

test.each([
  [trouble("bounced", true), "Mail does not reach this address since"],
  [trouble("complained", true), "No mails are sent since"],
  [trouble("returned", false), "A mail came back on"],
])("an ambassador whom mail does not reach: %o", async (mailTrouble, words) => {
  const page = await seatOf("manager");
  const there = isAt(`/api/ambassadors/${known.ambassador}`);
  await page.route(there, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), mailTrouble } });
  });
  for (const look of [looks[1], looks[2]]) {
    await wear(page, look);
    await page.goto(at(`/ambassadors/${known.ambassador}`));
    const note = page.getByRole("region", { name: "Mail" });
    await note.getByText(words).waitFor();
    expect(await inspect(page)).toEqual([]);
    const allow = note.getByRole("button", { name: /^Send mail again/ });
    expect(await allow.count()).toBe(mailTrouble.stopped ? 1 : 0);
    if (!mailTrouble.stopped) continue;
    await allow.click();
    await page.getByLabel("How did they confirm?").waitFor();
    expect(await inspect(page)).toEqual([]);
  }
});

test("more rows that fail leave those that are there, and can be asked for again", async () => {
  const page = await seatOf("manager");
  await page.goto(at("/orders"));
  const rows = page.getByRole("table", { name: "Orders" }).getByRole("row");
  await rows.nth(1).waitFor();
  const before = await rows.count();
  const there = isAt("/api/orders");
  await page.route(there, (route) => route.fulfill(refused));
  const more = page.getByRole("button", { name: "Show more" });
  await more.click();
  await page.getByRole("alert").waitFor();
  expect(await rows.count()).toBe(before);
  await page.unroute(there);
  await more.click();
  await rows.nth(before).waitFor();
});

test("a session that ended elsewhere leads to sign-in and back to the same screen", async () => {
  const page = await world.signIn("finance", { provoked: /401.*\/api\// });
  await page.goto(at("/orders"));
  await table("Orders")(page);
  await page.context().clearCookies();
  await page.getByRole("link", { name: "Events" }).click();
  await page.waitForURL(/\/sign-in\?from=/);
  await heading("Sign in")(page);
  await page.context().close();
});

/** The window comes to the front again after a while, and what is on the page is read anew. */
async function comeBack(page: Page): Promise<void> {
  await page.clock.fastForward("02:00");
  await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
}

test("what was typed outlives a reading that fails and a session that ends", async () => {
  const page = await world.signIn("owner", { provoked: /(401|503).*\/api\// });
  await page.clock.install();
  await page.goto(at("/program"));
  const voice = page.getByLabel("Voice");
  await voice.fill("Half an hour of careful words.");
  const there = isAt("/api/program");
  const failed = page.waitForResponse((response) => response.status() === 503);
  await page.route(there, (route) => route.fulfill(refused));
  await comeBack(page);
  await failed;
  await page.clock.fastForward("00:02");
  expect(await voice.inputValue()).toBe("Half an hour of careful words.");
  await page.unroute(there);

  const cookies = await page.context().cookies();
  await page.context().clearCookies();
  const ended = page.waitForResponse((response) => response.status() === 401);
  await comeBack(page);
  await ended;
  const told = page.getByRole("region", { name: "Messages" }).getByText("Your session has ended.");
  await told.waitFor();
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("alert").getByText("Sign in to go on.").waitFor();
  expect(await voice.inputValue()).toBe("Half an hour of careful words.");

  // As a sign-in in another tab does.
  await page.context().addCookies(cookies);
  await page.getByRole("button", { name: "Save changes" }).click();
  await page.getByRole("region", { name: "Messages" }).getByText("Saved.").waitFor();
  await page.context().close();
});
