import { expect, it } from "vitest";
import { runningOf, todayIn, wrongDates } from "./running.ts";

it("a campaign runs on its first day and on its last, in the program's own calendar", () => {
  const now = new Date("2026-06-30T23:30:00Z");
  expect(todayIn("UTC", now)).toBe("2026-06-30");
  expect(todayIn("Europe/Berlin", now)).toBe("2026-07-01");
  const june = { startsOn: "2026-06-01", endsOn: "2026-06-30" };
  expect(["2026-05-31", "2026-06-01", "2026-06-30", "2026-07-01"].map((day) => runningOf(june, day).label)).toEqual([
    "Not begun",
    "Running",
    "Running",
    "Over",
  ]);
  expect(runningOf({ startsOn: null, endsOn: null }, "2026-01-01").label).toBe("Running");
});

it("a campaign ends no earlier than it begins", () => {
  expect(wrongDates("2026-06-02", "2026-06-01")).toBe("is before the first day");
  expect([wrongDates("2026-06-02", "2026-06-02"), wrongDates("", "2026-06-02"), wrongDates("2026-06-02", "")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
