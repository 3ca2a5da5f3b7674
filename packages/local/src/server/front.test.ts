import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../port.ts";
import { bodyPatienceMs, maxBodyBytes } from "./body.ts";
import { type Front, openFront, type Rooms } from "./front.ts";
import { networkOfSocket } from "./network.ts";
import { createPortal } from "./portal.ts";

let port: number;
let front: Front;
let folder: string;

/** An app that tells what it was asked, by its own name. */
function room(name: string) {
  const app = new Hono();
  app.all("*", async (c) =>
    c.json({ room: name, path: c.req.path, body: await c.req.text(), network: networkOfSocket(c) }),
  );
  return app;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "laurel-front-"));
  mkdirSync(join(folder, "dist/assets"), { recursive: true });
  writeFileSync(join(folder, "dist/index.html"), "<!doctype html><title>Portal</title>");
  writeFileSync(join(folder, "dist/assets/main-Ab3_9-xZ.js"), "export {}");
  writeFileSync(join(folder, "dist/favicon.svg"), "<svg/>");
  writeFileSync(join(folder, "secret.txt"), "outside");
  port = await freePort();
  front = await openFront(port, `http://localhost:${port}`, { patienceMs: 500 });
});
afterAll(async () => {
  await front.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  text: string;
}

/** A request by hand: fetch hides Host and would not send what is wrong. */
function ask(
  path: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: "127.0.0.1", port, path, method, headers: { host: `localhost:${port}`, ...headers }, agent: false },
      (incoming) => {
        let text = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk) => (text += chunk));
        incoming.on("end", () => resolve({ status: incoming.statusCode!, headers: incoming.headers, text }));
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}
const html = { accept: "text/html,application/xhtml+xml" };

test("until everything is up, visitors are told to come again", async () => {
  const answer = await ask("/api/health");
  expect(answer.status).toBe(503);
  expect(answer.headers["retry-after"]).toBe("1");
  const rooms: Rooms = {
    api: room("api"),
    webhooks: room("webhooks"),
    redirect: room("redirect"),
    shop: room("shop"),
    local: room("local"),
    portal: createPortal(join(folder, "dist")),
  };
  front.open(rooms);
  expect((await ask("/api/health")).status).toBe(200);
});

test.each([
  ["/api/health", "api"],
  ["/webhooks/stripe/con_1", "webhooks"],
  ["/r/ANNA15?utm=1", "redirect"],
  ["/shop", "shop"],
  ["/shop?code=A", "shop"],
  ["/local/clock", "local"],
])("%s is the room %s", async (path, name) => {
  const answer = JSON.parse((await ask(path, { headers: html })).text);
  expect(answer).toMatchObject({ room: name, path: path.split("?")[0], network: "127.0.0.1" });
});

test("a body arrives as it was sent", async () => {
  const body = '{"a":"ü \\u0000"}';
  expect(JSON.parse((await ask("/webhooks/x", { method: "POST", body })).text).body).toBe(body);
  expect(JSON.parse((await ask("/api/x", { method: "POST" })).text).body).toBe("");
});

test("a body of more than 1 MiB is refused before it is read, whether it says its size or not", async () => {
  const announced = await ask("/api/x", {
    method: "POST",
    headers: { "content-length": String(maxBodyBytes + 1), "content-type": "application/json" },
  });
  const body = Buffer.alloc(2 * 1024 * 1024, "x");
  const chunked = await ask("/api/x", { method: "POST", headers: { "transfer-encoding": "chunked" }, body });
  for (const answer of [announced, chunked]) {
    expect(answer.status).toBe(413);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 413,
      code: "request.too_large",
      errors: [{ field: "body", message: "has at most 1 MiB" }],
    });
  }
  const fits = await ask("/api/x", { method: "POST", body: Buffer.alloc(maxBodyBytes, "x") });
  expect(fits.status).toBe(200);
});

test("a body that never ends is answered with 408 when patience is over", async () => {
  const startedAt = performance.now();
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`POST /api/x HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 10\r\n\r\nabc`),
    );
    let said = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (said += chunk));
    socket.on("close", () => resolve(said));
    socket.on("error", reject);
  });
  expect(text).toMatch(/^HTTP\/1\.1 408 /);
  expect(performance.now() - startedAt).toBeGreaterThan(400);
  expect(bodyPatienceMs).toBe(10_000);
});

test("a name of another site that points here finds nothing", async () => {
  const answer = await ask("/api/health", { headers: { host: `evil.example:${port}` } });
  expect(answer.status).toBe(421);
  expect((await ask("/api/health", { headers: { host: `127.0.0.1:${port}` } })).status).toBe(200);
});

test("the portal: files for ever, its page never, other addresses get the page, lost files get 404", async () => {
  const asset = await ask("/assets/main-Ab3_9-xZ.js");
  expect(asset.headers).toMatchObject({
    "cache-control": "public, max-age=31536000, immutable",
    "content-type": "text/javascript; charset=utf-8",
  });
  const page = await ask("/ambassadors/amb_1", { headers: html });
  expect(page.status).toBe(200);
  expect(page.text).toContain("Portal");
  expect(page.headers["cache-control"]).toBe("no-cache");
  expect((await ask("/", { headers: html })).text).toContain("Portal");
  expect((await ask("/favicon.svg")).headers["content-type"]).toBe("image/svg+xml");
  expect((await ask("/assets/gone-12345678.js")).status).toBe(404);
  expect((await ask("/apply", { headers: { accept: "application/json" } })).status).toBe(404);
  expect((await ask("/apply", { method: "POST" })).status).toBe(405);
  expect((await ask("/", { method: "HEAD", headers: html })).text).toBe("");
  const again = await ask("/favicon.svg", {
    headers: { "if-none-match": String((await ask("/favicon.svg")).headers.etag) },
  });
  expect(again.status).toBe(304);
});

test("every page of the portal carries a strict content policy", async () => {
  const { headers } = await ask("/", { headers: html });
  expect(headers["content-security-policy"]).toContain("script-src 'self'");
  expect(headers["content-security-policy"]).not.toContain("unsafe");
  expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "x-frame-options": "DENY" });
});

test.each(["/../secret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt", "/..%5csecret.txt", "/%00", "/%zz"])(
  "%s leads to nothing outside of the portal",
  async (path) => {
    const answer = await ask(path);
    expect(answer.text).not.toContain("outside");
    expect([200, 404]).toContain(answer.status);
  },
);

test("people are kept on one address", async () => {
  const answer = await ask("/apply?x=1", { headers: { ...html, host: `127.0.0.1:${port}` } });
  expect(answer.status).toBe(302);
  expect(answer.headers.location).toBe(`http://localhost:${port}/apply?x=1`);
});

test("a taken port is one clear line that names another one", async () => {
  await expect(openFront(port, `http://localhost:${port}`)).rejects.toThrow(
    `Port ${port} is taken. Stop what listens there, or choose another one: PORT=${port + 1} npm start`,
  );
});

test("local pages are only for loopback, even where Laurel has a public name", async () => {
  const otherPort = await freePort();
  const other = await openFront(otherPort, "https://ambassadors.example.com");
  other.open({
    api: room("api"),
    webhooks: room("webhooks"),
    redirect: room("redirect"),
    shop: room("shop"),
    local: room("local"),
    portal: createPortal(join(folder, "dist")),
  });
  const at = port;
  port = otherPort;
  try {
    const publicly = { headers: { host: "ambassadors.example.com" } };
    expect((await ask("/api/health", publicly)).status).toBe(200);
    expect((await ask("/local/sign-in?role=owner", publicly)).status).toBe(421);
    expect((await ask("/shop", publicly)).status).toBe(421);
    expect((await ask("/local/clock")).status).toBe(200);
  } finally {
    port = at;
    await other.close();
  }
});
