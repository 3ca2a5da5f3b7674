import type { Job, Simulation } from "@laurel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sell } from "../../../packages/core/src/correction/testing.ts";
import { ambassador, type TestAmbassador } from "../../../packages/local/testing/checkout.ts";
import { withoutFlags } from "../../../packages/local/testing/flags.ts";
import { openWorld, type World } from "../../../packages/local/testing/index.ts";
import { createApi } from "../app.ts";
import { type Caller, json, signedIn } from "../testing.ts";

let world: World;
let api: ReturnType<typeof createApi>;
let owner: Caller;
let viewer: Caller;
let anna: TestAmbassador;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  await withoutFlags(world);
  api = createApi(world.runtime);
  anna = await ambassador(world, "Anna Muster");
  // Once by her code, and then because the customer is hers.
  await sell(world, { by: anna, email: "buyer@example.com", number: "#1001" });
  world.clock.advance(86_400_000);
  await sell(world, { email: "buyer@example.com", number: "#1002" });
  [owner, viewer] = [await signedIn(world, ["owner"]), await signedIn(world, ["viewer"])];
});
afterAll(() => world.close());

const post = (body: unknown, headers = {}) =>
  api.request("/api/simulations", json(body, { ...owner.headers, ...headers }));
const read = async (id: string) =>
  (await (await api.request(`/api/simulations/${id}`, { headers: viewer.headers })).json()) as Simulation;
const begun = async (answer: Response) => ((await answer.json()) as { job: Job }).job;

test("the whole way: an owner tries rules, everybody of the team reads what came of it", async () => {
  const body = { days: 30, rules: { precedence: ["promotion_code", "click"], clickTouch: "last" } };
  const answer = await post(body, { "idempotency-key": "one" });
  expect(answer.status).toBe(202);
  const { id } = await begun(answer);
  expect((await begun(await post(body, { "idempotency-key": "one" }))).id).toBe(id);
  const waiting = await read(id);
  expect(waiting).toMatchObject({
    job: { kind: "simulation", state: "waiting", counts: { done: 0, total: 31 } },
    days: 30,
    // Midnight in Berlin.
    from: "2026-05-16T22:00:00.000Z",
    until: world.clock.now().toISOString(),
    changedRules: ["precedence"],
    rates: [],
    program: { changedSince: false },
    result: null,
  });
  await world.settle();
  const { result } = await read(id);
  expect(result).toMatchObject({
    orders: { paid: 2, moved: 0, gained: 0, lost: 1, byHand: 0, kept: 0 },
    currencies: [
      {
        currency: "EUR",
        now: { orders: 2, earnedMinor: 2000, reversedMinor: 0, netMinor: 2000 },
        proposed: { orders: 1, earnedMinor: 1000, netMinor: 1000 },
        differenceMinor: -1000,
        earnLess: 1,
        gains: [],
        losses: [
          { ambassadorId: anna.id, name: "Anna Muster", ordersNow: 2, ordersProposed: 1, differenceMinor: -1000 },
        ],
      },
    ],
    examples: [
      {
        number: "#1002",
        change: "lost",
        from: "Anna Muster",
        to: null,
        rule: "not_counted",
        sentence: "It would be nobody's. Why not Anna Muster any more: the rules do not count signals of this kind.",
      },
    ],
  });
  expect(JSON.stringify(result)).not.toContain("buyer");

  const { program } = await world.ctx().program();
  const patch = { version: program.version, rules: { precedence: ["promotion_code", "click"] } };
  await api.request("/api/program", { ...json(patch, owner.headers), method: "PATCH" });
  expect((await read(id)).program).toEqual({ version: program.version, changedSince: true });
});

test("rates are tried, too: what stays with somebody earns at the rate that is proposed", async () => {
  const { starterTierId, laurelTierId } = world.program;
  const rates = [
    { tierId: starterTierId, rateBp: 2000 },
    { tierId: laurelTierId, rateBp: 0 },
  ];
  const { id } = await begun(
    await post({ days: 366, rates, rules: { precedence: ["promotion_code", "click", "customer"] } }),
  );
  await world.settle();
  const simulation = await read(id);
  expect(simulation.rates).toEqual([
    { tierId: starterTierId, tierName: "Starter", nowBp: 1000, proposedBp: 2000 },
    { tierId: laurelTierId, tierName: "Laurel", nowBp: 1500, proposedBp: 0 },
  ]);
  expect(simulation.result).toMatchObject({
    orders: { paid: 2, moved: 0, gained: 0, lost: 0 },
    currencies: [{ differenceMinor: 2000, earnMore: 1, gains: [{ name: "Anna Muster", proposedMinor: 4000 }] }],
  });
});

test.each<[string, object, string]>([
  ["no days", { days: 0 }, "days"],
  ["more than a year", { days: 367 }, "days"],
  ["a tier that is none", { days: 1, rates: [{ tierId: "tier_01jd0000000000000000000000", rateBp: 1 }] }, "tierId"],
  ["a rule that is none", { days: 1, rules: { precedence: [] } }, "rules.precedence"],
  [
    "a tier twice",
    { days: 1, rates: ["a", "b"].map(() => ({ tierId: "tier_01jd0000000000000000000000", rateBp: 1 })) },
    "rates",
  ],
])("%s is refused", async (_, body, field) => {
  const answer = await post(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ errors: [{ field }] });
});

test("another job is no simulation", async () => {
  const answer = await api.request(`/api/simulations/${world.newId("job")}`, { headers: viewer.headers });
  expect(answer.status).toBe(404);
});
