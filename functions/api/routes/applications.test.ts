import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { tokenOf } from "@laurel/core/application";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimOf, form } from "../../../packages/core/src/application/testing.ts";
import { openWorld, type World } from "../../../packages/local/testing/index.ts";
import { createApi } from "../app.ts";
import { type Caller, json, signedIn } from "../testing.ts";

let world: World;
let api: ReturnType<typeof createApi>;
let manager: Caller;
let viewer: Caller;
beforeAll(async () => {
  world = await openWorld();
  let network = 0;
  // Every request comes from a network of its own.
  api = createApi(world.runtime, { networkOf: () => `10.0.${network >> 8}.${network++ & 255}` });
  manager = await signedIn(world, ["manager"]);
  viewer = await signedIn(world, ["viewer"]);
});
afterAll(() => world.close());

const post = (path: string, body: unknown, headers = {}) => api.request(path, json(body, headers));
const get = (path: string, caller: Caller) => api.request(path, { headers: caller.headers });
const bodyOf = async (answer: Response) => (await answer.json()) as Record<string, never>;
const stored = async () =>
  (await world.table.client.send(new ScanCommand({ TableName: world.table.name, Select: "COUNT" }))).Count;

async function waiting(changes: Parameters<typeof form>[0] = {}) {
  const input = form(changes);
  await post("/api/applications", input);
  const id = (await claimOf(world.ctx(), input.email))!.applicationId;
  const token = tokenOf(world.ctx(), id);
  await post("/api/applications/confirm", { token });
  return { id, token, email: input.email };
}

test("the whole way: apply, confirm, queue, approve, status", async () => {
  const input = form({ name: "Wanda Way", niche: "Hiking" });
  const applied = await post("/api/applications", input);
  expect(applied.status).toBe(202);
  expect(await applied.json()).toEqual({ status: "check_your_mail" });
  const id = (await claimOf(world.ctx(), input.email))!.applicationId;
  const token = tokenOf(world.ctx(), id);
  const confirmed = await post("/api/applications/confirm", { token });
  expect(confirmed.status).toBe(200);
  expect(await confirmed.json()).toMatchObject({ application: { id, status: "confirmed", canWithdraw: true } });

  const queue = await bodyOf(await get("/api/applications?niche=hiking&country=de&minFollowers=1200", viewer));
  expect(queue).toMatchObject({ items: [{ id, name: "Wanda Way", email: input.email, decision: null }], cursor: null });
  expect(await bodyOf(await get(`/api/applications/${id}`, viewer))).toEqual(queue.items![0]);

  const approved = await post(`/api/applications/${id}/approve`, {}, manager.headers);
  expect(approved.status).toBe(200);
  const { ambassador, code } = (await approved.json()) as { ambassador: { id: string }; code: object };
  expect(code).toMatchObject({ code: "WANDA15", state: "activating", promotionCodeId: null });
  expect(await bodyOf(await get(`/api/ambassadors/${ambassador.id}`, viewer))).toMatchObject({ codes: [code] });
  expect(await bodyOf(await get("/api/ambassadors", viewer))).toMatchObject({ items: [ambassador], cursor: null });
  expect(await bodyOf(await get(`/api/audit?subject=${id}`, manager))).toMatchObject({
    items: [{ action: "application.approved", actor: { name: expect.any(String) } }],
  });

  const status = await bodyOf(await post("/api/applications/status", { token }));
  expect(status).toMatchObject({ application: { status: "approved", decision: { outcome: "approved" } } });
  const withdrawn = await post("/api/applications/withdraw", { token });
  expect(withdrawn.status).toBe(409);
  expect(withdrawn.headers.get("content-type")).toContain("application/problem+json");
});

test("waitlist and decline answer the application; the late one gets 409 in words", async () => {
  const { id } = await waiting();
  const waitlisted = await post(`/api/applications/${id}/waitlist`, { note: "Soon" }, manager.headers);
  expect(waitlisted.status).toBe(200);
  expect(await waitlisted.json()).toMatchObject({ id, status: "waitlisted", decision: { note: "Soon" } });
  const declined = await post(`/api/applications/${id}/decline`, { reason: "program_full" }, manager.headers);
  expect(await declined.json()).toMatchObject({
    status: "declined",
    decision: { reason: "program_full", reapply: { policy: "after_days", days: 90 } },
  });
  const late = await post(`/api/applications/${id}/approve`, {}, manager.headers);
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({
    code: "application.already_decided",
    detail: "This application was already declined. Reload it to see the decision.",
  });
});

test("an Idempotency-Key makes an approval happen once, with one answer", async () => {
  const { id } = await waiting({ name: "Key Once" });
  const approve = (body: unknown) =>
    post(`/api/applications/${id}/approve`, body, { ...manager.headers, "idempotency-key": "k1" });
  const first = await approve({});
  const second = await approve({});
  expect([first.status, second.status]).toEqual([200, 200]);
  expect(await second.json()).toEqual(await first.json());
  expect((await approve({ note: "other" })).status).toBe(422);
});

describe("bad input is answered with the field's name, and nothing is written", () => {
  const input = form();
  const channel = input.channels[0]!;
  test.each<[string, unknown, string]>([
    ["an unknown field", { ...input, admin: true }, "admin"],
    ["a wrong type", { ...input, name: 7 }, "name"],
    ["a missing field", { ...input, why: undefined }, "why"],
    ["an over-long name", { ...input, name: "x".repeat(81) }, "name"],
    ["an over-long text", { ...input, why: "x".repeat(2001) }, "why"],
    ["a control character", { ...input, niche: "Run\u0000ning" }, "niche"],
    ["a turned direction of writing", { ...input, name: "Ada\u202eecalevoL" }, "name"],
    ["no e-mail address", { ...input, email: "ada" }, "email"],
    ["no country", { ...input, country: "Germany" }, "country"],
    ["no channel", { ...input, channels: [] }, "channels"],
    ["too many channels", { ...input, channels: Array(11).fill(channel) }, "channels"],
    ["a channel without handle or address", { ...input, channels: [{ kind: "x", followers: 1 }] }, "channels.0.handle"],
    ["a channel of an unknown kind", { ...input, channels: [{ ...channel, kind: "myspace" }] }, "channels.0.kind"],
    ["followers below zero", { ...input, channels: [{ ...channel, followers: -1 }] }, "channels.0.followers"],
    ["half a follower", { ...input, channels: [{ ...channel, followers: 0.5 }] }, "channels.0.followers"],
    [
      "a script for an address",
      { ...input, channels: [{ kind: "blog", url: "javascript:alert(1)", followers: 1 }] },
      "channels.0.url",
    ],
    ["an age that is not confirmed", { ...input, ageConfirmed: false }, "ageConfirmed"],
    ["older guidelines", { ...input, guidelinesVersion: "0" }, "guidelinesVersion"],
    ["a list", [], "body"],
  ])("%s", async (_, body, field) => {
    const before = await stored();
    const answer = await post("/api/applications", body);
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { errors: { field: string }[] };
    expect(problem.errors.map((error) => error.field)).toContain(field);
    expect(await stored()).toBe(before);
  });

  test.each([
    ["/api/applications?status=lost", "status"],
    ["/api/applications?country=Germany", "country"],
    ["/api/applications?minFollowers=-1", "minFollowers"],
    ["/api/applications?minFollowers=many", "minFollowers"],
    ["/api/applications?cursor=rubbish", "cursor"],
    ["/api/applications?page=2", "page"],
    ["/api/applications/amb_01jd0000000000000000000000", "id"],
    ["/api/ambassadors?status=lost", "status"],
    ["/api/ambassadors/app_01jd0000000000000000000000", "id"],
    ["/api/audit?cursor=rubbish", "cursor"],
  ])("%s", async (path, field) => {
    const answer = await get(path, manager);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  });

  test.each([
    ["decline", {}, "reason"],
    ["decline", { reason: "boring" }, "reason"],
    ["decline", { reason: "other", reapply: { policy: "after_days" } }, "reapply.days"],
    ["decline", { reason: "other", reapply: { policy: "after_days", days: 0 } }, "reapply.days"],
    ["decline", { reason: "other", note: "x".repeat(1001) }, "note"],
    ["waitlist", { reason: "other" }, "reason"],
    ["approve", { tierId: "gold" }, "tierId"],
    ["approve", { campaignId: "cmp_01jd0000000000000000000000" }, "campaignId"],
  ])("%s with %j", async (verb, body, field) => {
    const { id } = await waiting();
    const answer = await post(`/api/applications/${id}/${verb}`, body, manager.headers);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
    expect(await bodyOf(await get(`/api/applications/${id}`, viewer))).toMatchObject({ status: "confirmed" });
  });

  test.each(["status", "confirm", "withdraw"])("%s with a forged link", async (verb) => {
    const before = await stored();
    for (const token of ["x", "app_01jd0000000000000000000000.forged", "PROGRAM.PROGRAM", "a".repeat(400)]) {
      const answer = await post(`/api/applications/${verb}`, { token });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: "link.invalid", errors: [{ field: "token" }] });
    }
    expect(await stored()).toBe(before);
  });
});

test("what does not exist is 404 for all who may look", async () => {
  for (const path of [
    "/api/applications/app_01jd0000000000000000000000",
    "/api/ambassadors/amb_01jd0000000000000000000000",
  ])
    expect((await get(path, viewer)).status).toBe(404);
  for (const verb of ["approve", "decline", "waitlist"]) {
    const body = verb === "decline" ? { reason: "other" } : {};
    const answer = await post(`/api/applications/app_01jd0000000000000000000000/${verb}`, body, manager.headers);
    expect(answer.status).toBe(404);
  }
});

test("the sixth application of an address within an hour waits, and is told how long", async () => {
  const input = form();
  for (let time = 0; time < 5; time++) expect((await post("/api/applications", input)).status).toBe(202);
  const answer = await post("/api/applications", input);
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("3600");
});

test("an ambassador sees their own codes; staff who are none see that they are none", async () => {
  const ambassador = await signedIn(world, ["ambassador"]);
  expect(await bodyOf(await get("/api/me/codes", ambassador))).toEqual({ items: [], cursor: null });
  expect((await get("/api/me/codes", manager)).status).toBe(403);
});

test("tiers and campaigns are for staff", async () => {
  expect(await bodyOf(await get("/api/tiers", viewer))).toMatchObject({
    items: [{ name: "Starter" }, { name: "Laurel" }],
  });
  expect(await bodyOf(await get("/api/campaigns", viewer))).toMatchObject({
    items: [{ name: "Welcome", isDefault: true }],
  });
  expect((await api.request("/api/tiers")).status).toBe(401);
});
