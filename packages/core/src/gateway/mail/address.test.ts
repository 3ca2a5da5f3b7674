import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerText, mailbox, plainAddress } from "./address.ts";

describe("a mailbox", () => {
  test.each([
    ["Northwind", '"Northwind" <a@example.com>'],
    ['Ada "the" Baker', '"Ada \\"the\\" Baker" <a@example.com>'],
    ["Back\\slash", '"Back\\\\slash" <a@example.com>'],
    ["Shop, Inc.", '"Shop, Inc." <a@example.com>'],
    ["", "a@example.com"],
    ["\r\n", "a@example.com"],
    ["Möbel", `=?UTF-8?B?${Buffer.from("Möbel").toString("base64")}?= <a@example.com>`],
    ["=?UTF-8?B?ZXZpbA==?=", `=?UTF-8?B?${Buffer.from("=?UTF-8?B?ZXZpbA==?=").toString("base64")}?= <a@example.com>`],
  ])("%j", (name, expected) => expect(mailbox(name, "a@example.com")).toBe(expected));

  test("whatever the name: one line of ASCII, one address, no encoded word above 75 characters, and the name comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 90 }), (name) => {
        const value = mailbox(name, "a@example.com");
        expect(value).toMatch(/^[\x20-\x7e]+$/);
        expect(value.endsWith("a@example.com") || value.endsWith(" <a@example.com>")).toBe(true);
        const words = value.match(/=\?UTF-8\?B\?[^?]*\?=/g) ?? [];
        for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
        if (words.length > 0) {
          const decoded = words.map((word) => Buffer.from(word.slice(10, -2), "base64").toString()).join("");
          expect(decoded).toBe(headerText(name).toWellFormed());
        } else if (value !== "a@example.com") {
          expect(value).toMatch(/^"([^"\\]|\\["\\])*" <a@example\.com>$/);
        }
      }),
    );
  });
});

describe("a plain address", () => {
  test.each([
    ["ada@example.com", "ada@example.com"],
    ["Ada.B+shop@Example.COM", "Ada.B+shop@example.com"],
    ["o'neil@example.ie", "o'neil@example.ie"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["laurel@localhost", "laurel@localhost"],
  ])("%s", (address, expected) => expect(plainAddress(address)).toBe(expected));

  test.each([
    "@example.com",
    "a@",
    "a b@example.com",
    "jörg@example.com",
    "a@example.com>",
    "a@exa\u0000mple.com",
    "a@example..com",
    "a@-,.com",
    "\u202ea@example.com",
  ])("%j is none", (address) => expect(plainAddress(address)).toBeUndefined());
});
