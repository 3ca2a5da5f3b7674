import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Program, Rules } from "@laurel/contract";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject, test } from "vitest";
import { type Keyboard, keyboardOf } from "./keyboard.ts";
import { openWorld, type World } from "./world.ts";

/* An owner sets up how the program counts, with a keyboard alone where that is not said otherwise. */

let world: World;
let owner: Page;
let keyboard: Keyboard;
const faults: string[] = [];
const folders: string[] = [];
function fileOf(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "laurel-list-"));
  folders.push(folder);
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

beforeAll(async () => {
  world = await openWorld(inject("seeded"));
  owner = await world.signIn("owner", { provoked: /409.*\/api\/program$/ });
  keyboard = await keyboardOf(owner, (text) => faults.push(text));
  await owner.goto(at("/program"));
});
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  await world?.close();
});
afterEach(() => {
  expect([...world.faults(), ...faults.splice(0)]).toEqual([]);
});

const at = (path: string) => world.run.portalUrl + path;
const button = (name: string) => owner.getByRole("button", { name, exact: true });
const saved = () => owner.getByText("Saved. It takes effect").first();
/** Asked from the page: a connection that the program has closed as idle is opened anew there. */
const ask = <T>(path: string) => owner.evaluate(async (to) => (await fetch(to)).json(), path) as Promise<T>;
const program = () => ask<Program>("/api/program");
const rulesOf = async (): Promise<Rules> => (await program()).rules;

test("rules are changed, told in words before they are saved, and kept with who saved them", async () => {
  const before = await rulesOf();
  await owner.goto(at("/program/rules"));
  await keyboard.enter(button("Move Link click up"));
  // Focus stays with what was moved.
  await expect.poll(() => owner.locator(":focus").getAttribute("aria-label")).toBe("Move Link click down");
  await keyboard.fill(owner.getByLabel("How long a click counts"), "45");
  const says = owner.getByRole("region", { name: "What these rules say" });
  await says.getByText("A click on a link is believed before a promo code").waitFor();
  await says.getByText("A click counts for 45 days").waitFor();
  await keyboard.press("Enter");
  await saved().waitFor();
  const version = owner.getByRole("article", { name: `Version ${before.version + 1}` });
  await version.getByText("In force").waitFor();
  await version.getByText(/^Since .*, by (?!somebody)/).waitFor();
  await version.getByText("45 days").first().waitFor();
  expect(await rulesOf()).toEqual({
    ...before,
    precedence: ["click", "promotion_code", "customer"],
    clickWindowDays: 45,
    version: before.version + 1,
  });
});

test("what somebody else saved meanwhile is shown, and both stand in the end", async () => {
  const { version, holdDays } = await program();
  await owner.goto(at("/program/rules"));
  await keyboard.fill(owner.getByLabel("How long a click counts"), "50");
  const meanwhile = { version, holdDays: holdDays + 3, rules: { newCustomersOnly: true } };
  const status = await owner.evaluate(async (body) => {
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/program", { method: "PATCH", headers, body: JSON.stringify(body) })).status;
  }, meanwhile);
  expect(status).toBe(200);
  await keyboard.press("Enter");
  const told = owner.getByRole("alert");
  await told.getByText("Somebody else saved changes meanwhile").waitFor();
  await told.getByText(`${holdDays + 3} days`).waitFor();
  await told.getByText("New customers only").waitFor();
  await keyboard.enter(button("Save mine as well"));
  await saved().waitFor();
  expect(await program()).toMatchObject({
    version: version + 2,
    holdDays: holdDays + 3,
    rules: { clickWindowDays: 50, newCustomersOnly: true },
  });
});

test("nobody leaves what is not saved without being asked", async () => {
  await owner.goto(at("/program/rules"));
  await keyboard.fill(owner.getByLabel("How long a click counts"), "5");
  await keyboard.enter(owner.getByRole("link", { name: "Fraud signals" }));
  await owner.getByRole("alertdialog").getByText("Leave without saving?").waitFor();
  await keyboard.enter(button("Stay here"));
  await owner.getByRole("alertdialog").waitFor({ state: "detached" });
  expect(await owner.getByLabel("How long a click counts").inputValue()).toBe("5");
  await keyboard.enter(button("Undo"));
  await keyboard.enter(owner.getByRole("link", { name: "Fraud signals" }));
  await owner.getByRole("heading", { name: "Signals" }).waitFor();
});

test("signals are switched off and tuned, and go back to what is usual", async () => {
  await keyboard.fill(owner.getByLabel(/within the hour/), "50");
  await keyboard.press("Enter");
  await saved().waitFor();
  expect((await program()).fraud.thresholds).toEqual({ velocity: 50 });
  await keyboard.enter(button("Back to 30, the default of: Very many orders at once"));
  await keyboard.enter(button("Save changes"));
  await expect.poll(async () => (await program()).fraud.thresholds).toEqual({});
});

test("a campaign's dates are changed, and taken back from the message that tells it", async () => {
  const dates = async () =>
    (await ask<{ items: { startsOn: string | null; endsOn: string | null }[] }>("/api/campaigns")).items[0]!;
  const before = await dates();
  await owner.goto(at("/program/campaigns"));
  await keyboard.enter(owner.getByRole("button", { name: "Change dates" }).first());
  await owner.getByLabel("Last day").fill("2031-12-31");
  await keyboard.enter(button("Save dates"));
  await expect.poll(async () => (await dates()).endsOn).toBe("2031-12-31");
  await keyboard.enter(owner.getByRole("region", { name: "Messages" }).getByRole("button", { name: "Undo" }));
  await expect.poll(dates).toEqual(before);
});

test("known customers are taken in by their hashes alone, and a list that comes again changes nothing", async () => {
  const bodies: string[] = [];
  owner.on("request", (request) => bodies.push(`${request.url()} ${request.postData() ?? ""}`));
  const rows = Array.from({ length: 4500 }, (_, n) => `${n};"Secret, Name ${n}";before-${n}@example.org;1`);
  const list = Buffer.from(["\ufeffId;Name;E-Mail;Orders", ...rows, "x;Nobody;;0"].join("\r\n"));
  const take = async (known: number) => {
    await owner.goto(at("/program/customers"));
    await owner
      .locator("input[type=file]")
      .setInputFiles({ name: "customers.csv", mimeType: "text/csv", buffer: list });
    await owner.getByText("Line 4502 holds neither").waitFor();
    await keyboard.enter(button("Import 4,500 customers"));
    const result = owner.getByRole("article", { name: "customers.csv" });
    await result.getByText("Taken in").waitFor({ timeout: 120_000 });
    expect(await result.locator("dd").allInnerTexts()).toEqual(
      [4500 - known, known, 1].map((each) => new Intl.NumberFormat("en-GB").format(each)),
    );
  };
  await take(0);
  await take(4500);
  const sent = bodies.filter((each) => each.includes("/api/customers/imports"));
  expect(sent).toHaveLength(6);
  expect(bodies.join("\n")).not.toMatch(/before-\d|example\.org|Secret/);
});

test("a list of 100,000 is read while the page goes on answering", async () => {
  await owner.goto(at("/program/customers"));
  const rows = Array.from({ length: 100_000 }, (_, n) => `${n};Name ${n};many-${n}@example.org`);
  // How often the page could do something else meanwhile, and how long it ever kept a person waiting.
  await owner.evaluate(() => {
    const scope = window as unknown as { turns: number; longestMs: number };
    Object.assign(scope, { turns: 0, longestMs: 0 });
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      scope.turns++;
      scope.longestMs = Math.max(scope.longestMs, now - last);
      last = now;
    }, 10);
  });
  const began = performance.now();
  // From a file: handing the bytes over would keep the page busy itself.
  await owner.locator("input[type=file]").setInputFiles(fileOf("many.csv", rows.join("\n")));
  await owner.getByRole("button", { name: "Import 100,000 customers" }).waitFor({ timeout: 120_000 });
  const { turns, longestMs } = await owner.evaluate(() => {
    const { turns, longestMs } = window as unknown as { turns: number; longestMs: number };
    return { turns, longestMs };
  });
  console.log(
    `100,000 customers read and hashed in ${Math.round(performance.now() - began)} ms; the page answered within ${Math.round(longestMs)} ms`,
  );
  expect(turns).toBeGreaterThan(20);
});
