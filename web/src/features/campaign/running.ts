import type { Campaign } from "@laurel/contract";
import type { Tone } from "../../format/words.ts";

/** Today in a time zone, YYYY-MM-DD. */
export const todayIn = (timeZone: string, now: Date = new Date()): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);

/** Where a campaign is in its time, on a day of the program's calendar. */
export function runningOf(
  { startsOn, endsOn }: Pick<Campaign, "startsOn" | "endsOn">,
  today: string,
): { label: string; tone: Tone } {
  if (endsOn && endsOn < today) return { label: "Over", tone: "quiet" };
  if (startsOn && startsOn > today) return { label: "Not begun", tone: "wait" };
  return { label: "Running", tone: "good" };
}

/** What is wrong with a campaign's dates; undefined where nothing is. Empty is always, and no end. */
export const wrongDates = (startsOn: string, endsOn: string): string | undefined =>
  startsOn && endsOn && endsOn < startsOn ? "is before the first day" : undefined;
