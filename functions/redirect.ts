import { recordClick } from "@laurel/core/click/record.ts";
import { signsOf } from "@laurel/core/click/signs.ts";
import type { Log } from "@laurel/core/kernel/context.ts";
import { errorOf } from "@laurel/core/kernel/failure.ts";
import { idMaker, type NewId } from "@laurel/core/kernel/ids.ts";
import { type Metrics, noMetrics } from "@laurel/core/kernel/metrics.ts";
import type { Table } from "@laurel/core/table/client.ts";
import { Hono } from "hono";
import { isbot } from "isbot";
import { tableOf } from "./assemble.ts";
import { behindFront } from "./front.ts";
import { openLandings } from "./landing.ts";
import { plainTelemetry } from "./plain-telemetry.ts";
import { setting, settings } from "./settings.ts";
import { within } from "./within.ts";

/** What the redirect needs of a runtime. It is kept small, because every visitor waits for its cold start. */
export interface RedirectParts {
  table: Table;
  now: () => Date;
  newId: NewId;
  log: Log;
  metrics?: Metrics;
}

/** So long a visitor waits for their click to be recorded. */
const clickPatienceMs = 1_000;
/** What a visitor brings along is passed on as long as the address stays shorter than this. */
const longestUrl = 4_000;

/**
 * `GET|HEAD /r/<code>`: where an ambassador's link leads, whatever its letters' case. Answers 302, always to an address
 * of the brand's own settings, never to one from the request.
 *
 * | who comes | goes to | click |
 * |---|---|---|
 * | a visitor, by the code of an active ambassador | the campaign's landing page, with `laurel_click` and `laurel_code` | recorded before the answer |
 * | a bot, a program without a user agent, or `HEAD` | the same page, without the two | none |
 * | anybody, by the code of somebody suspended, banned or gone | the shop's front page | none |
 * | anybody, by a code that does not exist, or no code | the shop's front page | none |
 *
 * The code at the checkout plays no part: while it is being made, or failed there, the link counts clicks all the same.
 * The visitor's query is passed on, except what the landing page's own address says already and names that begin with
 * `laurel_`. A landing is remembered for 30 s, and longer only while the table does not answer; then visitors are sent on
 * without a click. What nobody remembers answers 503 with Retry-After.
 */
export function createRedirect({ table, now, newId, log, metrics = noMetrics }: RedirectParts): Hono {
  const app = new Hono();
  const landings = openLandings(table, log);

  app.on(["GET", "HEAD"], ["/r", "/r/*"], async (c) => {
    const { pathname, searchParams } = new URL(c.req.url);
    const landing = await landings(codeIn(pathname));
    const extra = passedOn(landing.url, searchParams);
    if (landing.code && c.req.method === "GET" && isVisitor(c.req.header("user-agent"))) {
      try {
        const signs = signsOf(searchParams, c.req.header("referer"));
        const click = await within(clickPatienceMs, recordClick({ table, now, newId }, landing.code, signs));
        extra.push(["laurel_click", click], ["laurel_code", landing.code.code]);
      } catch (error) {
        metrics.record("LostClicks");
        log.error("click.lost", { ambassadorId: landing.code.ambassadorId, ...errorOf(error) });
      }
    }
    c.header("Cache-Control", "no-store");
    c.header("Referrer-Policy", "strict-origin-when-cross-origin");
    return c.redirect(withQuery(landing.url, extra), 302);
  });
  app.all("/r/*", (c) => {
    c.header("Allow", "GET, HEAD");
    return c.text("A link is opened with GET.", 405);
  });
  app.notFound((c) => c.text("There is no such link.", 404));
  app.onError((error, c) => {
    log.error("redirect.failed", errorOf(error));
    c.header("Retry-After", "5");
    c.header("Cache-Control", "no-store");
    return c.text("This link does not work at the moment. Please try again in a few seconds.", 503);
  });
  return app;
}

/** Somebody at a browser. Every browser says which one it is. */
const isVisitor = (userAgent: string | undefined): boolean => !!userAgent && !isbot(userAgent);

/**
 * The code that a path names, in upper case; "" where it names none. A slash or a full stop behind it comes from the
 * text in which the link stood.
 */
function codeIn(pathname: string): string {
  const [, part = ""] = /^\/r\/([^/]*)\/?$/.exec(pathname) ?? [];
  try {
    const [, code = ""] = /^([A-Za-z0-9]{3,20})[.,;:!?)\]'"’”»]*$/.exec(decodeURIComponent(part)) ?? [];
    return code.toUpperCase();
  } catch {
    return "";
  }
}

/** The parts of a visitor's query that travel on, in their order. */
function passedOn(landing: string, query: URLSearchParams): [string, string][] {
  const { searchParams: own, href } = new URL(landing);
  const extra: [string, string][] = [];
  let length = href.length;
  for (const [name, value] of query) {
    if (name === "" || own.has(name) || /^laurel_/i.test(name)) continue;
    length += new URLSearchParams([[name, value]]).toString().length + 1;
    if (length > longestUrl) break;
    extra.push([name, value]);
  }
  return extra;
}

/** The landing's own query stays as its owner wrote it. */
function withQuery(landing: string, extra: [string, string][]): string {
  const to = new URL(landing);
  const added = new URLSearchParams(extra).toString();
  if (added) to.search = to.search ? `${to.search}&${added}` : added;
  return to.href;
}

/** The deployed redirect, at /r. */
export const handler = behindFront({
  telemetry: plainTelemetry,
  secrets: () => settings("ORIGIN_SECRETS").ORIGIN_SECRETS,
  start: async () => settings("TABLE_NAME"),
  make: ({ TABLE_NAME }) => {
    const { log, metrics } = plainTelemetry();
    const now = () => new Date();
    const table = tableOf({ TABLE_NAME, DYNAMODB_ENDPOINT: setting("DYNAMODB_ENDPOINT") }, metrics);
    return createRedirect({ table, now, newId: idMaker(now), log, metrics });
  },
});
