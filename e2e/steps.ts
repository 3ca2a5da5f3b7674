import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Somebody who is not in the demo. */
export interface Applicant {
  name: string;
  email: string;
}

/** Fills the application as a person does and sends it. */
export async function apply(page: Page, { name, email }: Applicant): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Country").selectOption({ label: "Sweden" });
  const channel = page.getByRole("group", { name: "Channel 1" });
  await channel.getByLabel("Platform").selectOption({ label: "YouTube" });
  await channel.getByLabel("Followers").fill("12,400");
  await channel.getByLabel("Handle").fill("@annika.outside");
  await page.getByRole("button", { name: "Outdoors" }).click();
  await page.getByLabel(/^Why /).fill("I walk every week in your shoes, and people on the trail ask me about them.");
  for (const tick of [/18 years old/, /will follow them/, /I accept the/, /privacy notice/])
    await page.getByRole("checkbox", { name: tick }).check();
  await page.getByRole("button", { name: "Send application" }).click();
  await page.getByRole("heading", { name: "Check your mail", level: 1 }).waitFor();
}

/** What the API answers to whoever is signed in on a page. */
export async function api<T>(page: Page, path: string): Promise<T> {
  // A server closes what was idle for 5 s, maybe just as it is used again.
  const answer = await page.request.get(path, { maxRetries: 3 });
  expect(answer.status(), path).toBe(200);
  return (await answer.json()) as T;
}

/** Waits until a locator's text is what it should be; says what it was. */
export async function shows(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** The lines of a receipt's sums: label → amount, as a reader sees them. */
export async function sumsOf(page: Page): Promise<string> {
  const sums = page.getByRole("region", { name: "Sums" });
  await sums.waitFor();
  return (await sums.innerText()).replaceAll(/\s+/g, " ");
}
