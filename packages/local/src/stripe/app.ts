import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import type { Courier } from "./delivery.ts";
import { apiVersion, openDesk, randomId } from "./desk.ts";
import { decodeForm, readParams } from "./form.ts";
import { expanded } from "./list.ts";
import { Refusal, refuseRequest } from "./refusal.ts";
import { type Route, routes } from "./routes.ts";
import type { Store } from "./store.ts";

/** Keys that open an account of their own when they are first used: `sk_test_shop…`, `rk_test_shop…`. */
export const furtherKey = /^(?:sk|rk)_test_(shop[A-Za-z0-9]{8,60})$/;
const keyKeptMs = 24 * 3_600_000;
const maxBody = 1_000_000;

/** Trouble on demand, for tests: `refuse` answers before anything happened, `lose` lets it happen and spoils the answer. */
export interface Fault {
  matches: (method: string, path: string) => boolean;
  answer: "refuse" | "lose";
  status: number;
  /** How often; it is taken off the list then. */
  times: number;
}

export interface AppParts {
  store: Store;
  courier: Courier;
  apiKeys: ReadonlySet<string>;
  accountOf: (apiKey: string) => string;
  now: () => Date;
  faults: Fault[];
  /** How long an answer takes; with 0 two requests are never at work at once. */
  latencyMs: () => number;
}

interface Outcome {
  status: number;
  body: string;
  requestId: string;
  replayed?: boolean;
}

/** Stripe's HTTP side: who asks, in which version, with which key, and what the SDK then sees. */
export function createApp(parts: AppParts): Hono {
  const atWork = new Set<string>();
  const app = new Hono();

  for (const route of routes)
    app.on(route.method, route.path, async (c) => {
      const requestId = randomId("req_", 14);
      try {
        return send(c, await handle(c, route, requestId));
      } catch (error) {
        if (error instanceof Refusal) return send(c, outcomeOf(error, requestId));
        throw error;
      }
    });
  app.all("/v1/*", (c) => {
    const message = `Unrecognized request URL (${c.req.method}: ${c.req.path}). Laurel's stand-in knows only the part of Stripe's API that it needs.`;
    return send(
      c,
      outcomeOf(new Refusal(404, { type: "invalid_request_error", message }, false), randomId("req_", 14)),
    );
  });
  app.get("/", (c) =>
    c.text("Laurel's Stripe stand-in. Point an SDK here with a key of this machine; no money moves.\n"),
  );
  app.onError((error, c) => {
    const body = { type: "api_error", message: `The stand-in failed: ${error.message}` } as const;
    return send(c, outcomeOf(new Refusal(500, body, false), randomId("req_", 14)));
  });

  async function handle(c: Context, route: Route, requestId: string): Promise<Outcome> {
    const account = authenticate(c.req.header("authorization"), parts);
    checkVersion(c.req.header("stripe-version"));
    const text = route.method === "POST" ? await readBody(c) : new URL(c.req.url).search.slice(1);
    const fault = takeFault(parts.faults, c.req.method, c.req.path);
    if (fault?.answer === "refuse") return spoilt(fault.status, requestId);
    const key = route.method === "POST" ? idempotencyKeyOf(c.req.header("idempotency-key")) : null;
    const work = () => perform(c, route, account, key, requestId, text);
    const outcome = key === null ? await work() : await once(account, key, fingerprintOf(c, text), work);
    parts.courier.wake();
    return fault ? spoilt(fault.status, requestId) : outcome;
  }

  /** The same key gives the same answer, refusals included; it refuses other parameters, and a second request while the first is at work. */
  async function once(
    account: string,
    key: string,
    fingerprint: string,
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const known = parts.store.answer(account, key);
    if (known && Date.now() - known.atMs < keyKeptMs) {
      if (known.fingerprint !== fingerprint)
        refuseRequest(400, {
          type: "idempotency_error",
          message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        });
      return { status: known.status, body: known.body, requestId: known.requestId, replayed: true };
    }
    const claim = `${account} ${key}`;
    if (atWork.has(claim))
      refuseRequest(409, {
        type: "idempotency_error",
        code: "idempotency_key_in_use",
        message: "There is currently another in-progress request using this Idempotency-Key. Please try again later.",
      });
    atWork.add(claim);
    try {
      return await work();
    } finally {
      atWork.delete(claim);
    }
  }

  async function perform(
    c: Context,
    route: Route,
    account: string,
    key: string | null,
    requestId: string,
    text: string,
  ): Promise<Outcome> {
    const params = readParams(route.params, decodeForm(text));
    if (parts.latencyMs() > 0) await new Promise((resolve) => setTimeout(resolve, parts.latencyMs()));
    const { store } = parts;
    const desk = openDesk(store, account, parts.now(), key, requestId);
    const answer = (outcome: Outcome, subject: string | null): Outcome => {
      if (route.method === "GET") return outcome;
      const atMs = Date.now();
      store.logRequest(account, {
        id: requestId,
        method: route.method,
        path: c.req.path,
        params: decodeForm(text),
        status: outcome.status,
        subject,
        atMs,
      });
      if (key !== null) store.rememberAnswer(account, key, { ...outcome, fingerprint: fingerprintOf(c, text), atMs });
      return outcome;
    };
    try {
      return store.transaction(() => {
        const made = route.run(desk, c.req.param("id") ?? "", params as never);
        const shown = expanded(desk, made, (params as { expand?: string[] }).expand);
        return answer(
          { status: 200, body: JSON.stringify(shown, null, 2), requestId },
          (made as { id?: string }).id ?? null,
        );
      });
    } catch (error) {
      if (!(error instanceof Refusal) || !error.begun) throw error;
      return store.transaction(() => answer(outcomeOf(error, requestId), null));
    }
  }

  return app;
}

const outcomeOf = (refusal: Refusal, requestId: string): Outcome => ({
  status: refusal.status,
  body: JSON.stringify({ error: refusal.body }, null, 2),
  requestId,
});

const spoilt = (status: number, requestId: string): Outcome =>
  outcomeOf(
    new Refusal(
      status,
      {
        type: status === 429 ? "invalid_request_error" : "api_error",
        message: "Trouble on demand.",
        ...(status === 429 ? { code: "rate_limit" } : {}),
      },
      false,
    ),
    requestId,
  );

function send(c: Context, outcome: Outcome): Response {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "request-id": outcome.requestId,
    "stripe-version": apiVersion,
  };
  const key = c.req.header("idempotency-key");
  if (key) headers["idempotency-key"] = key.replace(/[^\x20-\x7e]/g, "?");
  if (outcome.replayed)
    Object.assign(headers, { "idempotent-replayed": "true", "original-request": outcome.requestId });
  return c.body(outcome.body, outcome.status as 200, headers);
}

function authenticate(header: string | undefined, parts: AppParts): string {
  const [scheme = "", value = ""] = (header ?? "").split(" ");
  const key = /^basic$/i.test(scheme)
    ? Buffer.from(value, "base64").toString().split(":")[0]!
    : /^bearer$/i.test(scheme)
      ? value
      : "";
  if (!key)
    refuseRequest(401, {
      type: "invalid_request_error",
      message:
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    });
  if (!parts.apiKeys.has(key) && !furtherKey.test(key))
    refuseRequest(401, {
      type: "invalid_request_error",
      message: `Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(8)}${key.slice(-4)}`,
    });
  return parts.accountOf(key);
}

function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== apiVersion)
    refuseRequest(400, {
      type: "invalid_request_error",
      message: `The stand-in answers in API version ${apiVersion} only; ${version.slice(0, 40)} was asked for.`,
    });
}

async function readBody(c: Context): Promise<string> {
  const type = c.req.header("content-type") ?? "";
  const text = await c.req.text();
  if (text.length > maxBody)
    refuseRequest(413, { type: "invalid_request_error", message: "The request is too large." });
  if (text !== "" && !type.startsWith("application/x-www-form-urlencoded"))
    refuseRequest(400, {
      type: "invalid_request_error",
      message: `Invalid content-type: ${type.slice(0, 60)}. Use application/x-www-form-urlencoded.`,
    });
  return text;
}

function idempotencyKeyOf(header: string | undefined): string | null {
  if (header === undefined || header === "") return null;
  if (header.length > 255)
    refuseRequest(400, { type: "idempotency_error", message: "Idempotency keys have at most 255 characters." });
  return header;
}

/** What must not change under a key: where it goes and what is asked, in whatever order. */
const fingerprintOf = (c: Context, text: string): string =>
  createHash("sha256")
    .update([c.req.method, c.req.path, ...text.split("&").sort()].join("\n"))
    .digest("hex");

function takeFault(faults: Fault[], method: string, path: string): Fault | undefined {
  const fault = faults.find((each) => each.matches(method, path));
  if (fault && --fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  return fault;
}
