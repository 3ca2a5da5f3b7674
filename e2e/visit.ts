import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

export interface VisitOptions {
  width?: number;
  dark?: boolean;
  /** Whose cookies the browser has. */
  storageState?: BrowserContextOptions["storageState"];
  /** Answers that the test brings about itself; the browser reports them in its console. */
  provoked?: RegExp;
}

/** A browser of one person, with nothing in it but what they bring. */
export interface Visit {
  page: Page;
  context: BrowserContext;
}

/** The name of the same browser with a person before it; one without a window is taken for a robot, whose clicks do not count. */
const personsBrowser = (version: string) =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version.split(".")[0]}.0.0.0 Safari/537.36`;

/** A page asks who is signed in, and "nobody" is an answer of 401. */
const whoIsIt = /401.* \S*\/api\/me$/;

/**
 * Opens a page that reports whatever a person should never meet: errors in the console, exceptions, breaches of the
 * content policy.
 */
export async function openVisit(
  browser: Browser,
  { width = 1280, dark = false, storageState, provoked }: VisitOptions,
  fault: (text: string) => void,
): Promise<Visit> {
  const context = await browser.newContext({
    userAgent: personsBrowser(browser.version()),
    viewport: { width, height: 900 },
    colorScheme: dark ? "dark" : "light",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
    ...(storageState ? { storageState } : {}),
  });
  context.setDefaultTimeout(20_000);
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`),
    );
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => fault(`${page.url()}: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    const text = `${message.text()} ${message.location().url}`;
    if (!whoIsIt.test(text) && !provoked?.test(text)) fault(`${page.url()}: console: ${text}`);
  });
  return { page, context };
}

/**
 * What axe finds wrong with a page, each in one line.
 * @param rules only these; all of them unless given
 */
export async function violationsOf(page: Page, rules?: string[]): Promise<string[]> {
  // Our pages have no frames, so all of it can run in the page itself: the other way opens a page for each run.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary?.replaceAll("\n", " ")}`),
  );
}

/** How far a page scrolls sideways, in pixels. */
export const sidewaysPx = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
