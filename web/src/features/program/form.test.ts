import { describe, expect, it } from "vitest";
import * as data from "../../../test/mock/data.ts";
import { emptyQuestion, formOf, patchOf, resolverFor } from "./form.ts";

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

  it("send the whole list of questions, in its order, ids where there are some", () => {
    const form = formOf(data.program);
    const [first, second] = form.questions;
    const options = " Tea \nCoffee\n\nTea";
    const questions = [{ ...emptyQuestion, kind: "choice" as const, label: " Which? ", options }, second!, first!];
    expect(patchOf(data.program, { ...form, questions }).questions).toEqual([
      { kind: "choice", label: "Which?", required: false, options: ["Tea", "Coffee"] },
      data.program.questions[1],
      data.program.questions[0],
    ]);
    // Choices of a question that is none any more are left out.
    const plain = [{ ...first!, kind: "short" as const }];
    expect(patchOf(data.program, { ...form, questions: plain }).questions).toEqual([
      expect.not.objectContaining({ options: expect.anything() }),
    ]);
  });

  it("are checked by the API's schema, question by question", async () => {
    const form = formOf(data.program);
    const wrong = async (questions: typeof form.questions) =>
      (
        await resolverFor(data.program)({ ...form, questions }, undefined, {
          fields: {},
          shouldUseNativeValidation: false,
        })
      ).errors as Record<string, never>;
    expect(await wrong(form.questions)).toEqual({});
    expect(await wrong([{ ...emptyQuestion }])).toMatchObject({ questions: [{ label: { message: "is missing" } }] });
    const choice = { ...emptyQuestion, kind: "choice" as const, label: "Which?", options: "one" };
    expect(await wrong([choice])).toMatchObject({ questions: [{ options: { message: "has at least 2 choices" } }] });
    const twice = { ...emptyQuestion, label: "Same" };
    expect(await wrong([twice, twice])).toMatchObject({ questions: { message: "asks each question once" } });
  });
});
