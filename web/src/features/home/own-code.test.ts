import { describe, expect, it } from "vitest";
import { wrongWith } from "./own-code.tsx";

describe("a code as it is typed", () => {
  it("may be too short until it is finished", () => {
    for (const start of ["", "A", "AN"]) expect(wrongWith(start, false)).toBeUndefined();
    expect(wrongWith("AN", true)).toBe("At least 3 characters, please.");
    expect(wrongWith("ANNA15", false)).toBeUndefined();
    expect(wrongWith("ANNA15", true)).toBeUndefined();
  });

  it("is told at once what it can never become", () => {
    for (const wrong of ["Ä", "AN-", "A B"]) expect(wrongWith(wrong, false)).toContain("Only the letters");
    expect(wrongWith("A".repeat(21), false)).toContain("20 is the most");
  });
});
