import { newEffect } from "@laurel/core/effect";
import { putEffects, sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { metrics } from "@laurel/core/kernel";
import type { Entry } from "@laurel/core/ledger";
import { factOfEntry, rollUp } from "@laurel/core/rollup";
import { getItem, openTable } from "@laurel/core/table";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  purchase,
  refund,
  session,
  type TestAmbassador,
  withCode,
} from "../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { scan } from "../packages/local/testing/scan.ts";
import { refused, runtimeOn, wrapped } from "../packages/local/testing/wrap.ts";

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
});
afterAll(() => world.close());
beforeEach(() => {
  for (const name of Object.keys(world.metrics)) delete world.metrics[name as keyof typeof metrics];
});

const bought = (currency = "eur") => {
  const of = purchase(world.clock.now(), { currency });
  return { of, told: event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at) };
};
const entries = async () => (await scan(world)).filter((item) => item.__edb_e__ === "entry") as Entry[];

test("there are ten, because the eleventh would cost", () => {
  expect(Object.keys(metrics).length).toBeLessThanOrEqual(10);
});

test("a sale and its refund are counted once, however often webhook and stream tell of them", async () => {
  const { of, told } = bought();
  world.clock.advance(4_000);
  for (let delivery = 0; delivery < 2; delivery++) await checkout.tell(told);
  await world.settle();
  const [earned] = (await entries()).filter((entry) => entry.kind === "earn");
  const commission = earned!.postings[0]!.amountMinor;
  expect(world.metrics).toEqual({ Sales: 1, CommissionsMinor: commission, WebhookLagMs: 4_000 });
  await rollUp(world.ctx(), (await entries()).map(factOfEntry));
  await checkout.tell(event("refund.created", refund(of, of.totalMinor), world.clock.now()));
  await world.settle();
  await rollUp(world.ctx(), (await entries()).map(factOfEntry));
  expect(world.metrics).toMatchObject({ Sales: 1, CommissionsMinor: commission, Reversals: 1 });
});

test("what is earned in another currency is a sale, and no amount of the program's own", async () => {
  await checkout.tell(bought("gbp").told);
  await world.settle();
  expect(world.metrics).toMatchObject({ Sales: 1, CommissionsMinor: 0 });
});

test("an event that can't be decided is tried eight times, and then waits for a person", async () => {
  const { told } = bought();
  const dying = wrapped(world.table, async (call, send) => {
    if (call.name === "TransactWrite" && JSON.stringify(call.input).includes("ORDER#")) throw refused();
    return send();
  });
  const broken = runtimeOn(world.runtime, dying);
  const ctx = broken.context({ kind: "system", name: "test" });
  expect((await openCheckout(world, broken).tell(told)).status).toBe(200);
  await Events.settleEvent(ctx, { connectionId: world.program.connectionId, eventId: told.id });
  for (let minute = 0; minute < 60; minute++) {
    world.clock.advance(60_000);
    await Events.sweepEvents(ctx);
  }
  expect(world.metrics).toMatchObject({ FailedTries: 8, DeadLetters: 1 });
});

test("an event that nobody could decide waits for a person at once", async () => {
  const body = "not JSON";
  expect((await checkout.post(body, { "stripe-signature": checkout.sign(body) })).status).toBe(200);
  expect(world.metrics).toEqual({ DeadLetters: 1 });
});

test("an effect's failures are counted, and its end", async () => {
  const ctx = world.ctx();
  const effect = newEffect(ctx, "of a newer version" as never, "nobody", {} as never);
  await putEffects(ctx, [effect]);
  for (let hour = 0; hour < 60; hour++) {
    await sweepEffects(ctx);
    world.clock.advance(3_600_000);
  }
  expect(world.metrics).toEqual({ FailedTries: 8, DeadLetters: 1 });
});

test("an effect that always ends its process is given up like one that always fails", async () => {
  const ctx = world.ctx();
  const effect = { ...newEffect(ctx, "code.sync", "NOSUCHCODE", {}), attempts: 8 };
  await putEffects(ctx, [effect]);
  world.clock.advance(3_600_000);
  await sweepEffects(ctx);
  expect(world.metrics).toEqual({ DeadLetters: 1 });
  expect(await getItem(world.table, { pk: `EFFECT#${effect.id}`, sk: "EFFECT" })).toMatchObject({
    state: "dead",
    attempts: 8,
    lastError: "It was begun again and again, and never came to an end.",
  });
  await sweepEffects(ctx);
  expect(world.metrics).toEqual({ DeadLetters: 1 });
});

test("calls that the table took at the second try only are counted", async () => {
  let told = 0;
  const table = openTable(
    { tableName: world.table.name, endpoint: "http://127.0.0.1:1", onRetry: (times) => (told += times) },
    { maxAttempts: 2 },
  );
  await expect(getItem(table, { pk: "A", sk: "B" })).rejects.toMatchObject({ kind: "unavailable" });
  expect(told).toBe(1);
});
