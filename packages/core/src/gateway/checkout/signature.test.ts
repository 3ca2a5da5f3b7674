import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isSignedBase64 } from "./signature.ts";

const body = Buffer.from('{"id":450789469,"note":"Zoë"}');
const mac = (secret: string, bytes: Uint8Array = body) => createHmac("sha256", secret).update(bytes).digest();
const sign = (secret: string, bytes?: Uint8Array) => mac(secret, bytes).toString("base64");

test("holds under any of the secrets, in any place", () => {
  expect(isSignedBase64(body, sign("new"), ["new"])).toBe(true);
  expect(isSignedBase64(body, sign("old"), ["new", "old"])).toBe(true);
  expect(isSignedBase64(body, sign("new"), ["new", "old"])).toBe(true);
  expect(isSignedBase64(body, sign("other"), ["new", "old"])).toBe(false);
  expect(isSignedBase64(body, sign("new"), [])).toBe(false);
});

test("the bytes count, not what they mean", () => {
  const spaced = Buffer.from('{"id": 450789469,"note":"Zoë"}');
  expect(isSignedBase64(spaced, sign("new"), ["new"])).toBe(false);
  expect(isSignedBase64(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]), sign("new"), ["new"])).toBe(false);
});

test("an empty secret signs nothing", () => {
  for (const secret of ["", " ", "\n"]) expect(isSignedBase64(body, sign(secret), [secret])).toBe(false);
});

test.each<[string, string | undefined]>([
  ["missing", undefined],
  ["empty", ""],
  ["in hex", mac("new").toString("hex")],
  ["too short", sign("new").slice(0, -4)],
  ["too long", `${sign("new")}AAAA`],
  ["without its padding", sign("new").replace("=", "")],
  ["in the alphabet of addresses", mac("new").toString("base64url")],
  ["with a line break", `${sign("new")}\n`],
  ["sent twice", `${sign("new")}, ${sign("new")}`],
  ["of another alphabet", "ä".repeat(44)],
  ["of 10 kB", "A".repeat(10_000)],
])("a header %s does not hold and is not thrown at", (_name, header) => {
  expect(isSignedBase64(body, header, ["new"])).toBe(false);
});

test("whatever is sent, only the signature holds", () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), (header, bytes) => {
      expect(isSignedBase64(bytes, header, ["new"])).toBe(header === sign("new", bytes));
      expect(isSignedBase64(bytes, sign("new", bytes), ["old", "new"])).toBe(true);
    }),
  );
});
