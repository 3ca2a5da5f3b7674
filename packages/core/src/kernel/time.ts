import { assert } from "./errors.ts";

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

function wallClock(timeZone: string, at: Date): { day: string; asUtcMs: number } {
  const part: Record<string, string> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(at)) part[type] = value;
  const day = `${part.year}-${part.month}-${part.day}`;
  return { day, asUtcMs: Date.parse(`${day}T${part.hour}:${part.minute}:${part.second}Z`) };
}

/** The calendar day, YYYY-MM-DD, on which an instant falls in a time zone. */
export const dayOf = (timeZone: string, at: Date): string => wallClock(timeZone, at).day;

/** Adds calendar days to a day. */
export function addDays(day: string, days: number): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  assert(Number.isFinite(at), "a day reads YYYY-MM-DD");
  return new Date(at + days * 86_400_000).toISOString().slice(0, 10);
}

/** Adds calendar months to a day; where the month is too short, its last day. */
export function addMonths(day: string, months: number): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}

/** Clocks are changed by whole multiples of this, and at whole multiples of it. */
const stepMs = 30 * 60_000;

/** The instant at which a calendar day begins in a time zone, daylight saving time counted. */
export function startOfDay(timeZone: string, day: string): Date {
  const target = Date.parse(`${day}T00:00:00Z`);
  let guess = target;
  for (let round = 0; round < 3; round++) guess += target - wallClock(timeZone, new Date(guess)).asUtcMs;
  // Where midnight is skipped by a clock change, the day begins at the first instant that carries its date.
  while (dayOf(timeZone, new Date(guess)) < day) guess += stepMs;
  // Where a change sets the clock back to midnight, the day begins at the first of the two.
  while (dayOf(timeZone, new Date(guess - stepMs)) >= day) guess -= stepMs;
  return new Date(guess);
}

/** The release of a hold: the start of the day that is `holdDays` after the day of the purchase. */
export function releaseOf(
  timeZone: string,
  occurredAt: Date,
  holdDays: number,
): { releaseDay: string; releaseAt: Date } {
  const releaseDay = addDays(dayOf(timeZone, occurredAt), holdDays);
  const start = startOfDay(timeZone, releaseDay);
  return { releaseDay, releaseAt: start < occurredAt ? occurredAt : start };
}

export const monthOf = (instant: string): string => instant.slice(0, 7);

/** The month before, YYYY-MM. */
export function monthBefore(month: string): string {
  const at = new Date(`${month}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() - 1);
  return at.toISOString().slice(0, 7);
}

export const epochS = (at: Date): number => Math.floor(at.getTime() / 1000);
