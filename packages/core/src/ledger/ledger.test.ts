import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type AccountName,
  add,
  changesOf,
  checkPosting,
  isBalanced,
  noBalances,
  type Posting,
  places,
  sources,
} from "./ledger.ts";

const inside = fc.constantFrom(...places).map((place): AccountName => `ambassador.${place}`);
const outside = fc.constantFrom(...sources).map((source): AccountName => `program.${source}`);
const posting: fc.Arbitrary<Posting> = fc
  .record({
    ends: fc.oneof(fc.tuple(outside, inside), fc.tuple(inside, outside), fc.tuple(inside, inside)),
    amountMinor: fc.integer({ min: 1, max: 1_000_000_000 }),
  })
  .filter(({ ends: [from, to] }) => from !== to)
  .map(({ ends: [from, to], amountMinor }) => ({ from, to, amountMinor }));

test("an account is balanced after any postings, in any order and however they are grouped", () => {
  fc.assert(
    fc.property(fc.array(fc.array(posting, { maxLength: 4 }), { maxLength: 12 }), (entries) => {
      let one = noBalances();
      for (const entry of entries) {
        one = add(one, changesOf(entry));
        expect(isBalanced(one)).toBe(true);
      }
      expect(add(noBalances(), changesOf(entries.flat()))).toEqual(one);
      expect(add(noBalances(), changesOf(entries.flat().reverse()))).toEqual(one);
    }),
  );
});

test("a posting and its opposite leave nothing", () => {
  fc.assert(
    fc.property(posting, ({ from, to, amountMinor }) => {
      expect(
        changesOf([
          { from, to, amountMinor },
          { from: to, to: from, amountMinor },
        ]),
      ).toEqual({});
    }),
  );
});

test("each source counts what it gave or took, as the ambassador sees it", () => {
  const moved = (from: AccountName, to: AccountName) => changesOf([{ from, to, amountMinor: 7 }]);
  expect(moved("program.earned", "ambassador.pending")).toEqual({ earnedMinor: 7, pendingMinor: 7 });
  expect(moved("program.bonus", "ambassador.available")).toEqual({ bonusMinor: 7, availableMinor: 7 });
  expect(moved("program.converted", "ambassador.available")).toEqual({ convertedMinor: 7, availableMinor: 7 });
  expect(moved("ambassador.available", "program.converted")).toEqual({ convertedMinor: -7, availableMinor: -7 });
  expect(moved("ambassador.pending", "program.reversed")).toEqual({ reversedMinor: 7, pendingMinor: -7 });
  expect(moved("program.reversed", "ambassador.pending")).toEqual({ reversedMinor: -7, pendingMinor: 7 });
  expect(moved("ambassador.available", "program.clawedBack")).toEqual({ clawedBackMinor: 7, availableMinor: -7 });
  expect(moved("ambassador.held", "program.forfeited")).toEqual({ forfeitedMinor: 7, heldMinor: -7 });
  expect(moved("ambassador.inPayout", "program.withheld")).toEqual({ withheldMinor: 7, inPayoutMinor: -7 });
  expect(moved("ambassador.inPayout", "ambassador.paid")).toEqual({ inPayoutMinor: -7, paidMinor: 7 });
});

test("an account that says more or less than came in is noticed", () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.integer({ min: 1, max: 1000 }), (place, off) => {
      expect(isBalanced({ ...noBalances(), [`${place}Minor`]: off })).toBe(false);
    }),
  );
});

test.each([
  ["nothing", { from: "program.earned", to: "ambassador.pending", amountMinor: 0 }],
  ["less than nothing", { from: "program.earned", to: "ambassador.pending", amountMinor: -5 }],
  ["a fraction", { from: "program.earned", to: "ambassador.pending", amountMinor: 0.5 }],
  ["itself to itself", { from: "ambassador.pending", to: "ambassador.pending", amountMinor: 5 }],
  ["between two of the program's", { from: "program.earned", to: "program.reversed", amountMinor: 5 }],
] as [string, Posting][])("a posting that moves %s is refused", (_name, bad) => {
  expect(() => checkPosting(bad)).toThrow(/a posting/i);
});
