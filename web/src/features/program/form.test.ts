import { describe, expect, it } from "vitest";
import * as data from "../../../test/mock/data.ts";
import { formOf, patchOf } from "./form.ts";

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
