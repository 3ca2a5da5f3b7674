import { describe, expect, it } from "vitest";
import { parseSearch, picked, stringifySearch } from "../../routes/search.ts";
import { filtersOf, isNarrowed, searchOf } from "./filters.ts";

describe("addresses", () => {
  it("carry filters as plain text, there and back", () => {
    const search = { minFollowers: "1000", niche: "Coffee & cake" };
    expect(stringifySearch(search)).toBe("?minFollowers=1000&niche=Coffee+%26+cake");
    expect(parseSearch(stringifySearch(search))).toEqual(search);
    expect(picked("niche")({ niche: "x", other: "y" })).toEqual({ niche: "x" });
  });

  it("of the queue are read kindly: what is mistyped is left out", () => {
    expect(filtersOf({ status: "nonsense", country: "germany", minFollowers: "-1" })).toEqual({
      status: "confirmed",
      q: undefined,
      niche: undefined,
      country: undefined,
      minFollowers: undefined,
    });
    const filters = filtersOf({
      status: "declined",
      country: "de",
      minFollowers: "10k",
      niche: " Tea ",
      q: " two  words ",
    });
    expect(filters).toEqual({
      status: "declined",
      q: "two  words",
      country: "DE",
      minFollowers: 10_000,
      niche: "Tea",
    });
    expect(filtersOf({ q: "x".repeat(200) }).q).toHaveLength(100);
    expect(isNarrowed(filtersOf({ q: "tea" }))).toBe(true);
    expect(filtersOf(searchOf(filters))).toEqual(filters);
    expect(isNarrowed(filters)).toBe(true);
    expect(searchOf(filtersOf({}))).toEqual({});
  });
});
