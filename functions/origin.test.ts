import { expect, test } from "vitest";
import { originGuard, originHeader } from "./origin.ts";

const now = "0123456789abcdef0123456789abcdef";
const next = "fedcba9876543210fedcba9876543210";
const passes = (secrets: string, given: string | undefined) =>
  originGuard(secrets)({ headers: given === undefined ? {} : { [originHeader]: given } });

test("two secrets are good at once, so that one can be changed while the other is in use", () => {
  expect([now, next].map((given) => passes(`${now},${next}`, given))).toEqual([true, true]);
  expect(passes(` ${now} , ${next} `, now)).toBe(true);
  expect(passes(now, now)).toBe(true);
});

test.each([
  undefined,
  "",
  ",",
  `${now},${next}`,
  `${now} `,
  now.slice(1),
  `${now}0`,
  now.toUpperCase(),
  "undefined",
  `${now}, ${now}`,
])("nothing else is: %j", (given) => {
  expect(passes(`${now},${next}`, given)).toBe(false);
});

test("an empty secret lets nobody in, and no secret at all is a mistake that is told", () => {
  expect(passes(`${now},`, "")).toBe(false);
  expect(passes(`,${now}`, "")).toBe(false);
  for (const secrets of ["", ",", " , ", "short,shorter"])
    expect(() => originGuard(secrets)).toThrow("ORIGIN_SECRETS has no secret");
});
