import { describe, expect, it } from "vitest";
import * as data from "../../test/mock/data.ts";
import { parseSearch, picked, stringifySearch } from "../routes/search.ts";
import { loadDraft, saveDraft } from "./application/draft.ts";
import { bodyOf, emptyForm, resolverFor } from "./application/form.ts";
import { reapplySentence } from "./application/steps.tsx";
import { changesOf } from "./audit/changes.ts";
import { releasesOf } from "./home/releases.ts";
import { formOf, patchOf } from "./program/form.ts";
import { reversalSteps, uncappedMinor } from "./receipt/figures.ts";
import { filtersOf, isNarrowed, searchOf } from "./review/filters.ts";
import { reapplyOf } from "./review/reapply.ts";
import { rememberPath, safePath, takePath } from "./session/return-path.ts";
import { landingOf } from "./session/session.ts";
import { tokenIn } from "./session/use-link-token.ts";

class MemoryStorage implements Storage {
  #kept = new Map<string, string>();
  get length() {
    return this.#kept.size;
  }
  clear = () => this.#kept.clear();
  getItem = (key: string) => this.#kept.get(key) ?? null;
  key = (index: number) => [...this.#kept.keys()][index] ?? null;
  removeItem = (key: string) => void this.#kept.delete(key);
  setItem = (key: string, value: string) => void this.#kept.set(key, value);
}

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
      niche: undefined,
      country: undefined,
      minFollowers: undefined,
    });
    const filters = filtersOf({ status: "declined", country: "de", minFollowers: "10k", niche: " Tea " });
    expect(filters).toEqual({ status: "declined", country: "DE", minFollowers: 10_000, niche: "Tea" });
    expect(filtersOf(searchOf(filters))).toEqual(filters);
    expect(isNarrowed(filters)).toBe(true);
    expect(searchOf(filtersOf({}))).toEqual({});
  });
});

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

describe("the application", () => {
  const versions = { guidelines: "3", terms: "4", privacy: "1" };
  const filled = {
    ...emptyForm,
    name: "Ada",
    email: "ada@example.com",
    country: "DE",
    niche: "Running",
    why: "I have run in these for two years.",
    channels: [{ kind: "blog" as const, handle: "", url: "example.com/ada", followers: "1.2k" }],
    ageConfirmed: true,
    guidelines: true,
    terms: true,
    privacy: true,
  };
  const resolve = (form: typeof filled) =>
    resolverFor(versions)(form, undefined, { fields: {}, shouldUseNativeValidation: false });

  it("is sent as the API takes it, without what was left empty", () => {
    expect(bodyOf(filled, versions)).toMatchObject({
      channels: [{ kind: "blog", url: "https://example.com/ada", followers: 1200 }],
      guidelinesVersion: "3",
      marketingConsent: false,
    });
    expect(bodyOf(filled, versions).channels[0]).not.toHaveProperty("handle");
  });

  it("is checked by the API's schema, errors under the form's own names", async () => {
    expect((await resolve(filled)).errors).toEqual({});
    const wrong = (
      await resolve({
        ...filled,
        name: " ",
        terms: false,
        ageConfirmed: false,
        channels: [{ ...filled.channels[0]!, url: "", followers: "many" }],
      })
    ).errors as Record<string, unknown>;
    expect(Object.keys(wrong).sort()).toEqual(["ageConfirmed", "channels", "name", "terms"]);
    expect(wrong.name).toMatchObject({ message: "is missing" });
  });

  it("is kept as a draft without the ticks, and rubbish in the store is ignored", () => {
    const store = new MemoryStorage();
    saveDraft(filled, store);
    expect(loadDraft(store)).toMatchObject({ name: "Ada", why: filled.why, ageConfirmed: false, guidelines: false });
    store.setItem("laurel.apply.draft", "{not json");
    expect(loadDraft(store)).toEqual(emptyForm);
  });

  it("tells when one may apply again", () => {
    const decision = data.applicant("declined").decision!;
    expect(reapplySentence(decision)).toContain("from");
    expect(reapplySentence({ ...decision, reapply: "now" })).toContain("any time");
    expect(reapplySentence({ ...decision, reapply: "never" })).toContain("not take another");
    expect(reapplySentence(null)).toBeUndefined();
  });

  it("is declined for a number of days that makes sense", () => {
    expect(reapplyOf("after_days", "90")).toEqual({ policy: "after_days", days: 90 });
    expect(["0", "731", "ten", ""].map((days) => reapplyOf("after_days", days))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(reapplyOf("never", "")).toEqual({ policy: "never" });
  });
});

describe("figures", () => {
  it("turn cumulative reversals into steps that add up", () => {
    const steps = reversalSteps(data.receipt("staff").reversals);
    expect(steps.map(({ stepMinor }) => stepMinor)).toEqual([227, 234]);
    expect(steps.reduce((sum, { stepMinor }) => sum + stepMinor, 0)).toBe(
      data.receipt("staff").commission!.reversedMinor,
    );
  });

  it("round a share half up, as the ledger does", () => {
    expect(uncappedMinor(9214, 1500)).toBe(1382);
    expect(uncappedMinor(5, 1000)).toBe(1);
    expect(uncappedMinor(4, 1000)).toBe(0);
  });

  it("group what is released by day and currency, soonest first", () => {
    const base = data.commissions[0]!;
    const at = (day: string, currency: string, earnedMinor: number, reversedMinor = 0) => ({
      ...base,
      releaseAt: `${day}T12:00:00.000Z`,
      currency,
      earnedMinor,
      reversedMinor,
    });
    const releases = releasesOf(
      [
        at("2026-03-02", "EUR", 500),
        at("2026-03-01", "EUR", 100),
        at("2026-03-02", "EUR", 200, 50),
        at("2026-03-02", "SEK", 900),
        at("2026-03-03", "EUR", 70, 70),
      ],
      "UTC",
    );
    // The last hour of a day in UTC is the next day in Berlin.
    expect(
      releasesOf(
        [{ ...base, releaseAt: "2026-03-01T23:00:00.000Z" }, at("2026-03-02", base.currency, 5)],
        "Europe/Berlin",
      ),
    ).toHaveLength(1);
    expect(releases.map(({ currency, amountMinor, orders }) => [currency, amountMinor, orders])).toEqual([
      ["EUR", 100, 1],
      ["EUR", 650, 2],
      ["SEK", 900, 1],
    ]);
  });
});

describe("settings", () => {
  it("send only what was changed, with the version that was read", () => {
    const form = formOf(data.program);
    expect(patchOf(data.program, form)).toEqual({ version: 12 });
    expect(patchOf(data.program, { ...form, holdDays: "14", replyTo: "", niches: "Coffee\n\n Tea \nCoffee" })).toEqual({
      version: 12,
      holdDays: 14,
      replyTo: null,
      niches: ["Coffee", "Tea"],
    });
  });
});

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
    expect(changesOf({ before: null, after: { count: 3 } })).toEqual([{ field: "count", from: undefined, to: "3" }]);
  });
});
