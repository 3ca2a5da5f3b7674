import { describe, expect, it } from "vitest";
import { MemoryStorage } from "../../../test/memory-storage.ts";
import * as data from "../../../test/mock/data.ts";
import { reapplyOf } from "../review/reapply.ts";
import { loadDraft, saveDraft } from "./draft.ts";
import { bodyOf, emptyForm, resolverFor } from "./form.ts";
import { reapplySentence } from "./steps.tsx";

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
