import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, dayOf, monthBefore, releaseOf, startOfDay } from "./time.ts";

const zones = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/Havana",
  "America/Santiago",
  "America/St_Johns",
  "Africa/Cairo",
  "Asia/Beirut",
  "Asia/Amman",
  "Asia/Kathmandu",
  "Asia/Tehran",
  "Atlantic/Azores",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Pacific/Kiritimati",
];

/** The wall clock of a zone, read apart from the code under test. */
const wall = (zone: string, at: Date): string =>
  at.toLocaleString("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });

test("a day begins at the first instant that carries its date, in any zone and on any day", () => {
  const days = fc.date({ min: new Date("2005-01-01"), max: new Date("2034-12-31"), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...zones), days, (zone, date) => {
      const day = date.toISOString().slice(0, 10);
      const start = startOfDay(zone, day);
      // Samoa had no 30 December 2011: that day begins when the next one does.
      const carried = wall(zone, start).slice(0, 10);
      expect(zone === "Pacific/Apia" && day === "2011-12-30" ? "2011-12-30" : carried).toBe(day);
      expect(wall(zone, new Date(start.getTime() - 1)) < day).toBe(true);
      expect(dayOf(zone, start)).toBe(carried);
    }),
    { numRuns: 400 },
  );
});

test.each([
  // Clocks go forward or back within the day.
  ["Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00.000Z"],
  ["Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00.000Z"],
  ["Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00.000Z"],
  ["Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00.000Z"],
  ["America/New_York", "2026-03-08", "2026-03-08T05:00:00.000Z"],
  ["America/New_York", "2026-11-02", "2026-11-02T05:00:00.000Z"],
  // Midnight is skipped: 00:00 is 01:00.
  ["Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00.000Z"],
  ["America/Santiago", "2026-09-06", "2026-09-06T04:00:00.000Z"],
  ["America/Havana", "2026-03-08", "2026-03-08T05:00:00.000Z"],
  ["Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00.000Z"],
  // Midnight comes twice: the first one counts.
  ["America/Havana", "2026-11-01", "2026-11-01T04:00:00.000Z"],
  ["Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00.000Z"],
  ["Asia/Amman", "2021-10-29", "2021-10-28T21:00:00.000Z"],
  // Half hours, quarters, and the first day on earth.
  ["Australia/Lord_Howe", "2026-04-06", "2026-04-05T13:30:00.000Z"],
  ["Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00.000Z"],
  ["Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00.000Z"],
  // A day that never was.
  ["Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z"],
])("in %s, %s begins at %s", (zone, day, start) => {
  expect(startOfDay(zone, day).toISOString()).toBe(start);
});

test.each([
  // 30 days from a winter's purchase into summer time: at local midnight all the same.
  ["Europe/Berlin", "2026-03-01T12:00:00Z", 30, "2026-03-31", "2026-03-30T22:00:00.000Z"],
  // The purchase is still yesterday's in New York.
  ["America/New_York", "2026-06-15T03:59:59Z", 1, "2026-06-15", "2026-06-15T04:00:00.000Z"],
  ["America/New_York", "2026-06-15T04:00:00Z", 1, "2026-06-16", "2026-06-16T04:00:00.000Z"],
  // The release falls on a day without a midnight.
  ["Africa/Cairo", "2026-03-25T10:00:00Z", 30, "2026-04-24", "2026-04-23T22:00:00.000Z"],
  // No hold: at once, not at a midnight that is over.
  ["Europe/Berlin", "2026-06-15T10:00:00Z", 0, "2026-06-15", "2026-06-15T10:00:00.000Z"],
  ["Pacific/Kiritimati", "2026-12-31T09:00:00Z", 1, "2027-01-01", "2026-12-31T10:00:00.000Z"],
])("in %s a purchase of %s held for %i days is released on %s at %s", (zone, at, hold, releaseDay, releaseAt) => {
  const release = releaseOf(zone, new Date(at), hold);
  expect([release.releaseDay, release.releaseAt.toISOString()]).toEqual([releaseDay, releaseAt]);
});

test("a release is never before its purchase, and a longer hold never ends earlier", () => {
  const instants = fc.date({ min: new Date("2020-01-01"), max: new Date("2034-12-31"), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, fc.nat(120), (zone, at, hold) => {
      const { releaseAt } = releaseOf(zone, at, hold);
      expect(releaseAt.getTime()).toBeGreaterThanOrEqual(at.getTime());
      expect(releaseOf(zone, at, hold + 1).releaseAt.getTime()).toBeGreaterThan(releaseAt.getTime());
    }),
    { numRuns: 200 },
  );
});

test("days and months are counted over their ends", () => {
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  expect(() => addDays("someday", 1)).toThrow(/YYYY-MM-DD/);
  expect(monthBefore("2026-01")).toBe("2025-12");
  expect(monthBefore("2026-03")).toBe("2026-02");
});
