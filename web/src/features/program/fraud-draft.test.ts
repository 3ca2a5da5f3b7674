import { describe, expect, it } from "vitest";
import { rules } from "../../../../packages/core/src/flag/rules.ts";
import { changedFraud, fraudDraftOf, fraudErrorsOf } from "./fraud-draft.ts";

const signals = rules.map(({ name, title, severity, looksAt, window, threshold }) => ({
  rule: name,
  title,
  severity,
  looksAt,
  window,
  threshold,
}));
const settings = { expiryDays: 14, graceDays: 3, off: [], thresholds: { velocity: 50 } };

describe("a draft of the fraud settings", () => {
  const draft = fraudDraftOf(settings, signals);

  it("shows the program's own thresholds, and defaults where there is none", () => {
    expect(draft.thresholds).toEqual({ velocity: "50", burst_without_clicks: "12", refund_rate: "40" });
    expect(changedFraud(settings, draft, signals)).toEqual({});
    expect(fraudErrorsOf(draft)).toEqual({});
  });

  it("goes back to a default by keeping no threshold of its own", () => {
    const usual = { ...draft, thresholds: { ...draft.thresholds, velocity: "30" } };
    expect(changedFraud(settings, usual, signals)).toEqual({ thresholds: {} });
    const both = { ...draft, thresholds: { ...draft.thresholds, refund_rate: "25" } };
    expect(changedFraud(settings, both, signals)).toEqual({ thresholds: { velocity: 50, refund_rate: 25 } });
  });

  it("switches signals off and on, in whatever order", () => {
    const off = { ...draft, off: ["paid_ads", "own_card"] as const };
    expect(changedFraud(settings, off, signals)).toEqual({ off: ["own_card", "paid_ads"] });
    expect(changedFraud({ ...settings, off: ["paid_ads", "own_card"] }, off, signals)).toEqual({});
  });

  it("says what is wrong; not of a signal that is off", () => {
    const wrong = { ...draft, expiryDays: "0", graceDays: "", thresholds: { ...draft.thresholds, velocity: "many" } };
    expect(fraudErrorsOf(wrong)).toEqual({
      expiryDays: "is a whole number from 1 to 90",
      graceDays: "is a whole number from 0 to 60",
      velocity: "is a whole number from 1 to 10,000",
    });
    const off = { ...wrong, expiryDays: "14", graceDays: "3", off: ["velocity" as const] };
    expect(fraudErrorsOf(off)).toEqual({});
    expect(changedFraud(settings, off, signals)).toEqual({ off: ["velocity"] });
  });
});
