import { afterEach, describe, expect, it, vi } from "vitest";
import { get, post, withQuery } from "./client.ts";
import { createKeyring } from "./idempotency.ts";
import { ApiError, fieldPath, problemOf, retryAfterMs } from "./problem.ts";

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json", ...headers } });

describe("problem documents", () => {
  it("become errors with fields named as the forms name them", async () => {
    const error = await problemOf(
      json(400, {
        title: "The request is not valid",
        detail: "channels.0.url is not a web address.",
        code: "request.invalid",
        requestId: "req_1",
        errors: [{ field: "channels[0].url", message: "is not a web address" }],
      }),
    );
    expect(error).toMatchObject({ status: 400, code: "request.invalid", requestId: "req_1", isTransient: false });
    expect(error.fields).toEqual([{ field: "channels.0.url", message: "is not a web address" }]);
  });

  it("are made up where a proxy answered in something else", async () => {
    const error = await problemOf(
      new Response("<html>Bad gateway</html>", { status: 503, headers: { "retry-after": "7" } }),
    );
    expect(error).toMatchObject({ status: 503, code: "http.503", isTransient: true, retryAfterMs: 7000 });
    expect(error.message).toContain("try again");
  });

  it("name fields alike however they were written", () => {
    expect(["/channels/0/url", "channels[0].url", "body.channels.0.url", "name"].map(fieldPath)).toEqual([
      "channels.0.url",
      "channels.0.url",
      "channels.0.url",
      "name",
    ]);
  });

  it("read Retry-After in seconds and as a date", () => {
    expect(retryAfterMs("90")).toBe(90_000);
    expect(retryAfterMs("Thu, 01 Jan 1970 00:01:00 GMT", 30_000)).toBe(30_000);
    expect(retryAfterMs("soon")).toBeUndefined();
    expect(retryAfterMs(null)).toBeUndefined();
  });
});

describe("idempotency keys", () => {
  const ring = () => {
    let made = 0;
    return createKeyring(() => `key ${++made}`);
  };

  it("stay the same while the outcome is unknown", () => {
    const keys = ring();
    const first = keys.keyFor("POST", "/x", { a: 1 });
    for (const status of [0, 429, 500, 503]) {
      keys.settle("POST", "/x", { a: 1 }, status);
      expect(keys.keyFor("POST", "/x", { a: 1 })).toBe(first);
    }
  });

  it("are new after a definite answer, for another body and for another path", () => {
    const keys = ring();
    const first = keys.keyFor("POST", "/x", { a: 1 });
    expect(keys.keyFor("POST", "/x", { a: 2 })).not.toBe(first);
    expect(keys.keyFor("POST", "/y", { a: 1 })).not.toBe(first);
    keys.settle("POST", "/x", { a: 1 }, 409);
    expect(keys.keyFor("POST", "/x", { a: 1 })).not.toBe(first);
  });
});

describe("the client", () => {
  afterEach(() => vi.unstubAllGlobals());
  const answering = (...answers: (Response | Error)[]) => {
    const calls: { path: string; init: RequestInit }[] = [];
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      calls.push({ path, init });
      const next = answers.shift()!;
      if (next instanceof Error) throw next;
      return next;
    });
    return calls;
  };
  const keyOf = (call: { init: RequestInit } | undefined) => new Headers(call!.init.headers).get("idempotency-key");

  it("leaves empty parameters out", () => {
    expect(withQuery("/api/x", { a: "", b: undefined, c: 0, d: "ü &" })).toBe("/api/x?c=0&d=%C3%BC+%26");
  });

  it("sends the same key again after a lost answer and a new one after success", async () => {
    const calls = answering(new TypeError("failed to fetch"), json(200, { ok: true }), json(200, { ok: true }));
    await expect(post("/api/x", { a: 1 })).rejects.toMatchObject({ status: 0, code: "network", isTransient: true });
    await post("/api/x", { a: 1 });
    await post("/api/x", { a: 1 });
    const keys = calls.map(keyOf);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[1]);
  });

  it("reads without a key, same-origin, and gives nothing for 204", async () => {
    const calls = answering(new Response(null, { status: 204 }));
    expect(await get("/api/x")).toBeUndefined();
    expect(keyOf(calls[0])).toBeNull();
    expect(calls[0]!.init.credentials).toBe("same-origin");
  });

  it("throws what the API said", async () => {
    answering(json(409, { title: "T", detail: "Somebody was faster.", code: "application.already_decided" }));
    const error = await post("/api/x").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, message: "Somebody was faster." });
  });
});
