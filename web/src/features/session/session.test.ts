import { describe, expect, it } from "vitest";
import { MemoryStorage } from "../../../test/memory-storage.ts";
import * as data from "../../../test/mock/data.ts";
import { rememberPath, safePath, takePath } from "./return-path.ts";
import { landingOf } from "./session.ts";
import { tokenIn } from "./use-link-token.ts";

describe("the way back after signing in", () => {
  it("leads only into this portal", () => {
    expect(safePath("/orders?code=ANNA15")).toBe("/orders?code=ANNA15");
    for (const evil of [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "/\t/evil.example",
      "/a\\b",
      "",
      null,
      "/sign-in?from=/x",
    ])
      expect(safePath(evil)).toBeUndefined();
  });

  it("is kept once and not for long", () => {
    const store = new MemoryStorage();
    rememberPath("/audit", store, 0);
    expect(takePath(store, 60_000)).toBe("/audit");
    expect(takePath(store, 60_000)).toBeUndefined();
    rememberPath("/audit", store, 0);
    expect(takePath(store, 21 * 60_000)).toBeUndefined();
  });

  it("begins where the role begins", () => {
    expect(landingOf(data.me("owner"))).toBe("/applications");
    expect(landingOf(data.me("both"))).toBe("/applications");
    expect(landingOf(data.me("ambassador"))).toBe("/home");
    expect(landingOf(null)).toBe("/");
  });

  it("finds the secret of a mailed link", () => {
    expect(tokenIn("#token=a.b%2Bc")).toBe("a.b+c");
    expect(tokenIn("token=abc")).toBe("abc");
    expect(tokenIn("")).toBeUndefined();
    expect(tokenIn("#token=")).toBeUndefined();
  });
});
