import { AppError } from "@laurel/core/kernel";
import type { LambdaFunctionURLResult } from "aws-lambda";
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { lambdaContext, type UrlRequest, urlEvent } from "../packages/local/testing/lambda.ts";
import { behindFront } from "./front.ts";
import { onEvent } from "./lambda.ts";
import { openPlainTelemetry } from "./plain-telemetry.ts";

const secret = "0123456789abcdef0123456789abcdef";
const context = lambdaContext("test-laurel-api");
let lines: Record<string, unknown>[] = [];
const telemetry = openPlainTelemetry({ service: "test", namespace: "Laurel/test" }, (line) =>
  lines.push(JSON.parse(line)),
);
beforeEach(() => {
  lines = [];
});

describe("behind the front door", () => {
  /** An application that says what it saw. */
  const app = () =>
    new Hono()
      .all("/echo", async (c) => {
        setCookie(c, "a", "1", { httpOnly: true });
        setCookie(c, "b", "2; x", { path: "/" });
        const body = Buffer.from(await c.req.arrayBuffer());
        return c.json({
          method: c.req.method,
          body: body.toString("hex"),
          length: c.req.header("content-length"),
          query: c.req.queries(),
          cookies: getCookie(c),
        });
      })
      .get("/bytes", (c) => c.body(new Uint8Array([0, 255, 128]), 200, { "content-type": "image/png" }));
  const make = (more: Partial<Parameters<typeof behindFront<string>>[0]> = {}) =>
    behindFront({ telemetry: () => telemetry, secrets: () => secret, start: async () => "ready", make: app, ...more });
  const ask = async (request: UrlRequest, handler = make()) =>
    (await handler(urlEvent({ secret, ...request }), context)) as Exclude<LambdaFunctionURLResult, string>;
  const echo = async (request: Omit<UrlRequest, "path">) =>
    JSON.parse((await ask({ method: "POST", path: "/echo", ...request })).body!);

  test("whoever goes around it gets 403 before anything of the request is read", async () => {
    let began = 0;
    const handler = make({
      start: async () => {
        began++;
        return "ready";
      },
    });
    const unreadable = new Proxy(urlEvent({ path: "/echo", method: "POST", body: "x" }), {
      get: (event, name) => (name === "headers" ? event.headers : expect.fail(`${String(name)} was read`)),
    });
    const answer = (await handler(unreadable, context)) as Exclude<LambdaFunctionURLResult, string>;
    expect(answer).toMatchObject({ statusCode: 403, headers: { "content-type": "application/problem+json" } });
    expect(JSON.parse(answer.body!)).toMatchObject({
      type: "urn:laurel:problem:request.origin_secret",
      status: 403,
      requestId: context.awsRequestId,
    });
    expect(began).toBe(0);
    expect(lines).toMatchObject([{ level: "WARN", message: "origin.refused" }]);
    expect((await ask({ path: "/echo", secret: "another secret that is long" }, handler)).statusCode).toBe(403);
    expect((await ask({ path: "/echo" }, handler)).statusCode).toBe(200);
  });

  test("a body comes byte for byte, in base 64 or as text", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(await echo({ body: bytes })).toMatchObject({ body: Buffer.from(bytes).toString("hex"), length: "256" });
    const text = '{"a": "ü €\\r\\n" }\n\n';
    const hex = Buffer.from(text).toString("hex");
    expect((await echo({ body: text })).body).toBe(hex);
    expect((await echo({ body: text, base64: true })).body).toBe(hex);
    expect((await echo({})).body).toBe("");
  });

  test("cookies and queries with several values come and go", async () => {
    const answer = await ask({ path: "/echo?a=1&a=2&b=%20", cookies: ["session=abc", "other=d%20e"] });
    expect(JSON.parse(answer.body!)).toMatchObject({
      query: { a: ["1", "2"], b: [" "] },
      cookies: { session: "abc", other: "d e" },
    });
    expect(answer.cookies).toEqual(["a=1; Path=/; HttpOnly", "b=2%3B%20x; Path=/"]);
    expect(Object.keys(answer.headers!)).not.toContain("set-cookie");
  });

  test("HEAD is answered like GET, without a body; what is not text goes out in base 64", async () => {
    expect(await ask({ method: "HEAD", path: "/bytes" })).toMatchObject({ statusCode: 200, body: "" });
    expect(await ask({ path: "/bytes" })).toMatchObject({ statusCode: 200, body: "AP+A", isBase64Encoded: true });
  });

  test("while it cannot start: 503, a line that says why, and the next request tries again", async () => {
    let tries = 0;
    const handler = make({
      start: async () => {
        if (++tries < 3) throw new AppError("unavailable", "runtime.not_ready", "Not yet");
        return "ready";
      },
    });
    const answer = await ask({ path: "/echo" }, handler);
    expect(answer).toMatchObject({ statusCode: 503, headers: { "retry-after": "30" } });
    expect(JSON.parse(answer.body!)).toMatchObject({ status: 503, retryAfterMs: 30_000 });
    expect(lines).toMatchObject([{ level: "ERROR", message: "invocation.not_ready", error: "runtime.not_ready" }]);
    expect((await ask({ path: "/echo" }, handler)).statusCode).toBe(503);
    expect((await ask({ path: "/echo" }, handler)).statusCode).toBe(200);
  });

  test("without origin secrets nobody is let in", async () => {
    const handler = make({ secrets: () => "," });
    expect((await ask({ path: "/echo", secret: "" }, handler)).statusCode).toBe(503);
    expect(lines[0]).toMatchObject({ error: expect.stringContaining("ORIGIN_SECRETS") });
  });

  test("metrics are written at the end, also of an invocation that breaks", async () => {
    const handler = make({
      make: () => {
        telemetry.metrics.record("LostClicks");
        return { fetch: () => Promise.reject(new Error("broken")) } as never;
      },
    });
    await expect(ask({ path: "/echo" }, handler)).rejects.toThrow("broken");
    expect(lines).toMatchObject([{ message: "invocation.failed", error: "Error: broken" }, { LostClicks: 1 }]);
  });
});

describe("woken by an event", () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((text) => written.push(String(text)) > 0);
  });
  afterEach(() => vi.restoreAllMocks());

  test("what could not start is tried again with the next event, and what did is kept", async () => {
    let starts = 0;
    let makes = 0;
    const handler = onEvent(
      (ready: number) => {
        makes++;
        return async (event: string) => `${event} ${ready}`;
      },
      async () => {
        if (++starts === 1) throw new AppError("unavailable", "runtime.not_ready", "Not yet");
        return starts;
      },
    );
    await expect(handler("a", context)).rejects.toThrow("runtime.not_ready");
    expect([await handler("b", context), await handler("c", context)]).toEqual(["b 2", "c 2"]);
    expect(makes).toBe(1);
  });

  test("a failure is handed to Lambda with its name alone, and told in one line before", async () => {
    const handler = onEvent(
      () => async () => {
        throw new Error('No mailbox "anna@example.com"', { cause: new SyntaxError("Unexpected token in Anna") });
      },
      async () => undefined,
    );
    const error = await handler({}, context).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: "Error: No mailbox …" });
    expect(JSON.parse(written.at(-1)!)).toMatchObject({
      level: "ERROR",
      message: "invocation.failed",
      function_request_id: context.awsRequestId,
    });
    expect(written.join("") + (error as Error).stack).not.toMatch(/anna/i);
  });
});
