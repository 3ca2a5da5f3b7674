import { describe, expect, it } from "vitest";
import * as data from "../../../test/mock/data.ts";
import { releasesOf } from "./releases.ts";

describe("releases", () => {
  it("group what is released by day and currency, soonest first", () => {
    const base = data.commissions[0]!;
    const at = (day: string, currency: string, earnedMinor: number, reversedMinor = 0) => ({
      ...base,
      releaseDay: day,
      currency,
      earnedMinor,
      reversedMinor,
    });
    const releases = releasesOf([
      at("2026-03-02", "EUR", 500),
      at("2026-03-01", "EUR", 100),
      at("2026-03-02", "EUR", 200, 50),
      at("2026-03-02", "SEK", 900),
      at("2026-03-03", "EUR", 70, 70),
    ]);
    expect(releases.map(({ currency, amountMinor, orders }) => [currency, amountMinor, orders])).toEqual([
      ["EUR", 100, 1],
      ["EUR", 650, 2],
      ["SEK", 900, 1],
    ]);
  });
});
