import { randomBytes } from "node:crypto";
import { marshall } from "@aws-sdk/util-dynamodb";
import * as Events from "@laurel/core/event";
import { list as listOrders } from "@laurel/core/order";
import { cachedProgram } from "@laurel/core/program";
import { getItem, openTable } from "@laurel/core/table";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dump } from "../../packages/local/src/dump.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  type Purchase,
  purchase,
  type StripeEvent,
  session,
  type TestAmbassador,
  withCode,
} from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { type Call, refused, runtimeOn, wrapped } from "../../packages/local/testing/wrap.ts";
import { createMinute } from "../job/minute.ts";
import type { Runtime } from "../runtime.ts";
import { createEffects } from "../stream/effects.ts";

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
});
afterAll(() => world.close());

const bought = () => purchase(world.clock.now());
const sale = (of: Purchase): StripeEvent =>
  event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at);
const orderOf = async (of: Purchase) => (await listOrders(world.ctx(), { externalId: of.session })).items[0];
const idOf = (told: StripeEvent) => `${world.program.connectionId}~${told.id}`;
const keyOf = (told: StripeEvent, sk: string) => ({ pk: `EVT#${world.program.connectionId}#${told.id}`, sk });

/** The runtime with an engine that fails where it is told to. */
const failing = (when: (call: Call) => boolean, error: () => Error = refused): Runtime =>
  runtimeOn(
    world.runtime,
    wrapped(world.table, async (call, send) => {
      if (when(call)) throw error();
      return send();
    }),
  );

/** What the stream brings of a new item. */
async function insertOf(key: { pk: string; sk: string }): Promise<DynamoDBStreamEvent> {
  const item = await getItem(world.table, key);
  const record: DynamoDBRecord = {
    eventName: "INSERT",
    eventSource: "aws:dynamodb",
    dynamodb: { SequenceNumber: "1", NewImage: marshall(item, { removeUndefinedValues: true }) as never },
  };
  return { Records: [record] };
}

test.each<[string, () => Error]>([
  ["nobody listens", refused],
  ["the connection breaks", () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })],
  ["it does not answer", () => Object.assign(new Error("timed out"), { name: "TimeoutError" })],
  [
    "it has trouble of its own",
    () => Object.assign(new Error("oops"), { name: "InternalServerError", $metadata: { httpStatusCode: 500 } }),
  ],
  [
    "it is asked too much",
    () => Object.assign(new Error("slow down"), { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } }),
  ],
])(
  "35: the engine fails before the event is stored (%s): 503 with Retry-After, and nothing written",
  async (_name, error) => {
    const down = openCheckout(
      world,
      failing(() => true, error),
    );
    const told = sale(bought());
    const before = await dump(world.table);
    const answer = await down.tell(told);
    expect([answer.status, Number(answer.headers.get("retry-after"))]).toEqual([503, 5]);
    expect(await answer.json()).toMatchObject({ code: "table.unavailable", retryAfterMs: 5000 });
    expect(await dump(world.table)).toEqual(before);
    // Stripe tries again later, and nothing was lost.
    expect((await checkout.tell(told)).status).toBe(200);
    expect((await Events.get(world.ctx(), idOf(told))).status).toBe("processed");
  },
);

test("35: a function that has just started and finds no engine answers the same", async () => {
  const table = openTable({ tableName: world.table.name, endpoint: "http://127.0.0.1:1" }, { maxAttempts: 1 });
  const cold = runtimeOn(world.runtime, table);
  const program = cachedProgram(table).get;
  const answer = await openCheckout(world, {
    ...cold,
    context: (actor, more) => ({ ...cold.context(actor, more), program }),
  }).tell(sale(bought()));
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
});

test.each<[string, (call: Call) => boolean]>([
  ["at the read", (call) => call.name === "BatchGet"],
  ["at the transaction", (call) => call.name === "TransactWrite"],
])(
  "the engine fails after the event is stored (%s): 200, and the stream's consumer decides it",
  async (_name, when) => {
    const of = bought();
    const told = sale(of);
    expect((await openCheckout(world, failing(when)).tell(told)).status).toBe(200);
    expect(await orderOf(of)).toBeUndefined();
    expect(await Events.get(world.ctx(), idOf(told))).toMatchObject({ status: "waiting", orderId: null });
    const answer = await createEffects(world.runtime)(await insertOf(keyOf(told, "IN")));
    expect(answer).toEqual({ batchItemFailures: [] });
    expect(await orderOf(of)).toMatchObject({ status: "paid", attribution: { ambassadorId: anna.id } });
    expect(await Events.get(world.ctx(), idOf(told))).toMatchObject({ status: "processed", attempts: 1 });
    // The stream tells everything at least once.
    expect(await createEffects(world.runtime)(await insertOf(keyOf(told, "IN")))).toEqual({ batchItemFailures: [] });
    expect((await Events.get(world.ctx(), idOf(told))).attempts).toBe(1);
  },
);

test("an answer that got lost after the transaction was done makes no second order", async () => {
  const of = bought();
  const told = sale(of);
  const lossy = runtimeOn(
    world.runtime,
    wrapped(world.table, async (call, send) => {
      const answer = await send();
      if (call.name === "TransactWrite") throw refused();
      return answer;
    }),
  );
  expect((await openCheckout(world, lossy).tell(told)).status).toBe(200);
  expect(await createEffects(world.runtime)(await insertOf(keyOf(told, "IN")))).toEqual({ batchItemFailures: [] });
  expect(await orderOf(of)).toMatchObject({ commission: { earnedMinor: 1000 } });
  expect((await listOrders(world.ctx(), { externalId: of.session })).items).toHaveLength(1);
});

test("while the consumer cannot reach the engine, the record goes back to the stream", async () => {
  const told = sale(bought());
  await openCheckout(
    world,
    failing((call) => call.name === "TransactWrite"),
  ).tell(told);
  const record = await insertOf(keyOf(told, "IN"));
  expect(await createEffects(failing(() => true))(record)).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
  expect(await createEffects(world.runtime)(record)).toEqual({ batchItemFailures: [] });
});

/** Fails the decision of events and nothing else: no transaction that makes an order goes through. */
const undecided = () =>
  failing((call) => call.name === "TransactWrite" && JSON.stringify(call.input).includes('"ORDER#'));

test("what cannot be decided now is tried again, visibly, and given up after eight tries; a replay saves it", async () => {
  const of = bought();
  const told = sale(of);
  const manager = world.ctx(world.staff("manager"));
  await openCheckout(world, undecided()).tell(told);
  const record = await insertOf(keyOf(told, "IN"));
  expect(await createEffects(undecided())(record)).toEqual({ batchItemFailures: [] });
  expect(await Events.get(manager, idOf(told))).toMatchObject({
    status: "waiting",
    attempts: 1,
    outcome: expect.stringContaining("Will be tried again"),
  });
  expect((await Events.list(manager, { status: "waiting" })).items.map((each) => each.id)).toContain(idOf(told));
  const minute = createMinute(undecided());
  // Not before it is due.
  await minute();
  expect((await Events.get(manager, idOf(told))).attempts).toBe(1);
  for (let attempt = 2; attempt <= 8; attempt++) {
    world.clock.advance(30 * 60_000);
    await minute();
    expect((await Events.get(manager, idOf(told))).attempts).toBe(attempt);
  }
  expect(await Events.get(manager, idOf(told))).toMatchObject({
    status: "failed",
    nextAttemptAt: null,
    outcome: expect.stringContaining("Given up after 8 tries"),
  });
  expect((await Events.list(manager, { status: "failed" })).items.map((each) => each.id)).toEqual([idOf(told)]);
  // It is kept for four weeks, and no longer tried.
  const left = (await getItem(world.table, keyOf(told, "IN")))!.expiresAtEpochS - world.clock.now().getTime() / 1000;
  expect(Math.round(left / 86_400)).toBe(28);
  world.clock.advance(86_400_000);
  await createMinute(world.runtime)();
  expect((await Events.get(manager, idOf(told))).status).toBe("failed");

  const replayed = await Events.replay(manager, idOf(told));
  expect(replayed).toMatchObject({ status: "processed", attempts: 9 });
  expect(await orderOf(of)).toMatchObject({ status: "paid", commission: { earnedMinor: 1000 } });
  expect((await Events.list(manager, { status: "failed" })).items).toEqual([]);
  expect((await Events.list(manager, {})).items.filter((each) => each.id === idOf(told))).toHaveLength(1);
});

test("a redelivery of what waits for its next try is decided at once, and its retry is forgotten", async () => {
  const of = bought();
  const told = sale(of);
  await openCheckout(world, undecided()).tell(told);
  await createEffects(undecided())(await insertOf(keyOf(told, "IN")));
  world.clock.advance(60_000);
  await checkout.tell(told);
  expect(await Events.get(world.ctx(), idOf(told))).toMatchObject({ status: "processed", attempts: 2 });
  expect(await getItem(world.table, keyOf(told, "RETRY"))).toBeUndefined();
});

test("a retry that another run made needless goes away by itself", async () => {
  const of = bought();
  const told = sale(of);
  await openCheckout(world, undecided()).tell(told);
  await createEffects(undecided())(await insertOf(keyOf(told, "IN")));
  // A run that read before the retry was written decides without knowing of it.
  const blind = wrapped(world.table, async (call, send) => {
    const answer = (await send()) as { Responses?: Record<string, { sk: string }[]> };
    if (call.name === "BatchGet" && answer.Responses)
      for (const [name, items] of Object.entries(answer.Responses))
        answer.Responses[name] = items.filter((item) => item.sk !== "RETRY");
    return answer;
  });
  await createEffects(runtimeOn(world.runtime, blind))(await insertOf(keyOf(told, "IN")));
  expect((await getItem(world.table, keyOf(told, "DONE")))?.status).toBe("processed");
  expect(await getItem(world.table, keyOf(told, "RETRY"))).toBeDefined();
  world.clock.advance(30 * 60_000);
  await createMinute(world.runtime)();
  expect(await getItem(world.table, keyOf(told, "RETRY"))).toBeUndefined();
});

test("another body under the id of an undecided event does not keep the event from being decided", async () => {
  const of = bought();
  const told = sale(of);
  await openCheckout(world, undecided()).tell(told);
  world.clock.advance(60_000);
  await checkout.tell({ ...told, data: { object: { ...told.data.object, amount_total: 1, total_details: null } } });
  expect(await orderOf(of)).toMatchObject({ grossMinor: 11_900 });
});

test("an event that was too large to keep, and could not be decided at once, is asked for again and decided", async () => {
  const of = bought();
  const told = sale(of);
  // What does not compress: some 500 KB are left of it.
  const large = { ...told, data: { object: { ...told.data.object, note: randomBytes(500_000).toString("base64") } } };
  expect(JSON.stringify(large).length).toBeLessThan(1024 * 1024);
  expect((await openCheckout(world, undecided()).tell(large)).status).toBe(200);
  expect(await getItem(world.table, keyOf(told, "IN"))).toMatchObject({ hash: expect.any(String), type: told.type });
  expect((await getItem(world.table, keyOf(told, "IN")))?.body).toBeUndefined();
  expect(await orderOf(of)).toBeUndefined();
  // The checkout does not have it for a moment: it is asked again.
  await createEffects(world.runtime)(await insertOf(keyOf(told, "IN")));
  expect(await Events.get(world.ctx(), idOf(told))).toMatchObject({ status: "waiting", attempts: 1, payload: null });
  world.stripe.objects.set(`/v1/events/${told.id}`, large);
  world.clock.advance(60_000);
  await createMinute(world.runtime)();
  expect(await orderOf(of)).toMatchObject({ status: "paid", commission: { earnedMinor: 1000 } });
  expect(await Events.get(world.ctx(), idOf(told))).toMatchObject({ status: "processed", attempts: 2 });
  // Told once more, it is known; the body is not kept this time either.
  world.clock.advance(60_000);
  expect((await checkout.tell(large)).status).toBe(200);
  expect((await listOrders(world.ctx(), { externalId: of.session })).items).toHaveLength(1);
  expect((await Events.get(world.ctx(), idOf(told))).attempts).toBe(2);
});

test("what was unprocessable is kept for four weeks, and can be replayed that long", async () => {
  const told = event("checkout.session.completed", { ...session(bought()), amount_total: "much" }, world.clock.now());
  await checkout.tell(told);
  const at = world.clock.now();
  world.clock.advance(27 * 86_400_000);
  const manager = world.ctx(world.staff("manager"));
  expect(await Events.replay(manager, idOf(told))).toMatchObject({ status: "unprocessable", attempts: 2 });
  expect((await Events.get(manager, idOf(told))).payload).not.toBeNull();
  world.clock.advance(29 * 86_400_000);
  expect((await Events.list(manager, { status: "unprocessable" })).items.map((each) => each.id)).not.toContain(
    idOf(told),
  );
  world.clock.set(at);
});

test("the connection is gone: the event waits, and says why", async () => {
  const told = sale(bought());
  await openCheckout(world, undecided()).tell(told);
  const bare = {
    ...world.runtime,
    context: ((actor, more) => ({
      ...world.runtime.context(actor, more),
      program: async () => ({ ...(await world.ctx().program()), connections: [] }),
    })) as Runtime["context"],
  };
  await createEffects(bare)(await insertOf(keyOf(told, "IN")));
  expect((await Events.get(world.ctx(), idOf(told))).outcome).toContain("does not exist any more");
});
