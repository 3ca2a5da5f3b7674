import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { wrapped } from "../../../local/testing/wrap.ts";
import {
  approve as approveCorrection,
  correct,
  list as corrections,
  reject as rejectCorrection,
} from "../correction/index.ts";
import { orderOf, sell, staffAnd } from "../correction/testing.ts";
import type { Context } from "../kernel/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import type { OrderItem } from "../order/index.ts";
import { getItem } from "../table/index.ts";
import * as Claims from "./index.ts";

let world: World;
let anna: TestAmbassador;
let bela: TestAmbassador;
let manager: Context["actor"];
let asAnna: Context["actor"];

beforeAll(async () => {
  world = await openWorld();
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Probe");
  manager = world.staff("manager");
  asAnna = { ...staffAnd(world, anna.id, ["ambassador"]), personId: await personOf(anna) };
});
afterAll(() => world.close());
// Past the limit of an hour.
beforeEach(() => world.clock.advance(3_600_000));

async function personOf(of: TestAmbassador): Promise<never> {
  return (await getItem(world.table, { pk: `AMB#${of.id}`, sk: "AMBASSADOR" }))!.personId as never;
}
const evidence = { text: "My sister bought it with my code.", link: "https://example.com/p/1" };
/** 15 June 2026, 22:30 UTC, is 16 June in Vienna. */
const today = () =>
  new Intl.DateTimeFormat("en-CA", { timeZone: world.program.program.timeZone }).format(world.clock.now());
const ask = (orderNumber: string, more: { orderedOn?: string; evidence?: typeof evidence } = {}) =>
  Claims.ask(world.ctx(asAnna), { orderNumber, orderedOn: today(), ...more });
const failure = (attempt: Promise<unknown>): Promise<{ kind: string; code: string }> =>
  attempt.then(
    () => ({ kind: "none", code: "none" }),
    ({ kind, code }) => ({ kind, code }),
  );
const approve = (id: string, order: OrderItem, by = manager) =>
  Claims.approve(world.ctx(by), id, { orderId: order.id, version: order.version, reason: "Your sister wrote to us" });
const lastMail = async () => {
  await world.settle();
  return world.mails.at(-1);
};

test("an order that is known is answered at once: yours with its receipt, or not yours with the rule alone", async () => {
  const own = await sell(world, { by: anna, number: "#1001" });
  const [others, nobodys] = [await sell(world, { by: bela, number: "#1002" }), await sell(world, { number: "#1003" })];
  expect(await ask("1001")).toEqual({
    answer: "yours",
    sentence: "This order is yours. Its receipt tells the rest.",
    orderId: own.id,
    claim: null,
  });
  const answers = [await ask("#1002"), await ask(" 1003 ")];
  // Nobody can tell an order of somebody else's from one of nobody's.
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toEqual({
    answer: "not_yours",
    sentence: "We know this order, and it is not yours. Neither your code nor your link was seen on it.",
    orderId: null,
    claim: null,
  });
  for (const { id } of [others, nobodys]) expect(JSON.stringify(answers)).not.toContain(id);
  expect(await ask("1001", { evidence })).toMatchObject({ answer: "yours", claim: null });
});

test("number and day are of one order, or nothing is told; and so many answers are given", async () => {
  await sell(world, { by: bela, number: "#2001" });
  expect(await ask("2001", { orderedOn: "2026-06-01" })).toMatchObject({ answer: "unknown", orderId: null });
  expect(await ask("2002")).toMatchObject({ answer: "unknown" });
  for (let asked = 2; asked < 10; asked++) await ask(`9${asked}`);
  // However often one is told to wait, it is an hour's wait: refusals do not use up the day.
  for (let refused = 0; refused < 30; refused++)
    expect(await failure(ask("2001"))).toMatchObject({ kind: "rate_limited" });
  world.clock.advance(3_600_000);
  for (let asked = 0; asked < 10; asked++) expect(await ask("2002")).toMatchObject({ answer: "unknown" });
  expect(await failure(Claims.ask(world.ctx(asAnna), { orderNumber: "1", orderedOn: "2999-01-01" }))).toMatchObject({
    kind: "rate_limited",
  });
  world.clock.advance(24 * 3_600_000);
  expect(await failure(Claims.ask(world.ctx(asAnna), { orderNumber: "#!", orderedOn: today() }))).toMatchObject({
    kind: "invalid",
  });
  expect(await failure(Claims.ask(world.ctx(asAnna), { orderNumber: "1", orderedOn: "2999-01-01" }))).toMatchObject({
    kind: "invalid",
  });
});

test("approving gives the order over in the same transaction, and says so gladly in one mail", async () => {
  world.clock.advance(24 * 3_600_000);
  const { claim } = await ask("3001", { evidence });
  expect(claim).toMatchObject({ state: "open", orderNumber: "3001", reason: null });
  // The shop's webhook came late.
  const order = await sell(world, { number: "#3001" });
  const seen = await Claims.get(world.ctx(manager), claim!.id);
  expect(seen).toMatchObject({
    evidence,
    orders: [{ id: order.id }],
    ambassador: { name: "Anna Muster" },
    mayDecide: true,
  });
  await world.settle();
  const before = world.mails.length;
  expect(await approve(claim!.id, order)).toMatchObject({ state: "approved", orderId: order.id });
  expect((await orderOf(world, order.id)).attribution).toMatchObject({ kind: "manual", ambassadorId: anna.id });
  const mail = await lastMail();
  expect(mail).toMatchObject({ to: anna.email });
  expect(mail!.text).toContain("€10.00");
  expect(mail!.text).toContain("Your sister wrote to us");
  expect(mail!.text).toContain(`/home/orders/${order.id}`);
  expect(world.mails.length).toBe(before + 1);
  expect(await failure(approve(claim!.id, await orderOf(world, order.id)))).toMatchObject({ code: "claim.decided" });
  expect((await checkLedger(world.table)).differences).toEqual([]);
});

test("declining tells why, and the order can be claimed again", async () => {
  const { claim } = await ask("4001", { evidence });
  expect(await failure(ask("#4001", { evidence }))).toMatchObject({ kind: "conflict", code: "claim.open" });
  const reason = "The order was placed before you joined.";
  expect(await Claims.decline(world.ctx(manager), claim!.id, { reason })).toMatchObject({ state: "declined", reason });
  expect((await lastMail())!.text).toContain(reason);
  // The newest first: two of the same instant have no order.
  world.clock.advance(1000);
  const again = await ask("4001", { evidence });
  expect(await Claims.withdraw(world.ctx(asAnna), again.claim!.id)).toMatchObject({ state: "withdrawn" });
  expect(await failure(Claims.decline(world.ctx(manager), again.claim!.id, { reason }))).toMatchObject({
    code: "claim.decided",
  });
  const mine = await Claims.mine(world.ctx(asAnna), {});
  expect(mine.items.map((each) => each.state).slice(0, 2)).toEqual(["withdrawn", "declined"]);
});

test("what moves more than the limit is approved with its correction, and open again where that is rejected", async () => {
  const order = await sell(world, { by: bela, number: "5001", baseMinor: 500_000 });
  const { claim } = await ask("5001", { evidence });
  const id = claim!.id;
  const waiting = await approve(id, order);
  expect(waiting).toMatchObject({ state: "open", mayDecide: false, correctionId: expect.any(String) });
  expect((await Claims.mine(world.ctx(asAnna), {})).items[0]).toMatchObject({
    state: "open",
    reason: null,
    orderId: null,
  });
  for (const attempt of [
    () => approve(id, order),
    () => Claims.decline(world.ctx(manager), id, { reason: "Not so" }),
    () => Claims.withdraw(world.ctx(asAnna), id),
  ])
    expect(await failure(attempt())).toMatchObject({ code: "claim.waits" });
  const second = world.ctx(world.staff("finance"));
  await rejectCorrection(second, waiting.correctionId!, { note: "Show me more" }, Claims.withCorrection);
  expect(await Claims.get(second, id)).toMatchObject({ state: "open", correctionId: null });

  const again = await approve(id, order);
  await approveCorrection(second, again.correctionId!, { version: order.version }, Claims.withCorrection);
  expect(await Claims.get(second, id)).toMatchObject({ state: "approved", orderId: order.id });
  expect((await lastMail())!.text).toContain("€500.00");
  expect((await corrections(second, { state: "proposed" })).items).toEqual([]);
});

test("nobody decides about their own claim, or takes somebody else's back", async () => {
  const { claim } = await ask("6001", { evidence });
  const order = await sell(world, { number: "6001" });
  const both = staffAnd(world, anna.id);
  expect(await failure(approve(claim!.id, order, both))).toMatchObject({ kind: "forbidden", code: "claim.own" });
  expect(await failure(Claims.decline(world.ctx(both), claim!.id, { reason: "Not so" }))).toMatchObject({
    code: "claim.own",
  });
  // Nor does somebody who was the ambassador once.
  const former = { ...staffAnd(world, null), personId: await personOf(anna) };
  expect(await failure(approve(claim!.id, order, former))).toMatchObject({ code: "claim.own" });
  const stranger = staffAnd(world, bela.id, ["ambassador"]);
  expect(await failure(Claims.withdraw(world.ctx(stranger), claim!.id))).toMatchObject({ kind: "not_found" });
});

test("of two decisions at once one wins, and the other is told so", async () => {
  const { claim } = await ask("7001", { evidence });
  const order = await sell(world, { number: "7001" });
  const ends = await Promise.all([
    failure(approve(claim!.id, order)),
    failure(Claims.decline(world.ctx(world.staff("owner")), claim!.id, { reason: "Not so" })),
    failure(approve(claim!.id, order, world.staff("owner"))),
  ]);
  expect(ends.map((end) => end.code).sort()).toEqual(["claim.decided", "claim.decided", "none"]);
  const { state } = await Claims.get(world.ctx(manager), claim!.id);
  const { attribution } = await orderOf(world, order.id);
  expect(attribution?.ambassadorId).toBe(state === "approved" ? anna.id : undefined);
});

test("an order that became theirs in the meantime ends the claim, unless it is moved again at that moment", async () => {
  const { claim } = await ask("7501", { evidence });
  const order = await sell(world, { by: anna, number: "7501" });
  const ctx = world.ctx(manager);
  let moved: Promise<unknown> | undefined;
  const table = wrapped(world.table, async ({ name }, send) => {
    if (name === "TransactWrite") {
      moved ??= correct(world.ctx(world.staff("owner")), {
        orderId: order.id,
        version: order.version,
        ambassadorId: bela.id,
        reason: "It was Bela's",
      });
      await moved;
    }
    return send();
  });
  const input = { orderId: order.id, version: order.version, reason: "It is yours" };
  expect(await failure(Claims.approve({ ...ctx, table }, claim!.id, input))).toMatchObject({ code: "order.changed" });
  expect(await Claims.get(ctx, claim!.id)).toMatchObject({ state: "open" });

  const { claim: second } = await ask("7502", { evidence });
  const theirs = await sell(world, { by: anna, number: "7502" });
  expect(await approve(second!.id, theirs)).toMatchObject({ state: "approved", orderId: theirs.id });
});

test("what an ambassador wrote stands with their person alone", async () => {
  const { claim } = await ask("8001", { evidence: { ...evidence, text: "Ask Wilhelmina Geheim." } });
  const item = await getItem(world.table, { pk: `CLAIM#${claim!.id}`, sk: "CLAIM" });
  expect(JSON.stringify(item)).not.toContain("Wilhelmina");
});
