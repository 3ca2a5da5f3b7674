import { connect, disconnect, get } from "@laurel/core/connection";
import { createStaff } from "@laurel/core/person";
import { cachedProgram } from "@laurel/core/program";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { event, openCheckout, purchase, session } from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { wrapped } from "../../packages/local/testing/wrap.ts";
import type { Runtime } from "../runtime.ts";

/** What a process remembers goes by its own clock, which jumps here. */
const now = performance.now.bind(performance);
let ahead = 0;
vi.spyOn(performance, "now").mockImplementation(() => now() + ahead);
const threeSecondsLater = () => {
  ahead += 3_001;
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** Another process on the same table, which remembers the program for itself; and how often it has read it. */
function otherProcess(): { runtime: Runtime; reads: () => number } {
  let reads = 0;
  const table = wrapped(world.table, ({ name, input }, send) => {
    if (name === "Query" && input.ExpressionAttributeValues[":pk"] === "PROGRAM") reads++;
    return send();
  });
  const program = cachedProgram(table);
  const context: Runtime["context"] = (...all) => ({ ...world.runtime.context(...all), table, program: program.get });
  return { runtime: { ...world.runtime, table, context, forgetProgram: program.forget }, reads: () => reads };
}

const owner = async () => {
  const personId = await createStaff(world.ctx(), { email: "o@example.com", name: "Olga", roles: ["owner"] });
  return world.ctx({ ...world.staff("owner"), personId });
};
/** A connection to its end, made by the world's own process. */
async function connected(account: string) {
  const ctx = await owner();
  const { id } = await connect(ctx, { provider: "stripe", apiKey: `rk_test_${account}` });
  await world.settle();
  expect(await get(ctx, id)).toMatchObject({ state: "active" });
  const secret = [...world.stripe.webhooks.values()].find((each) => each.account === account)!.secret;
  return { id, secret };
}

test("the first event of a new connection is taken, though this process has never heard of it", async () => {
  const { runtime, reads } = otherProcess();
  const checkout = openCheckout(world, runtime);
  expect((await checkout.post("{}", { "stripe-signature": "t=1,v1=0" })).status).toBe(400);
  expect(reads()).toBe(1);
  threeSecondsLater();
  const { id, secret } = await connected("shopnew1");
  const told = JSON.stringify(event("checkout.session.completed", session(purchase(world.clock.now())), 1_781_517_600));
  const signed = { "stripe-signature": checkout.sign(told, secret) };
  expect((await checkout.post(told, signed, `/webhooks/stripe/${id}`)).status).toBe(200);
  expect(reads()).toBe(2);
});

test("made-up ids are looked for once in three seconds, however many come", async () => {
  const { runtime, reads } = otherProcess();
  const checkout = openCheckout(world, runtime);
  const ask = async () => {
    const paths = Array.from({ length: 50 }, () => `/webhooks/stripe/${world.newId("connection")}`);
    const answers = await Promise.all(paths.map((path) => checkout.post("{}", {}, path)));
    for (const { status } of answers) expect(status).toBe(404);
  };
  await ask();
  await ask();
  expect(reads()).toBe(1);
  threeSecondsLater();
  await ask();
  await ask();
  expect(reads()).toBe(2);
});

test("one that was disconnected is a stranger's, and becomes one's own again when it is connected again", async () => {
  const { id, secret } = await connected("shopback");
  const ctx = await owner();
  await disconnect(ctx, id);
  await world.settle();
  const { runtime } = otherProcess();
  const checkout = openCheckout(world, runtime);
  const told = JSON.stringify(event("customer.created", { id: "cus_1" }, 1_781_517_600));
  const tell = (by: string) =>
    checkout.post(told, { "stripe-signature": checkout.sign(told, by) }, `/webhooks/stripe/${id}`);
  expect((await tell(secret)).status).toBe(404);
  threeSecondsLater();
  const again = await connected("shopback");
  expect(again.id).toBe(id);
  expect((await tell(again.secret)).status).toBe(200);
});

test("an event and a signature that does not hold are seen on the connection", async () => {
  const { id, secret } = await connected("shopseen");
  const checkout = openCheckout(world, otherProcess().runtime);
  const told = JSON.stringify(event("checkout.session.completed", session(purchase(world.clock.now())), 1_781_517_600));
  const path = `/webhooks/stripe/${id}`;
  await checkout.post(told, { "stripe-signature": checkout.sign(told, "whsec_wrong") }, path);
  const ctx = await owner();
  expect(await get(ctx, id)).toMatchObject({ lastEventAt: null, lastBadSignatureAt: expect.any(String) });
  await checkout.post(told, { "stripe-signature": checkout.sign(told, secret) }, path);
  await world.settle();
  expect(await get(ctx, id)).toMatchObject({ lastEventAt: world.clock.now().toISOString() });
});
