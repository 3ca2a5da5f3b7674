import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { verifySignature } from "./signature.ts";

const secret = "whsec_one";
const body = Buffer.from('{"id":"evt_1","amount": 1234, "name":"Zoë"}');
const nowS = () => Math.floor(Date.now() / 1000);
const hmac = (bytes: Uint8Array, atS: number | string, key = secret) =>
  createHmac("sha256", key).update(`${atS}.`).update(bytes).digest("hex");
const header = (atS: number | string = nowS(), bytes: Uint8Array = body, key = secret) =>
  `t=${atS},v1=${hmac(bytes, atS, key)}`;
const holds = (value: unknown, bytes: Uint8Array = body, key = secret) => verifySignature(bytes, value as string, key);

test("a good signature holds, also beside others", async () => {
  expect(await holds(header())).toBe(true);
  expect(await holds(`t=${nowS()},v1=${"0".repeat(64)},v1=${hmac(body, nowS())},v0=abc`)).toBe(true);
  expect(await holds(`${header()}, ${header()}`)).toBe(true);
});

test("other bytes or another secret do not hold", async () => {
  expect(await holds(header(), Buffer.from(JSON.stringify(JSON.parse(body.toString()))))).toBe(false);
  expect(await holds(header(nowS(), body, "whsec_other"))).toBe(false);
  expect(await holds(header(), body, "")).toBe(false);
  expect(await holds(header(nowS(), body, " "), body, " ")).toBe(false);
});

test("the age limit is 300 s, inclusive, in both directions", async () => {
  // The clock may tick between signing and checking; a second later the inclusive edge is still tried by one of both.
  const atEdge = async (): Promise<boolean[]> => {
    const before = nowS();
    const verdicts = [
      await holds(header(before - 300)),
      await holds(header(before + 300)),
      await holds(header(before - 301)),
    ];
    return nowS() === before ? verdicts : atEdge();
  };
  expect(await atEdge()).toEqual([true, true, false]);
  expect(await holds(header(nowS() + 302))).toBe(false);
  expect(await holds(header(nowS() + 31_536_000))).toBe(false);
});

test.each([
  ["missing", undefined],
  ["an array", ["t=1,v1=a"]],
  ["empty", ""],
  ["without a time", `v1=${hmac(body, nowS())}`],
  ["of v0 only", header().replace("v1=", "v0=")],
  ["in upper case", header().toUpperCase().replace("T=", "t=").replace("V1=", "v1=")],
  ["with a time that is no number", header("soon")],
  ["with NaN", header("NaN")],
  ["with a huge time", header("1".repeat(400))],
  ["with a second time long ago", `t=1,${header()}`],
  ["of rubbish", `\u0000\r\n=${"=,".repeat(10_000)}`],
])("a header %s is refused, not thrown at", async (_name, value) => {
  expect(await holds(value)).toBe(false);
});

test("a byte order mark and bytes that are not UTF-8 are refused, however they were signed", async () => {
  const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
  expect(await holds(header(nowS(), marked), marked)).toBe(false);
  expect(await holds(header(), marked)).toBe(false);
  const broken = Buffer.concat([body, Buffer.from([0xff])]);
  expect(await holds(header(nowS(), broken), broken)).toBe(false);
  expect(await holds(header(nowS(), Buffer.from(broken.toString())), broken)).toBe(false);
});

test("what was signed need not be JSON: that is for the reader to find out", async () => {
  for (const text of ["null", "[]", "5", "{", ""]) {
    const bytes = Buffer.from(text);
    expect(await holds(header(nowS(), bytes), bytes)).toBe(true);
  }
});
