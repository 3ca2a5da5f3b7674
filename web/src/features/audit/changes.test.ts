import { describe, expect, it } from "vitest";
import { formatMoney, formatRate } from "../../format/money.ts";
import { formatDay, formatMoment } from "../../format/time.ts";
import { changesOf } from "./changes.ts";

describe("the audit log", () => {
  it("tells what changed and leaves out what did not", () => {
    expect(
      changesOf({ before: { status: "confirmed", a: 1 }, after: { status: "declined", a: 1, reason: "other" } }),
    ).toEqual([
      { field: "status", from: "confirmed", to: "declined" },
      { field: "reason", from: undefined, to: "other" },
    ]);
    expect(
      changesOf({
        before: null,
        after: { reapply: { policy: "after_days", days: 90 }, reapplyOn: null, niches: ["Tea", "Cake"] },
      }),
    ).toEqual([
      { field: "reapply", from: undefined, to: "policy after days, days 90" },
      { field: "niches", from: undefined, to: "Tea, Cake" },
    ]);
    expect(
      changesOf({
        before: { rules: { version: 3, clickWindowDays: 30, precedence: ["click"] } },
        after: { rules: { version: 4, clickWindowDays: 60, precedence: ["click"] } },
      }),
    ).toEqual([
      { field: "rules: version", from: "3", to: "4" },
      { field: "rules: click window days", from: "30", to: "60" },
    ]);
    expect(
      changesOf({
        before: { approveAbove: [] },
        after: { stakeMinor: 2423, currency: "USD", approveAbove: [{ currency: "JPY", amountMinor: 9165 }] },
      }),
    ).toEqual([
      { field: "approve above", from: "nothing", to: `amount ${formatMoney(9165, "JPY")}` },
      { field: "stake", from: undefined, to: formatMoney(2423, "USD") },
    ]);
    expect(changesOf({ before: null, after: { count: 3 } })).toEqual([{ field: "count", from: undefined, to: "3" }]);
  });

  it("says names, dates, rates and choices as people do", () => {
    expect(
      changesOf({
        before: { rateBp: 1000, firstOrderOnly: true, endsOn: "2026-03-01" },
        after: {
          rateBp: 1250,
          firstOrderOnly: false,
          endsOn: "2026-04-01",
          startsAt: "2026-03-01T10:00:00.000Z",
          statusReason: "approval_undone",
          connectionId: "con_01kabc",
        },
      }),
    ).toEqual([
      { field: "rate", from: formatRate(1000), to: formatRate(1250) },
      { field: "first order only", from: "yes", to: "no" },
      { field: "ends on", from: formatDay("2026-03-01"), to: formatDay("2026-04-01") },
      { field: "starts at", from: undefined, to: formatMoment("2026-03-01T10:00:00.000Z") },
      { field: "status reason", from: undefined, to: "approval undone" },
      { field: "connection id", from: undefined, to: "con_01kabc" },
    ]);
  });
});
