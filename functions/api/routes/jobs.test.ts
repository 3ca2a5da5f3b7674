import type { Job, JobDetail } from "@laurel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confirmed } from "../../../packages/core/src/application/testing.ts";
import { openWorld, type World } from "../../../packages/local/testing/index.ts";
import { createApi } from "../app.ts";
import { type Caller, json, signedIn } from "../testing.ts";

let world: World;
let api: ReturnType<typeof createApi>;
let manager: Caller;
let viewer: Caller;
beforeAll(async () => {
  world = await openWorld();
  api = createApi(world.runtime);
  manager = await signedIn(world, ["manager"]);
  viewer = await signedIn(world, ["viewer"]);
});
afterAll(() => world.close());

const post = (path: string, body: unknown = {}, headers = {}) =>
  api.request(path, json(body, { ...manager.headers, ...headers }));
const jobOf = async (answer: Response) => ((await answer.json()) as { job: Job }).job;
const job = async (id: string) =>
  (await (await api.request(`/api/jobs/${id}`, { headers: viewer.headers })).json()) as JobDetail;

test("the whole way: decline many, see each result, undo all, approve one and undo it", async () => {
  const people = [await confirmed(world), await confirmed(world)];
  const ids = people.map(({ id }) => id);
  const body = { action: "decline", ids, reason: "program_full", reapply: { policy: "now" } };
  const begun = await post("/api/applications/bulk", body, { "idempotency-key": "one" });
  expect(begun.status).toBe(202);
  const { id } = await jobOf(begun);
  expect((await jobOf(await post("/api/applications/bulk", body, { "idempotency-key": "one" }))).id).toBe(id);
  await world.settle();
  expect(await job(id)).toMatchObject({
    state: "done",
    counts: { total: 2, done: 2, refused: 0 },
    rows: {
      items: [{ row: 1, subject: ids[0], outcome: "done", code: null, message: null }, { row: 2 }],
      cursor: null,
    },
  });

  const undoing = await post(`/api/jobs/${id}/undo`);
  expect(undoing.status).toBe(202);
  const taken = await jobOf(undoing);
  expect(taken).toMatchObject({ kind: "applications.undo", undoes: id });
  const twice = await post(`/api/jobs/${id}/undo`);
  expect(twice.status).toBe(409);
  expect(await twice.json()).toMatchObject({ code: "job.already_undone" });
  await world.settle();
  expect(await job(taken.id)).toMatchObject({ state: "done", counts: { total: 2, done: 2, refused: 0 } });

  expect((await post(`/api/applications/${ids[0]}/approve`)).status).toBe(200);
  const shown = await api.request(`/api/applications/${ids[0]}`, { headers: viewer.headers });
  expect(await shown.json()).toMatchObject({ status: "approved", undoForMs: 600_000 });
  const undone = await post(`/api/applications/${ids[0]}/undo`);
  expect(undone.status).toBe(200);
  expect(await undone.json()).toMatchObject({ id: ids[0], status: "confirmed", decision: null, ambassadorId: null });
  const nothing = await post(`/api/applications/${ids[0]}/undo`);
  expect(nothing.status).toBe(409);
  expect(await nothing.json()).toMatchObject({ code: "application.nothing_to_undo" });
});

test.each([
  ["none", []],
  ["501", Array.from({ length: 501 })],
  ["one twice", "twice"],
  ["an ambassador", ["amb_01jd0000000000000000000000"]],
])("a list of %s is refused", async (_, list) => {
  const one = world.newId("application");
  const ids = list === "twice" ? [one, one] : (list as unknown[]).map((id) => id ?? world.newId("application"));
  const answer = await post("/api/applications/bulk", { action: "approve", ids });
  expect(answer.status).toBe(400);
  const { errors } = (await answer.json()) as { errors: { field: string }[] };
  expect(errors[0]?.field).toMatch(/^ids/);
});

test("each action takes its own fields, as the single decision does", async () => {
  const ids = [world.newId("application")];
  for (const [body, field] of [
    [{ action: "decline", ids }, "reason"],
    [{ action: "approve", ids, reason: "other" }, "reason"],
    [{ action: "waitlist", ids }, "action"],
    [{ action: "decline", ids, reason: "other", tierId: world.program.starterTierId }, "tierId"],
    [{ action: "approve", ids, tierId: world.newId("tier") }, "tierId"],
  ] as const) {
    const answer = await post("/api/applications/bulk", body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  }
});
