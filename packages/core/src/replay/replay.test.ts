import { afterEach, beforeEach, expect, test } from "vitest";
import { type Caller, signedIn } from "../../../../functions/api/testing.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  purchase,
  session,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { refused, runtimeOn, wrapped } from "../../../local/testing/wrap.ts";
import { ConnectionEntity } from "../connection/index.ts";
import { list, settleEvent } from "../event/index.ts";
import { get as getJob, runJob } from "../job-runner/index.ts";
import { list as listOrders } from "../order/index.ts";
import { transact, write } from "../table/index.ts";
import { count, replayMany } from "./index.ts";

let world: World;
let manager: Caller;
let anna: TestAmbassador;
let checkout: Checkout;
beforeEach(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  manager = await signedIn(world, ["manager"]);
  anna = await ambassador(world, "Anna Muster");
  checkout = openCheckout(world);
});
afterEach(() => world.close());

const asManager = (key?: string) => world.ctx(manager.actor, key ? { idempotency: { key, bodyHash: key } } : undefined);
const sold = async (more: Record<string, unknown> = {}) => {
  const of = purchase(world.clock.now());
  const told = event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at, more);
  expect((await checkout.tell(told)).status).toBe(200);
  return { of, id: `${world.program.connectionId}~${told.id}` };
};
const finish = async (jobId: string) => {
  await Promise.all([1, 2].map(() => runJob(world.ctx(), jobId, Date.now() + 60_000)));
  return getJob(asManager(), jobId);
};
const money = async () =>
  (await scan(world)).filter(({ __edb_e__ }) => ["entry", "account", "commission", "order"].includes(__edb_e__));

test("what could not be decided is replayed once its reason is mended; the rest is told why it still can't", async () => {
  const ofMerchant = [await sold({ account: "acct_merchant" }), await sold({ account: "acct_merchant" })];
  const rubbish = await sold({ account: "acct_merchant", type: 5 });
  await sold();
  expect(await count(asManager(), { status: "dead" })).toEqual({ count: 3, all: true });
  const before = await list(asManager(), { status: "dead" });
  expect(before.items.map(({ outcome }) => outcome)).toContain(
    "It belongs to a Stripe account that this connection is not for.",
  );

  const connection = (await world.ctx().program()).connections[0]!;
  const mended = ConnectionEntity.put({ ...connection, account: "acct_merchant" }).params({ table: world.table.name });
  await transact(world.table, [write.put("connection", mended)]);
  const { job } = await replayMany(asManager(), { status: "dead" });
  expect(job).toMatchObject({ kind: "events.replay", state: "waiting", counts: { total: 3 } });
  const done = await finish(job.id);
  expect(done).toMatchObject({ state: "done", counts: { total: 3, done: 2, refused: 1 } });
  const rows = new Map(done.rows.items.map((row) => [row.subject, row]));
  for (const { id, of } of ofMerchant) {
    expect(rows.get(id)).toMatchObject({ outcome: "done", message: null });
    expect((await listOrders(world.ctx(), { externalId: of.session })).items).toMatchObject([{ status: "paid" }]);
  }
  expect(rows.get(rubbish.id)).toMatchObject({ outcome: "refused", message: "The event has no type." });
  expect((await list(asManager(), { status: "dead" })).items.map(({ id }) => id)).toEqual([rubbish.id]);
});

test("what was given up after its tries is decided, and is no dead letter any more", async () => {
  let broken = true;
  const table = wrapped(world.table, async (call, send) => {
    if (broken && call.name === "TransactWrite" && JSON.stringify(call.input).includes('"ORDER#')) throw refused();
    return send();
  });
  const runtime = runtimeOn(world.runtime, table);
  const of = purchase(world.clock.now());
  const told = event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at);
  await openCheckout(world, runtime).tell(told);
  const ref = { connectionId: world.program.connectionId, eventId: told.id };
  for (let n = 0; n < 8; n++) {
    await settleEvent(runtime.context({ kind: "system", name: "test" }), ref);
    world.clock.advance(3_600_000);
  }
  const [dead] = (await list(asManager(), { status: "dead" })).items;
  expect(dead).toMatchObject({ status: "failed", attempts: 8 });
  expect(dead!.outcome).toMatch(/^Given up after 8 tries: [A-Z].*\.$/);
  broken = false;
  const { job } = await replayMany(asManager(), { status: "failed" });
  expect(await finish(job.id)).toMatchObject({ counts: { done: 1, refused: 0 } });
  expect((await list(asManager(), { status: "dead" })).items).toEqual([]);
  expect((await listOrders(world.ctx(), { externalId: of.session })).items).toHaveLength(1);
});

test("what was settled stays as it is, and its row says so; told twice under one key it is one job", async () => {
  // More than one slice.
  await Promise.all(Array.from({ length: 22 }, () => sold()));
  const before = await money();
  const { job } = await replayMany(asManager("k1"), { status: "processed" });
  expect((await replayMany(asManager("k1"), { status: "processed" })).job.id).toBe(job.id);
  const done = await finish(job.id);
  expect(done).toMatchObject({ state: "done", counts: { total: 22, done: 22, refused: 0 } });
  for (const row of done.rows.items) expect(row).toMatchObject({ outcome: "done", code: "event.settled" });
  const strip = (items: typeof before) => items.map(({ version: _, ...item }) => item);
  expect(strip(await money())).toEqual(strip(before));
});

test("a filter means what it says: by time, checkout and source, and what is too old to be kept is left out", async () => {
  const first = await sold();
  world.clock.advance(10 * 86_400_000);
  const second = await sold();
  const ids = async (filter: Parameters<typeof list>[1]) => (await list(asManager(), filter)).items.map(({ id }) => id);
  const between = new Date(world.clock.now().getTime() - 86_400_000).toISOString();
  expect(await ids({})).toEqual([second.id, first.id]);
  expect(await ids({ from: between })).toEqual([second.id]);
  expect(await ids({ to: between })).toEqual([first.id]);
  expect(await ids({ connectionId: world.newId("connection") })).toEqual([]);
  expect(await ids({ connectionId: world.program.connectionId, source: "webhook", status: "processed" })).toHaveLength(
    2,
  );
  expect(await ids({ source: "comparison" })).toEqual([]);
  expect(await count(asManager(), { from: between })).toEqual({ count: 1, all: true });
  world.clock.advance(20 * 86_400_000);
  expect(await count(asManager(), {})).toEqual({ count: 1, all: true });
  world.clock.advance(20 * 86_400_000);
  await expect(replayMany(asManager(), {})).rejects.toMatchObject({ code: "event.none_to_replay" });
});

test("an event whose body is no longer kept is refused in its row, and the others are replayed", async () => {
  const old = await sold();
  world.clock.advance(15 * 86_400_000);
  const young = await sold();
  const { job } = await replayMany(asManager(), {});
  const { rows } = await finish(job.id);
  const byId = new Map(rows.items.map((row) => [row.subject, row]));
  expect(byId.get(old.id)).toMatchObject({ outcome: "refused", code: "event.body_gone" });
  expect(byId.get(young.id)).toMatchObject({ outcome: "done" });
});

test("only who may replay one event may replay many", async () => {
  const viewer = await signedIn(world, ["viewer"]);
  await sold();
  await expect(replayMany(world.ctx(viewer.actor), {})).rejects.toMatchObject({ kind: "forbidden" });
  expect(await count(world.ctx(viewer.actor), {})).toMatchObject({ count: 1 });
});
