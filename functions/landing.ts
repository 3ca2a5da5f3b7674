import { errorOf, type Log } from "@laurel/core/kernel";
import { getItem, type Item, keys, type Table } from "@laurel/core/table";
import { within } from "./within.ts";

/** Where a link leads, and whose visit it is. */
export interface Landing {
  /** An address of the brand's own. */
  url: string;
  /** Absent where no click is to be counted: the code is not known, or its ambassador is not active. */
  code: { code: string; ambassadorId: string } | undefined;
}

/** What is remembered is good for so long; a ban, or another landing page, is noticed within it. */
const freshMs = 30_000;
/** While the table does not answer, what was remembered is good for so long … */
const outageMs = 3_600_000;
/** … and the table is asked again after so long, so that not every visitor waits for it. */
const askAgainMs = 5_000;
/** So long a visitor waits for the table. */
const patienceMs = 2_000;
const most = 5_000;

/**
 * Finds out where the link of a code leads: an active ambassador's to the landing page of the campaign, any other to the
 * shop's front page. Codes that exist are remembered; one that does not may be made at any moment.
 * @returns for a code in upper case, or "" for none
 * @throws when the table does not answer and nothing is remembered
 */
export function openLandings(table: Table, log: Log): (code: string) => Promise<Landing> {
  const front = remembering(log, () => frontPage(table));
  const landings = remembering(log, (code) => landingOf(table, code));
  return async (code) => (code && (await landings(code))) || { url: (await front(""))!, code: undefined };
}

async function frontPage(table: Table): Promise<string> {
  const settings = await getItem(table, { pk: "PROGRAM", sk: "SETTINGS" });
  if (!isWeb(settings?.shopUrl)) throw new Error("The program has no shop to lead to");
  return settings!.shopUrl;
}

/** Undefined for a code that does not exist. */
async function landingOf(table: Table, code: string): Promise<Landing | undefined> {
  const item = await getItem(table, keys.code(code));
  if (!item) return undefined;
  if (item.ambassadorStatus !== "active") return { url: await frontPage(table), code: undefined };
  const campaign: Item | undefined = await getItem(table, { pk: "PROGRAM", sk: `CAMPAIGN#${item.campaignId}` });
  return {
    url: isWeb(campaign?.landingUrl) ? campaign!.landingUrl : await frontPage(table),
    code: { code: item.code, ambassadorId: item.ambassadorId },
  };
}

/** Addresses are checked when they are written; this is the last door before a browser. */
function isWeb(url: unknown): url is string {
  if (typeof url !== "string" || !URL.canParse(url)) return false;
  return ["https:", "http:"].includes(new URL(url).protocol);
}

/**
 * Remembers what was found, never more than fits, and asks once where many want the same. When asking fails or takes too
 * long, what was found before serves on.
 */
function remembering<T>(
  log: Log,
  find: (key: string) => Promise<T | undefined>,
): (key: string) => Promise<T | undefined> {
  const kept = new Map<string, { value: T; foundAt: number; goodUntil: number }>();
  const asking = new Map<string, Promise<T | undefined>>();

  async function ask(key: string): Promise<T | undefined> {
    const startedAt = performance.now();
    try {
      const value = await within(patienceMs, find(key));
      kept.delete(key);
      if (value !== undefined) {
        if (kept.size >= most) kept.delete(kept.keys().next().value!);
        // From before the question: what was read may have changed while it was on its way.
        kept.set(key, { value, foundAt: startedAt, goodUntil: startedAt + freshMs });
      }
      return value;
    } catch (error) {
      const before = kept.get(key);
      if (!before || startedAt - before.foundAt > outageMs) throw error;
      log.warn("redirect.remembered", errorOf(error));
      before.goodUntil = performance.now() + askAgainMs;
      return before.value;
    }
  }

  return (key) => {
    const known = kept.get(key);
    if (known && performance.now() < known.goodUntil) return Promise.resolve(known.value);
    let answer = asking.get(key);
    if (!answer) {
      answer = ask(key).finally(() => asking.delete(key));
      asking.set(key, answer);
    }
    return answer;
  };
}
