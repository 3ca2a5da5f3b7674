import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { isOpen } from "./addresses.ts";
import { ask, ForbiddenAddress, NoAnswer } from "./http.ts";
import { shopAddress } from "./refusal.ts";

test.each([
  "93.184.216.34",
  "1.1.1.1",
  "172.15.255.255",
  "172.32.0.1",
  "192.167.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001:80b::200e",
])("%s is of the open internet", (address) => {
  expect(isOpen(address)).toBe(true);
});

test.each([
  "0.0.0.0",
  "10.0.0.1",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.1",
  "192.168.1.1",
  "198.18.0.1",
  "203.0.113.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "64:ff9b::7f00:1",
  "100::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "ff02::1",
  "localhost",
  "",
])("%s is not", (address) => {
  expect(isOpen(address)).toBe(false);
});

const question = (url: string, standIn = false) =>
  ask({ url: new URL(url), method: "GET", headers: { authorization: "Basic secret" }, standIn });

test.each([
  "http://shop.example/",
  "https://127.0.0.1/",
  "https://[::1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://localhost/",
  "https://user:password@93.184.216.34/",
  "ftp://93.184.216.34/",
])("%s is not asked", async (url) => {
  await expect(question(url)).rejects.toBeInstanceOf(ForbiddenAddress);
});

test("a stand-in is asked where the configuration names it; a redirect is an answer, and the key stays here", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    if (request.url === "/long") response.end("x".repeat(9 * 1024 * 1024));
    else if (request.url === "/cut")
      response.writeHead(200, { "content-length": "10" }).write("half", () => response.destroy());
    else response.writeHead(302, { location: "/elsewhere" }).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await question(`${base}/`, true)).status).toBe(302);
  expect(asked).toEqual(["/"]);
  await expect(question(`${base}/long`, true)).rejects.toBeInstanceOf(NoAnswer);
  await expect(question(`${base}/cut`, true)).rejects.toBeInstanceOf(NoAnswer);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await expect(question(`${base}/`, true)).rejects.toBeInstanceOf(NoAnswer);
});

test("an address that an owner types is read kindly and strictly", () => {
  expect(shopAddress(" shop.example/ ").href).toBe("https://shop.example/");
  expect(shopAddress("https://Shop.Example/store").href).toBe("https://shop.example/store");
  for (const wrong of [
    "http://shop.example",
    "",
    "https://",
    "https://a b",
    "https://u:p@shop.example",
    "https://shop.example/?x=1",
    "https://shop.example/#x",
    "javascript:alert(1)",
    "file:///etc/passwd",
  ])
    expect(() => shopAddress(wrong), wrong).toThrow(expect.objectContaining({ kind: "invalid" }));
});
