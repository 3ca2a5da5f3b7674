import { describe, expect, it } from "vitest";
import { formatMoney } from "../../format/money.ts";
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
      { field: "reapply", from: undefined, to: "policy after_days, days 90" },
      { field: "niches", from: undefined, to: "Tea, Cake" },
    ]);
    expect(
      changesOf({
        before: { rules: { version: 3, clickWindowDays: 30, precedence: ["click"] } },
        after: { rules: { version: 4, clickWindowDays: 60, precedence: ["click"] } },
      }),
    ).toEqual([
      { field: "rules: version", from: "3", to: "4" },
      { field: "rules: clickWindowDays", from: "30", to: "60" },
    ]);
    expect(
      changesOf({
        before: { approveAbove: [] },
        after: { stakeMinor: 2423, currency: "USD", approveAbove: [{ currency: "JPY", amountMinor: 9165 }] },
      }),
    ).toEqual([
      { field: "approveAbove", from: "nothing", to: `amount ${formatMoney(9165, "JPY")}` },
      { field: "stake", from: undefined, to: formatMoney(2423, "USD") },
    ]);
    expect(changesOf({ before: null, after: { count: 3 } })).toEqual([{ field: "count", from: undefined, to: "3" }]);
  });
});
