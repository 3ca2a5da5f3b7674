import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signedIn } from "../../../../functions/api/testing.ts";
import { createDay } from "../../../../functions/job/day.ts";
import {
  ambassador,
  event,
  openCheckout,
  purchase,
  refund,
  session,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { refused, runtimeOn, wrapped } from "../../../local/testing/wrap.ts";
import { comparisonKey } from "../comparison/index.ts";
import { ConnectionEntity, connectionKey, get as getConnection } from "../connection/index.ts";
import { get as getEvent, list as listEvents, settleEvent } from "../event/index.ts";
import { findJob } from "../job/index.ts";
import { runJob, sweepJobs } from "../job-runner/index.ts";
import { AppError } from "../kernel/index.ts";
import { list as listOrders } from "../order/index.ts";
import { getItem, transact, write } from "../table/index.ts";
import { compareNow } from "./compare.ops.ts";

let world: World;
let anna: TestAmbassador;
beforeEach(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  anna = await ambassador(world, "Anna Muster");
});
afterEach(() => world.close());

const hour = 3_600_000;
const day = 24 * hour;

/** Something is sold at Stripe, which lists it; no webhook comes. */
function sold(at = world.clock.now()) {
  const of = purchase(at);
  const told = event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), at);
  world.stripe.events.unshift(told);
  return { of, told };
}
const runDay = async () => {
  await createDay(world.runtime)();
  await sweepJobs(world.ctx());
};
const comparison = async () => (await getItem(world.table, comparisonKey(world.program.connectionId)))!;
const asked = () => world.stripe.calls.filter(({ name }) => name === "listEvents").map(({ input }) => input as Asked);
interface Asked {
  since: Date;
  until: Date;
  after?: string;
}

describe("the daily comparison with Stripe's list of events", () => {
  test("takes in what never came, as if its webhook had, and says where it was found", async () => {
    const { of, told } = sold();
    const back = event("refund.created", refund(of, 2_000), world.clock.now());
    world.stripe.events.unshift(back);
    world.clock.advance(hour);
    await runDay();
    const [order] = (await listOrders(world.ctx(), { externalId: of.session })).items;
    expect(order).toMatchObject({ status: "partly_refunded", refundedMinor: 2_000 });
    const { items } = await listEvents(world.ctx(), { source: "comparison" });
    expect(items.map(({ providerEventId, status }) => [providerEventId, status]).sort()).toEqual(
      [told.id, back.id].map((id) => [id, "processed"]).sort(),
    );
    expect((await getEvent(world.ctx(), items[0]!.id)).payload).not.toBeNull();
    expect((await listEvents(world.ctx(), { source: "webhook" })).items).toEqual([]);
    expect(await comparison()).toMatchObject({
      seen: 2,
      found: 2,
      completedAt: world.clock.now().toISOString(),
    });
    expect(world.metrics).toMatchObject({ FoundEvents: 2 });
    // Found is not delivered: whether webhooks arrive is told apart.
    await world.settle();
    expect(await getConnection(world.ctx(), world.program.connectionId)).toMatchObject({
      lastEventAt: null,
      comparison: { seen: 2, found: 2 },
    });
    // Once more, a day later: it is known.
    world.clock.advance(day);
    await runDay();
    expect(await comparison()).toMatchObject({ seen: 2, found: 0 });
    expect(world.metrics).toMatchObject({ FoundEvents: 2 });
  });

  test("leaves alone what was delivered, what waits for its decision, and what may still be on its way", async () => {
    const delivered = sold();
    await openCheckout(world).tell(delivered.told);
    const before = await scan(world);
    world.clock.advance(hour);
    sold(new Date(world.clock.now().getTime() - 5 * 60_000));
    await runDay();
    expect(await comparison()).toMatchObject({ seen: 1, found: 0 });
    const kept = (items: typeof before) => items.filter(({ __edb_e__ }) => ["incoming", "done"].includes(__edb_e__));
    expect(kept(await scan(world))).toEqual(kept(before));
  });

  test("decides what came and was lost on its way to the decision, and leaves what is tried again", async () => {
    const busy = runtimeOn(
      world.runtime,
      wrapped(world.table, async (call, send) => {
        if (call.name === "TransactWrite" && JSON.stringify(call.input).includes('"ORDER#')) throw refused();
        return send();
      }),
    );
    const [lost, waiting] = [sold(), sold()];
    for (const { told } of [lost, waiting]) await openCheckout(world, busy).tell(told);
    // What the stream brought of the first one went into its dead letters.
    const ref = { connectionId: world.program.connectionId, eventId: waiting.told.id };
    await settleEvent(busy.context({ kind: "system", name: "effects" }), ref);
    world.clock.advance(hour);
    await runDay();
    const orders = await Promise.all(
      [lost, waiting].map(async ({ of }) => (await listOrders(world.ctx(), { externalId: of.session })).items.length),
    );
    expect(orders).toEqual([1, 0]);
    expect(await comparison()).toMatchObject({ seen: 2, found: 0 });
  });

  test("comes by webhook after all: that is the same event", async () => {
    const { of, told } = sold();
    world.clock.advance(hour);
    await Promise.all([runDay(), openCheckout(world).tell(told)]);
    await openCheckout(world).tell(told);
    expect((await listOrders(world.ctx(), { externalId: of.session })).items).toHaveLength(1);
    expect((await scan(world)).filter(({ __edb_e__ }) => __edb_e__ === "entry")).toHaveLength(1);
  });

  test("looks back three days, or to the last time it came to its end, at most thirty; never before the connection", async () => {
    await runDay();
    const spans = () => asked().map(({ since, until }) => (until.getTime() - since.getTime()) / day);
    expect(spans()).toEqual([3]);
    world.stripe.failNext(new AppError("rejected", "stripe.api_key_expired", "The key is no longer accepted."));
    world.clock.advance(5 * day);
    await runDay();
    world.clock.advance(day);
    await runDay();
    expect(spans().slice(1)).toEqual([8, 9]);
    world.clock.advance(60 * day);
    await runDay();
    expect(spans().at(-1)).toBe(30);

    const connection = (await world.ctx().program()).connections[0]!;
    const connectedAt = new Date(world.clock.now().getTime() + hour).toISOString();
    const params = ConnectionEntity.put({ ...connection, connectedAt }).params({ table: world.table.name });
    await transact(world.table, [write.put("connection", params)]);
    world.clock.advance(day);
    await runDay();
    expect(asked().at(-1)!.since.toISOString()).toBe(connectedAt);
  });

  test("goes on where it was when it was cut short, page by page", async () => {
    world.stripe.eventsAPage = 10;
    for (let n = 0; n < 25; n++) {
      const { told } = sold();
      if (n % 5 !== 0) await openCheckout(world).tell({ ...told, type: "customer.created" });
    }
    world.clock.advance(hour);
    await createDay(world.runtime)();
    const { jobId } = await comparison();
    // The deadline has passed: one page, then somebody else.
    await runJob(world.ctx(), jobId, 0);
    expect(await findJob(world.ctx(), jobId)).toMatchObject({ state: "waiting", cursor: 10, done: 2 });
    world.stripe.failNext(new AppError("unavailable", "stripe.unavailable", "Stripe cannot be reached at the moment."));
    await runJob(world.ctx(), jobId, 0);
    expect(await findJob(world.ctx(), jobId)).toMatchObject({ state: "waiting", cursor: 10, done: 2 });
    await Promise.all([1, 2, 3].map(() => runJob(world.ctx(), jobId, Date.now() + 60_000)));
    expect(await findJob(world.ctx(), jobId)).toMatchObject({ state: "done", cursor: 25, done: 5 });
    expect(await comparison()).toMatchObject({ seen: 25, found: 5 });
    expect((await listEvents(world.ctx(), { source: "comparison" })).items).toHaveLength(5);
  });

  test("called twice or by two at once, a day's work is begun once; after a failure it is begun again", async () => {
    await Promise.all([1, 2, 3].map(() => createDay(world.runtime)()));
    await createDay(world.runtime)();
    const jobs = async () => (await scan(world)).filter((item) => item.kind === "connection.compare");
    expect(await jobs()).toHaveLength(1);
    world.stripe.failNext(new AppError("rejected", "stripe.api_key_expired", "The key is no longer accepted."));
    await sweepJobs(world.ctx());
    expect(await jobs()).toMatchObject([{ state: "failed", error: "The key is no longer accepted." }]);
    expect(world.metrics).toMatchObject({ DeadLetters: 1 });
    await runDay();
    expect((await jobs()).map(({ state }) => state).sort()).toEqual(["done", "failed"]);
    await createDay(world.runtime)();
    expect(await jobs()).toHaveLength(2);
  });

  test("names the account of an event that came by Connect, which Stripe leaves out of its list", async () => {
    const connection = (await world.ctx().program()).connections[0]!;
    const params = ConnectionEntity.put({ ...connection, account: "acct_merchant" }).params({
      table: world.table.name,
    });
    await transact(world.table, [write.put("connection", params)]);
    const { of } = sold();
    world.clock.advance(hour);
    await runDay();
    expect((await listOrders(world.ctx(), { externalId: of.session })).items).toHaveLength(1);
  });
});

describe("to compare at once", () => {
  test("is for those who look after events, and gives the job that is under way", async () => {
    const { connectionId } = world.program;
    const manager = world.ctx((await signedIn(world, ["manager"])).actor);
    const viewer = world.ctx((await signedIn(world, ["viewer"])).actor);
    await expect(compareNow(viewer, connectionId)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(compareNow(manager, world.newId("connection"))).rejects.toMatchObject({ kind: "not_found" });
    const { of } = sold();
    world.clock.advance(hour);
    const { job } = await compareNow(manager, connectionId);
    expect((await compareNow(manager, connectionId)).job.id).toBe(job.id);
    await world.settle();
    expect(await findJob(world.ctx(), job.id)).toMatchObject({ state: "done", done: 1 });
    expect((await listOrders(world.ctx(), { externalId: of.session })).items).toHaveLength(1);
    // Another one, a moment later: nobody has to wait for the night.
    expect((await compareNow(manager, connectionId)).job.id).not.toBe(job.id);
  });

  test("is refused where the checkout was disconnected", async () => {
    const { connectionId } = world.program;
    const connection = (await world.ctx().program()).connections[0]!;
    const ended = { ...connection, disconnectedAt: world.clock.now().toISOString() };
    await transact(world.table, [
      write.put("connection", ConnectionEntity.put(ended).params({ table: world.table.name })),
    ]);
    await expect(compareNow(world.ctx(), connectionId)).rejects.toMatchObject({ code: "connection.not_active" });
    await runDay();
    expect(await getItem(world.table, comparisonKey(connectionId))).toBeUndefined();
    expect(await getItem(world.table, connectionKey(connectionId))).toBeDefined();
  });
});
