import { describe, expect, it } from "vitest";
import * as data from "../../../test/mock/data.ts";
import { reversalSteps, uncappedMinor } from "./figures.ts";

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
});
