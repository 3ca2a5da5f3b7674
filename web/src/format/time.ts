const dayOnly = /^\d{4}-\d{2}-\d{2}$/;

/** 31 Jan 2026, in the viewer's own zone; a plain day stays the day it is. */
export function formatDay(value: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...(dayOnly.test(value) ? { timeZone: "UTC" } : {}),
  }).format(new Date(value));
}

/** 31 Jan 2026, 14:05 in the viewer's own zone. */
export function formatMoment(value: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(value));
}

/** To the second and with the zone, for a tooltip. */
export function formatExact(value: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(new Date(value));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
  ["week", 604_800],
];

/** "3 hours ago" or "in 2 days"; beyond five weeks undefined, since a date then says more. */
export function formatRelative(value: string, nowMs: number = Date.now(), locale?: string): string | undefined {
  const seconds = (Date.parse(value) - nowMs) / 1000;
  const distance = Math.abs(seconds);
  if (distance > 35 * 86_400) return undefined;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (distance < 45) return format.format(0, "second");
  let [unit, size] = steps[0]!;
  for (const [nextUnit, nextSize] of steps) if (distance >= nextSize) [unit, size] = [nextUnit, nextSize];
  return format.format(Math.round(seconds / size), unit);
}
