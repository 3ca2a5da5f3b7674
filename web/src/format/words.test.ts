import { describe, expect, it } from "vitest";
import { channelHref } from "./channels.ts";
import { countries } from "./countries.ts";
import { parseFollowers } from "./followers.ts";
import { formatDay, formatRelative } from "./time.ts";
import { countryName, fieldMessage } from "./words.ts";

describe("field messages", () => {
  it("join the subject with the contract's half-sentences", () => {
    expect(fieldMessage("Your name", "is missing")).toBe("Your name is missing.");
  });
  it("leave whole sentences alone and hide what only a programmer would understand", () => {
    expect(fieldMessage("Your name", "Give another one.")).toBe("Give another one.");
    expect(fieldMessage("The number", "Invalid input: expected int, received undefined")).toBe(
      "The number is missing or not understood.",
    );
  });
});

describe("followers", () => {
  it.each([
    ["0", 0],
    ["1200", 1200],
    ["1,200", 1200],
    ["1.200", 1200],
    ["12 400", 12_400],
    ["1’200’000", 1_200_000],
    ["12.4k", 12_400],
    ["1,5 M", 1_500_000],
  ])("reads %s", (text, count) => expect(parseFollowers(text)).toBe(count));
  it.each(["", "many", "-5", "1.5", "12,40"])("refuses %s", (text) => expect(parseFollowers(text)).toBeUndefined());
});

describe("channels", () => {
  it("links only to the web, and to platforms by plain handles", () => {
    expect(channelHref({ kind: "instagram", handle: "@ada.runs" })).toBe("https://www.instagram.com/ada.runs");
    expect(channelHref({ kind: "blog", url: "https://example.com/ada" })).toBe("https://example.com/ada");
    expect(channelHref({ kind: "blog", url: "javascript:alert(1)" })).toBeUndefined();
    expect(channelHref({ kind: "tiktok", handle: "../../evil?x=" })).toBeUndefined();
    expect(channelHref({ kind: "community", handle: "ada" })).toBeUndefined();
  });
});

describe("countries", () => {
  it("names every code once and sorts by name", () => {
    const all = countries("en");
    expect(new Set(all.map(({ code }) => code)).size).toBe(249);
    expect(all.every(({ code, name }) => name !== code)).toBe(true);
    expect(all[0]!.name).toBe("Afghanistan");
    expect(countryName("DE", "de")).toBe("Deutschland");
  });
});

describe("time", () => {
  it("keeps a plain day the day it is, in every zone", () => {
    expect(formatDay("2026-01-31", "en-GB")).toBe("31 Jan 2026");
  });
  it("says how far away, while that says something", () => {
    const now = Date.parse("2026-06-01T12:00:00Z");
    expect(formatRelative("2026-06-01T11:59:50Z", now, "en")).toBe("now");
    expect(formatRelative("2026-06-01T09:00:00Z", now, "en")).toBe("3 hours ago");
    expect(formatRelative("2026-06-03T12:00:00Z", now, "en")).toBe("in 2 days");
    expect(formatRelative("2026-01-01T12:00:00Z", now, "en")).toBeUndefined();
  });
});
