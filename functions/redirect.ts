import { recordClick } from "@laurel/core/click/record.ts";
import type { Log, NewId } from "@laurel/core/kernel";
import { getItem, keys, type Table } from "@laurel/core/table";
import { Hono } from "hono";
import { isbot } from "isbot";

/** What the redirect needs of a runtime. It is kept small, because every visitor waits for its cold start. */
export interface RedirectParts {
  table: Table;
  now: () => Date;
  newId: NewId;
  log: Log;
}

const cacheMs = 30_000;
const cacheSize = 5_000;

interface Landing {
  url: string;
  /** Absent where no click is to be counted: the code is not known, or its ambassador is no longer active. */
  code: { code: string; ambassadorId: string } | undefined;
}

/**
 * `/r/<code>`: where an ambassador's link leads. Always to the brand's own pages, never to an address from the request.
 * The click is recorded before the answer, because nothing runs after a function has answered; where that fails the visitor
 * is sent on all the same.
 */
export function createRedirect({ table, now, newId, log }: RedirectParts): Hono {
  const app = new Hono();
  const landings = cached((code: string) => findLanding(table, code));
  app.on(["GET", "HEAD"], "/r/:code", async (c) => {
    const code = c.req.param("code").toUpperCase();
    const landing = await landings(/^[A-Z0-9]{3,20}$/.test(code) ? code : "");
    const to = new URL(landing.url);
    for (const [name, values] of Object.entries(c.req.queries()))
      if (!to.searchParams.has(name)) for (const value of values) to.searchParams.append(name, value);
    if (landing.code && c.req.method === "GET" && !isbot(c.req.header("user-agent") ?? "")) {
      try {
        const click = await recordClick({ table, now, newId }, landing.code);
        to.searchParams.set("laurel_click", click);
        to.searchParams.set("laurel_code", landing.code.code);
      } catch (error) {
        log.error("click.lost", { code: landing.code.code, error: String(error) });
      }
    }
    c.header("Cache-Control", "no-store");
    c.header("Referrer-Policy", "strict-origin-when-cross-origin");
    return c.redirect(to.href, 302);
  });
  app.all("/r/:code", (c) => {
    c.header("Allow", "GET, HEAD");
    return c.text("A link is opened with GET.", 405);
  });
  app.notFound((c) => c.text("There is no such link.", 404));
  app.onError((error, c) => {
    log.error("redirect.failed", { error: String(error) });
    c.header("Retry-After", "5");
    return c.text("This link does not work at the moment. Please try again in a few seconds.", 503);
  });
  return app;
}

async function findLanding(table: Table, code: string): Promise<Landing> {
  const [item, settings] = await Promise.all([
    code ? getItem(table, keys.code(code)) : undefined,
    getItem(table, { pk: "PROGRAM", sk: "SETTINGS" }),
  ]);
  if (!settings) throw new Error("The program is not set up yet");
  if (item?.ambassadorStatus !== "active") return { url: settings.shopUrl, code: undefined };
  const campaign = await getItem(table, { pk: "PROGRAM", sk: `CAMPAIGN#${item.campaignId}` });
  return { url: campaign?.landingUrl ?? settings.shopUrl, code: { code: item.code, ambassadorId: item.ambassadorId } };
}

/** Remembers answers for a short while, and never more of them than fit. */
function cached<T>(load: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const kept = new Map<string, { at: number; value: T }>();
  return async (key) => {
    const known = kept.get(key);
    if (known && performance.now() - known.at < cacheMs) return known.value;
    const value = await load(key);
    kept.delete(key);
    if (kept.size >= cacheSize) kept.delete(kept.keys().next().value!);
    kept.set(key, { at: performance.now(), value });
    return value;
  };
}
