import { describe, expect, it } from "vitest";
import { MemoryStorage } from "../../../test/memory-storage.ts";
import * as data from "../../../test/mock/data.ts";
import { reapplyOf } from "../review/reapply.ts";
import { loadDraft, saveDraft } from "./draft.ts";
import { bodyOf, emptyForm, resolverFor } from "./form.ts";
import { reapplySentence } from "./steps.tsx";

describe("the application", () => {
  const versions = { guidelines: "3", terms: "4", privacy: "1" };
  const questions = data.program.questions.map((question) => ({ ...question, required: false }));
  const [choice, , link] = questions;
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
    resolverFor(versions, questions)(form, undefined, { fields: {}, shouldUseNativeValidation: false });

  it("is sent as the API takes it, without what was left empty", () => {
    expect(bodyOf(filled, versions, questions)).toMatchObject({
      channels: [{ kind: "blog", url: "https://example.com/ada", followers: 1200 }],
      guidelinesVersion: "3",
      marketingConsent: false,
    });
    expect(bodyOf(filled, versions, questions).channels[0]).not.toHaveProperty("handle");
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

  it("carries the answers to the questions that are asked, each judged as the API will", async () => {
    const answers = {
      [choice!.id]: "Filter",
      [link!.id]: " example.com/post ",
      qst_gone: "old",
      [questions[1]!.id]: " ",
    };
    expect(bodyOf({ ...filled, answers }, versions, questions).answers).toEqual({
      [choice!.id]: "Filter",
      [link!.id]: "https://example.com/post",
    });
    const strict = data.program.questions;
    const errors = (
      await resolverFor(versions, strict)({ ...filled, answers: { [link!.id]: "javascript:alert(1)" } }, undefined, {
        fields: {},
        shouldUseNativeValidation: false,
      })
    ).errors as Record<string, Record<string, { message: string }>>;
    expect(Object.keys(errors)).toEqual(["answers"]);
    expect(errors.answers![strict[0]!.id]!.message).toBe("is missing");
    expect(errors.answers![link!.id]!.message).toContain("is not a web address");
  });

  it("is kept as a draft without the ticks, and rubbish in the store is ignored", () => {
    const store = new MemoryStorage();
    saveDraft({ ...filled, answers: { qst_1: "kept" } }, store);
    expect(loadDraft(store).answers).toEqual({ qst_1: "kept" });
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
