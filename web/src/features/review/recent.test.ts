import type { JobRow } from "@laurel/contract";
import { describe, expect, it, vi } from "vitest";
import { clockOf } from "../../ui/time-left.tsx";
import { sorted } from "../job/queries.ts";

vi.mock("react", async (original) => ({
  ...(await original<typeof import("react")>()),
  useSyncExternalStore: (_: unknown, get: () => unknown) => get(),
}));
const { forget, remember, useRecents } = await import("./recent.ts");

const decision = (id: string, decidedAt = "2026-06-15T10:00:00.000Z") => ({
  id,
  name: id.toUpperCase(),
  outcome: "is declined",
  decidedAt,
  until: 1,
});

describe("decisions that can be undone", () => {
  it("are kept newest first, three of them, one for each application", () => {
    for (const id of ["a", "b", "c", "d"]) remember(decision(id));
    expect(useRecents().map(({ id }) => id)).toEqual(["d", "c", "b"]);
    remember(decision("b", "2026-06-15T11:00:00.000Z"));
    expect(useRecents().map(({ id, decidedAt }) => [id, decidedAt.slice(11, 13)])).toEqual([
      ["b", "11"],
      ["d", "10"],
      ["c", "10"],
    ]);
    forget("d");
    expect(useRecents().map(({ id }) => id)).toEqual(["b", "c"]);
  });

  it.each([
    [600_000, "10:00"],
    [599_001, "10:00"],
    [61_000, "1:01"],
    [1, "0:01"],
    [0, "0:00"],
    [-5, "0:00"],
  ])("have %i ms left as %s", (ms, text) => expect(clockOf(ms)).toBe(text));
});

describe("the results of a job", () => {
  it("begin with those that somebody has to look at", () => {
    const row = (place: number, outcome: JobRow["outcome"]): JobRow => ({
      row: place,
      subject: `app_${place}`,
      name: null,
      outcome,
      code: null,
      message: null,
    });
    const rows = [row(1, "done"), row(2, "refused"), row(3, "done"), row(4, "refused")];
    expect(sorted(rows).map((each) => each.row)).toEqual([2, 4, 1, 3]);
  });
});
