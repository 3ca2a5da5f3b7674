import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Me, Problem } from "@laurel/contract";
import { mintSignIn } from "@laurel/core/sign-in";
import { afterAll, beforeEach, expect, test } from "vitest";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { createApi } from "./app.ts";
import { type Caller, json, signedIn } from "./testing.ts";

let world: World;
let api: ReturnType<typeof createApi>;
let ada: Caller;
let origin: { origin: string };
let address: string;
beforeEach(async () => {
  await world?.close();
  world = await openWorld();
  address = "192.0.2.1";
  api = createApi(world.runtime, { networkOf: () => address });
  ada = await signedIn(world, ["ambassador"], "ada@example.com");
  origin = { origin: ada.headers.origin! };
});
afterAll(() => world.close());

const post = (path: string, body: unknown, headers: Record<string, string> = origin) =>
  api.request(path, json(body, headers));
const me = (cookie: string) => api.request("/api/me", { headers: { cookie } });

test("token → session → me → signed out", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  const verified = await post("/api/auth/verify", { token });
  expect(verified.status).toBe(200);
  const who = (await verified.json()) as Me;
  expect(who).toMatchObject({ id: ada.personId, email: "ada@example.com", roles: ["ambassador"] });
  expect(who.ambassador).toMatchObject({ id: ada.ambassadorId, status: "active" });

  const set = verified.headers.get("set-cookie")!;
  expect(set).toMatch(new RegExp(`^laurel_4747=${ada.personId}\\.[A-Za-z0-9_-]{43}; `));
  expect(set).toContain("HttpOnly");
  expect(set).toContain("SameSite=Lax");
  expect(set).toContain("Path=/");
  expect(set).not.toMatch(/Secure|Domain/);
  const cookie = set.split(";")[0]!;
  expect(await (await me(cookie)).json()).toEqual(who);

  const out = await post("/api/auth/sign-out", {}, { ...origin, cookie });
  expect(out.status).toBe(204);
  expect(out.headers.get("set-cookie")).toMatch(/^laurel_4747=; Max-Age=0/);
  expect((await me(cookie)).status).toBe(401);
});

test("over https the cookie is bound to its host and to https", async () => {
  const runtime = { ...world.runtime, env: { ...world.runtime.env, PUBLIC_ORIGIN: "https://example.com" } };
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  const verified = await createApi(runtime).request(
    "/api/auth/verify",
    json({ token }, { origin: "https://example.com" }),
  );
  const set = verified.headers.get("set-cookie")!;
  expect(set).toMatch(/^__Host-laurel=/);
  expect(set).toContain("Secure");
  expect(set).toContain("Path=/");
  expect(set).not.toContain("Domain");
});

test("a sign-in ends the session that the browser came with", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  expect((await me(ada.headers.cookie!)).status).toBe(200);
  const verified = await post("/api/auth/verify", { token }, ada.headers);
  expect(verified.headers.get("set-cookie")).not.toContain(ada.session);
  expect((await me(ada.headers.cookie!)).status).toBe(401);
});

test("50 parallel uses of one token make one session", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  const answers = await Promise.all(Array.from({ length: 50 }, () => post("/api/auth/verify", { token })));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(49);
  expect(answers.filter((answer) => answer.headers.has("set-cookie"))).toHaveLength(1);
});

test("a program that opens the mail's links consumes nothing", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  for (const method of ["GET", "HEAD", "OPTIONS"])
    for (const path of ["/api/auth/verify", `/api/auth/verify?token=${token}`, `/api/auth/start?token=${token}`])
      expect((await api.request(path, { method, headers: origin })).status).toBe(405);
  expect((await post("/api/auth/verify", { token })).status).toBe(200);
});

test("start says the same of a known and an unknown address, and nothing more", async () => {
  const [known, unknown] = [
    await post("/api/auth/start", { email: "ada@example.com" }),
    await post("/api/auth/start", { email: "nobody@example.com" }),
  ];
  const shown = async (answer: Response) => {
    const headers = Object.fromEntries(answer.headers);
    delete headers["x-request-id"];
    return { status: answer.status, body: await answer.text(), headers };
  };
  expect(await shown(unknown)).toEqual(await shown(known));
  expect(known.status).toBe(202);
});

test("a repeated start with one Idempotency-Key is one mail, and another body is refused", async () => {
  const headers = { ...origin, "idempotency-key": "one" };
  for (let time = 0; time < 8; time++)
    expect((await post("/api/auth/start", { email: "ada@example.com" }, headers)).status).toBe(202);
  const other = await post("/api/auth/start", { email: "eve@example.com" }, headers);
  expect(other.status).toBe(422);
  expect(((await other.json()) as Problem).code).toBe("idempotency.other_body");
  expect((await post("/api/auth/start", { email: "ada@example.com" })).status).toBe(202);
  const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  expect(Items.filter((item) => item.kind === "mail.sign_in")).toHaveLength(2);
});

test("every failed sign-in has the one answer", async () => {
  const { token } = await mintSignIn(world.ctx(), ada.personId);
  await post("/api/auth/verify", { token });
  const answers = [
    await post("/api/auth/verify", { token }),
    await post("/api/auth/verify", { token: "forged" }),
    await post("/api/auth/verify", { email: "ada@example.com", code: "000000" }),
    await post("/api/auth/verify", { email: "nobody@example.com", code: "000000" }),
  ];
  const bodies = await Promise.all(
    answers.map(async (answer) => ({ ...((await answer.json()) as Problem), requestId: "" })),
  );
  for (const body of bodies) expect(body).toEqual(bodies[0]);
  expect(bodies[0]).toMatchObject({
    status: 401,
    code: "auth.invalid",
    detail: "This link or code is not valid any more. Ask for a new one.",
  });
  for (const answer of answers) expect(answer.headers.has("set-cookie")).toBe(false);
});

test("too often is a 429 that says when to come back, for an address and for a network", async () => {
  for (let asked = 0; asked < 5; asked++)
    expect((await post("/api/auth/start", { email: "ADA@example.com" })).status).toBe(202);
  const refused = await post("/api/auth/start", { email: " ada@example.com" });
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe(String(15 * 60));
  address = "2001:db8:1:2::1";
  for (let tried = 0; tried < 100; tried++) {
    address = `2001:db8:1:2::${(tried + 1).toString(16)}`;
    expect((await post("/api/auth/verify", { token: "forged" })).status).toBe(401);
  }
  expect((await post("/api/auth/verify", { token: "forged" })).status).toBe(429);
  address = "2001:db8:1:3::1";
  expect((await post("/api/auth/verify", { token: "forged" })).status).toBe(401);
});

test("me of somebody without a session, or with a made-up one, is a 401", async () => {
  for (const cookie of [
    "",
    "laurel_4747=x",
    `laurel_4747=${ada.personId}.${"A".repeat(43)}`,
    ada.headers.cookie!.replace("4747", "80"),
  ])
    expect((await me(cookie)).status).toBe(401);
});
