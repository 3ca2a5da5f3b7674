import { describe, expect, it } from "vitest";
import * as data from "../../../test/mock/data.ts";
import { emptyQuestion, formOf, resolverFor, wantedOf } from "./form.ts";

describe("settings", () => {
  it("send only what was changed", () => {
    const form = formOf(data.program);
    expect(wantedOf(data.program, form)).toEqual({});
    expect(wantedOf(data.program, { ...form, holdDays: "14", replyTo: "", niches: "Coffee\n\n Tea \nCoffee" })).toEqual(
      {
        holdDays: 14,
        replyTo: null,
        niches: ["Coffee", "Tea"],
      },
    );
  });

  it("send the whole list of questions, in its order, ids where there are some", () => {
    const form = formOf(data.program);
    const [first, second] = form.questions;
    const options = " Tea \nCoffee\n\nTea";
    const questions = [{ ...emptyQuestion, kind: "choice" as const, label: " Which? ", options }, second!, first!];
    expect(wantedOf(data.program, { ...form, questions }).questions).toEqual([
      { kind: "choice", label: "Which?", required: false, options: ["Tea", "Coffee"] },
      data.program.questions[1],
      data.program.questions[0],
    ]);
    // Choices of a question that is none any more are left out.
    const plain = [{ ...first!, kind: "short" as const }];
    expect(wantedOf(data.program, { ...form, questions: plain }).questions).toEqual([
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
    expect(await wrong([choice])).toMatchObject({ questions: [{ options: { message: "needs at least 2 choices" } }] });
    const twice = { ...emptyQuestion, label: "Same" };
    expect(await wrong([twice, twice])).toMatchObject({ questions: { message: "asks each question once" } });
  });

  it("take amounts as people write them, and say where one is none", async () => {
    const form = formOf(data.program);
    expect(form.approveAbove).toEqual([{ currency: "EUR", amount: "100.00" }]);
    const limits = [
      { currency: "EUR", amount: "250" },
      { currency: "JPY", amount: "20000" },
    ];
    expect(wantedOf(data.program, { ...form, approveAbove: limits })).toEqual({
      approveAbove: [
        { currency: "EUR", amountMinor: 25_000 },
        { currency: "JPY", amountMinor: 20_000 },
      ],
    });
    const wrong = async (changes: Partial<typeof form>) =>
      (
        await resolverFor(data.program)({ ...form, ...changes }, undefined, {
          fields: {},
          shouldUseNativeValidation: false,
        })
      ).errors as Record<string, never>;
    expect(await wrong({ approveAbove: [{ currency: "JPY", amount: "1.5" }] })).toMatchObject({
      approveAbove: [{ amount: { message: "is a number such as 100 or 99.50" } }],
    });
    expect(await wrong({ approveAbove: [limits[0]!, limits[0]!] })).toMatchObject({
      approveAbove: { message: "names each currency once" },
    });
    expect(await wrong({ claimDays: "soon" })).toMatchObject({
      claimDays: { message: "is a whole number from 1 to 90" },
    });
    expect(await wrong({ claimDays: "91" })).toMatchObject({ claimDays: { message: expect.anything() } });
  });
});
