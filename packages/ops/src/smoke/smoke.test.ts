import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bringUp, type Running } from "@laurel/local/src/bring-up.ts";
import { readOptions } from "@laurel/local/src/options.ts";
import { freePort } from "@laurel/local/src/port.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Front, openFront, type Passing } from "../../testing/front.ts";
import { ended } from "../../testing/io.ts";
import { apiChecks } from "./api.ts";
import { behindChecks } from "./behind.ts";
import { type Result, runChecks } from "./check.ts";
import { portalChecks } from "./portal.ts";
import { redirectChecks } from "./redirect.ts";
import { openSite, type Site } from "./site.ts";
import { smoke } from "./smoke.ts";
import { webhookChecks } from "./webhook.ts";

let folder: string;
let laurel: Running;
let front: Front;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "laurel-smoke-"));
  const port = await freePort();
  laurel = await bringUp(readOptions({ LAUREL_DIR: folder, LAUREL_DEMO: "0", PORT: String(port) }));
  front = await openFront(laurel.run.portalUrl);
}, 120_000);
afterAll(async () => {
  await front?.close();
  await laurel?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  front.tamper = () => {};
});

const checks = () => {
  const [connection] = laurel.run.connections;
  const { id, provider, webhookSecret: secret } = connection!;
  return [...apiChecks, ...portalChecks, ...webhookChecks({ id, provider, secret }), ...redirectChecks];
};
/** As if the front spoke TLS, so that what only holds there is looked at too. */
const throughFront = (named = ""): Promise<Result[]> =>
  runChecks(
    checks().filter(({ name }) => name.startsWith(named)),
    openSite(front.origin, { secure: true }),
  );
const failed = (results: Result[]) => results.filter(({ outcome }) => outcome === "FAIL");

test("a Laurel that runs on this machine passes, found by itself, and its event is kept as ignored", async () => {
  const { code, text } = await ended(smoke, "", { env: { LAUREL_DIR: folder } });
  expect(text).toContain("All is well.");
  expect(code).toBe(0);
  expect(text.match(/^ {2}ok/gm)!.length).toBeGreaterThanOrEqual(13);
  expect(text.match(/^ {2}left out.*/gm)).toEqual([
    expect.stringContaining("CloudFront does it"),
    expect.stringContaining("there is no TLS here"),
  ]);
  expect(text).not.toContain(laurel.run.connections[0]!.webhookSecret);
  const ctx = laurel.runtime.context({ kind: "system", name: "test" });
  const { list } = await import("@laurel/core/event");
  const { items } = await list(ctx, {});
  expect(items.length).toBeGreaterThan(0);
  for (const event of items)
    expect(event).toMatchObject({ type: "laurel.smoke_test", status: "ignored", orderId: null });
});

test("behind a front with TLS, all but the way to it is looked at", async () => {
  const results = await throughFront();
  expect(failed(results)).toEqual([]);
  expect(results.filter(({ outcome }) => outcome === "left out").map(({ name }) => name)).toEqual([
    "portal: without TLS it leads to TLS",
  ]);
});

type Breach = [check: string, says: string, tamper: (answer: Passing) => void];
const at = (path: string | RegExp, act: (answer: Passing) => void) => (answer: Passing) => {
  const [bare] = answer.path.split("?");
  if (typeof path === "string" ? bare === path : path.test(answer.path)) act(answer);
};
const without = (path: string | RegExp, header: string) => at(path, ({ headers }) => headers.delete(header));
const header = (path: string | RegExp, name: string, value: string) =>
  at(path, ({ headers }) => headers.set(name, value));
const status = (path: string | RegExp, code: number, when: (answer: Passing) => boolean = () => true) =>
  at(path, (answer) => {
    if (when(answer)) answer.status = code;
  });
const body = (path: string | RegExp, change: (text: string) => string) =>
  at(path, (answer) => {
    answer.body = change(answer.body);
  });
const replaced = (path: string | RegExp, from: string, to: string) => body(path, (text) => text.replace(from, to));
const csp = (from: string, to: string) =>
  at("/", ({ headers }) =>
    headers.set("content-security-policy", headers.get("content-security-policy")!.replace(from, to)),
  );
const hooks = /^\/webhooks\/stripe\/con_0[1-9a-z]/;
const isSigned = ({ request }: Passing) => request.has("stripe-signature");

/** One for everything that a check looks at. */
const breaches: Breach[] = [
  ["api: healthy", "answered 503", status("/api/health", 503)],
  ["api: healthy", "there is no program yet", replaced("/api/health", '"status"', '"code":"program.missing","x"')],
  ["api: healthy", "is no JSON", body("/api/health", () => "<html>")],
  ["api: what is not there", "answered 200 instead of 404", status(/nothing-of-this-name/, 200)],
  ["api: what is not there", "is no problem+json", header(/nothing-of-this-name/, "content-type", "text/html")],
  ["api: what is not there", "cache-control is", header(/nothing-of-this-name/, "cache-control", "max-age=60")],
  [
    "api: what is not there",
    "x-content-type-options is missing",
    without(/nothing-of-this-name/, "x-content-type-options"),
  ],
  [
    "api: what is not there",
    "content-security-policy is missing",
    without(/nothing-of-this-name/, "content-security-policy"),
  ],
  ["api: refuses whoever is not signed in", "answered 200 instead of 401", status("/api/orders", 200)],
  ["api: refuses what another site", "answered 401 instead of 403", status("/api/auth/verify", 401)],
  ["api: refuses what another site", "other sites may read", header("/api/health", "access-control-allow-origin", "*")],
  [
    "api: its documentation",
    "it loads https://cdn.example/",
    replaced("/api/docs", "/api/docs/swagger-ui-bundle.js", "https://cdn.example/ui.js"),
  ],
  ["api: its documentation", "swagger-ui.css answered 404", status("/api/docs/swagger-ui.css", 404)],
  [
    "api: its documentation",
    "script-src allows 'unsafe-inline'",
    header(
      "/api/docs",
      "content-security-policy",
      "default-src 'none'; frame-ancestors 'none'; script-src 'self' 'unsafe-inline'",
    ),
  ],
  ["api: its documentation", "no OpenAPI document", body("/api/openapi.json", () => "{}")],
  ["portal: the page loads", "answered 403", status("/", 403)],
  ["portal: the page loads", "cache-control is", header("/", "cache-control", "max-age=86400")],
  ["portal: the page loads", "a script stands in the page", replaced("/", "</head>", "<script>1</script></head>")],
  ["portal: the page loads", "a style or a handler", replaced("/", "<body>", '<body onload="1">')],
  [
    "portal: the page loads",
    "it loads https://cdn.example/a.css",
    replaced("/", "</head>", '<link rel="stylesheet" href="https://cdn.example/a.css"></head>'),
  ],
  [
    "portal: security headers",
    "script-src allows 'unsafe-inline'",
    csp("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
  ],
  [
    "portal: security headers",
    "style-src allows 'unsafe-inline'",
    csp("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
  ],
  [
    "portal: security headers",
    "connect-src allows https://tracker.example",
    csp("connect-src 'self'", "connect-src https://tracker.example"),
  ],
  ["portal: security headers", "default-src is not 'none'", csp("default-src 'none'", "default-src 'self'")],
  ["portal: security headers", "frame-ancestors is not 'none'", csp("frame-ancestors 'none'", "frame-ancestors *")],
  ["portal: security headers", "content-security-policy is missing", without("/", "content-security-policy")],
  ...[
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
  ].map((name): Breach => ["portal: security headers", `${name} is missing`, without("/", name)]),
  ["portal: security headers", "strict-transport-security is missing", without("/", "strict-transport-security")],
  ["portal: security headers", "shorter than a year", header("/", "strict-transport-security", "max-age=60")],
  ["portal: assets are good", "cache-control is no-cache", header(/^\/assets\/.*\.js$/, "cache-control", "no-cache")],
  ["portal: assets are good", "answered 404", status(/^\/assets\/.*\.css$/, 404)],
  ["portal: assets are good", ".map is there", status(/^\/assets\/.*\.map$/, 200)],
  [
    "portal: assets are good",
    "names a source map",
    body(/^\/assets\/.*\.js$/, (text) => `${text}\n//# sourceMappingURL=a.js.map`),
  ],
  [
    "portal: travels compressed",
    "br was asked for, null came",
    at(
      /^\/assets\//,
      ({ headers, request }) => request.get("accept-encoding") === "br" && headers.delete("content-encoding"),
    ),
  ],
  [
    "portal: travels compressed",
    "gzip was asked for, null came",
    at(
      /^\/assets\//,
      ({ headers, request }) => request.get("accept-encoding") === "gzip" && headers.delete("content-encoding"),
    ),
  ],
  ["portal: a link into it", "answered 404", status("/orders/ord_smoke", 404)],
  ["portal: a link into it", "another page", body("/orders/ord_smoke", () => "<html></html>")],
  ["portal: a file that is not there", "answered 200", status("/assets/nothing-00000000.js", 200)],
  [
    "webhooks: an unknown connection",
    "answered 200 instead of 404",
    status(/con_000000/, 200, ({ method }) => method === "POST"),
  ],
  [
    "webhooks: an unknown connection",
    "answered 404 instead of 405",
    status(/con_000000/, 404, ({ method }) => method === "GET"),
  ],
  ["webhooks: what is not signed", "answered 200 instead of 400", status(hooks, 200, (answer) => !isSigned(answer))],
  [
    "webhooks: what is not signed",
    "answered 500 instead of 400",
    status(hooks, 500, (answer) => isSigned(answer) && answer.status === 400),
  ],
  ["webhooks: a signed event", "answered 400", status(hooks, 400, (answer) => answer.status === 200)],
  ["links: an unknown code", "answered 404", status(/^\/r\/SMOKE/, 404)],
  [
    "links: an unknown code",
    "leads to https://elsewhere.example/",
    header(/^\/r\/SMOKE.*url=/, "location", "https://elsewhere.example/"),
  ],
  [
    "links: an unknown code",
    "leads to http://elsewhere.example",
    header(/^\/r\/\//, "location", "//elsewhere.example/"),
  ],
  [
    "links: an unknown code",
    "counts a click",
    at(/^\/r\/SMOKE/, ({ headers }) => headers.set("location", `${headers.get("location")}?laurel_click=clk_1`)),
  ],
  ["links: an unknown code", "cache-control is", header(/^\/r\/SMOKE/, "cache-control", "max-age=60")],
];

test.each(breaches)("%s fails when %s", async (check, says, tamper) => {
  let hits = 0;
  front.tamper = (answer) => {
    const before = JSON.stringify([answer.status, answer.body, [...answer.headers]]);
    tamper(answer);
    if (JSON.stringify([answer.status, answer.body, [...answer.headers]]) !== before) hits += 1;
  };
  const results = failed(await throughFront(check));
  expect(hits).toBeGreaterThan(0);
  expect(results).toContainEqual(
    expect.objectContaining({ name: expect.stringContaining(check), note: expect.stringContaining(says) }),
  );
});

test("every check has a breach", () => {
  for (const { name } of checks().filter((each) => !each.name.includes("leads to TLS")))
    expect(
      breaches.filter(([check]) => name.startsWith(check)),
      name,
    ).not.toEqual([]);
});

test("the way to TLS is looked at where there is TLS", async () => {
  const [check] = portalChecks.filter(({ name }) => name.includes("leads to TLS"));
  const site = (status: number, location: string): Site => ({
    origin: "https://friends.example.com",
    secure: true,
    ask: async (path) => {
      expect(path).toBe("http://friends.example.com/");
      return { status, headers: new Headers({ location }), text: "" };
    },
    page: () => Promise.reject(),
  });
  const outcome = async (it: Site) => (await runChecks([check!], it))[0]!.outcome;
  expect(await outcome(site(301, "https://friends.example.com/"))).toBe("ok");
  expect(await outcome(site(301, "https://friends.example.com.evil.example/"))).toBe("FAIL");
  expect(await outcome(site(200, ""))).toBe("FAIL");
});

test("a function that answers around CloudFront is told", async () => {
  const [open] = await runChecks(behindChecks([front.origin]), openSite(front.origin));
  expect(open).toMatchObject({ outcome: "FAIL", note: "/api/health answered 200" });
  front.tamper = (answer) => {
    answer.status = 403;
  };
  const [shut] = await runChecks(behindChecks([front.origin]), openSite(front.origin));
  expect(shut).toMatchObject({ outcome: "ok" });
});

test("exits with 1 and says how many failed, also where nobody answers", async () => {
  front.tamper = status("/api/health", 500);
  const one = await ended(smoke, `--url ${front.origin}`, { env: { LAUREL_DIR: "/nowhere" } });
  expect(one.code).toBe(1);
  expect(one.text).toMatch(/1 of \d+ checks failed\./);
  expect(one.text).toMatch(/left out .*--connection con_/);
  const nobody = await ended(smoke, `--url http://127.0.0.1:${await freePort()}`, { env: { LAUREL_DIR: "/nowhere" } });
  expect(nobody.code).toBe(1);
  expect(nobody.text).toContain("/api/health: ECONNREFUSED");
});

test("a connection is tried with its secret from the environment or from stdin, and a wrong one is told", async () => {
  const { id, webhookSecret } = laurel.run.connections[0]!;
  const run = (more: string, env: Record<string, string> = {}, stdin = "") =>
    ended(smoke, `--url ${front.origin} --connection ${id} ${more}`, {
      env: { LAUREL_DIR: "/nowhere", ...env },
      stdin,
    });
  expect((await run("")).text).toContain("needs the signing secret");
  expect((await run("", { LAUREL_WEBHOOK_SECRET: webhookSecret })).text).toContain("kept as an ignored event");
  expect((await run("--secret-from-stdin", {}, webhookSecret)).text).toContain("kept as an ignored event");
  const wrong = await run("", { LAUREL_WEBHOOK_SECRET: "whsec_wrong" });
  expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining("answered 400: webhook.signature") });
});

test("says what it needs", async () => {
  const say = async (argv: string) => {
    const { code, text } = await ended(smoke, argv, { env: { LAUREL_DIR: "/nowhere" } });
    expect(code).toBe(1);
    return text;
  };
  expect(await say("")).toContain("Say where: --url");
  expect(await say("--url friends.example.com")).toContain("is no web address");
  expect(await say("--url https://x.example --connection evt_1")).toContain("is no connection's id");
  expect(await say("--url https://x.example --connection con_1 --provider paypal")).toContain("is not known");
});
