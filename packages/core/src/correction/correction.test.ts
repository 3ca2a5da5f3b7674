import { afterAll, beforeAll, expect, test } from "vitest";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import * as Audits from "../audit/index.ts";
import { releaseDue } from "../commission/index.ts";
import type { Context } from "../kernel/index.ts";
import { accountsOf, balancesOf, isBalanced } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import type { OrderItem } from "../order/index.ts";
import * as Orders from "../order/index.ts";
import * as Program from "../program/index.ts";
import * as Corrections from "./index.ts";
import { aliasOf, orderOf, sell, staffAnd, tell } from "./testing.ts";

let world: World;
let anna: TestAmbassador;
let bela: TestAmbassador;
let manager: Context["actor"];
let finance: Context["actor"];

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Probe", { tierId: world.program.laurelTierId });
  manager = world.staff("manager");
  finance = world.staff("finance");
});
afterAll(() => world.close());

const reason = "The follower wrote to us";
const propose = (order: OrderItem, to: TestAmbassador | null, more: { by?: Context["actor"]; key?: string } = {}) =>
  Corrections.propose(
    world.ctx(
      more.by ?? manager,
      more.key === undefined ? undefined : { idempotency: { key: more.key, bodyHash: "the same" } },
    ),
    order.id,
    { version: order.version, ambassadorId: to?.id ?? null, reason },
  );
const failure = (attempt: Promise<unknown>): Promise<{ kind: string; code: string }> =>
  attempt.then(
    () => ({ kind: "none", code: "none" }),
    ({ kind, code }) => ({ kind, code }),
  );
const balance = async (of: TestAmbassador) => {
  const [account] = await accountsOf(world.table, of.id);
  return account
    ? { pending: account.pendingMinor ?? 0, available: account.availableMinor ?? 0 }
    : { pending: 0, available: 0 };
};
const earnedBy = async (of: TestAmbassador, order: OrderItem): Promise<number | undefined> => {
  const commission = await Orders.commissionAt(world.ctx(), of.id, order);
  return commission && commission.earnedMinor - commission.reversedMinor;
};

test("from nobody to somebody, on to another, and away from everybody: new entries, new revisions, reasons kept", async () => {
  const order = await sell(world);
  const viewer = world.ctx(world.staff("owner"));
  const given = await propose(order, anna);
  expect(given).toMatchObject({
    kind: "attribute",
    state: "applied",
    from: null,
    to: { id: anna.id, name: "Anna Muster" },
  });
  expect(await earnedBy(anna, order)).toBe(1000);

  const first = await Orders.receipt(viewer, order.id);
  expect(first).toMatchObject({
    revision: 2,
    summary: "It belongs to Anna Muster, because of the decision of a person.",
    rate: { rateBp: 1000 },
    commission: { earnedMinor: 1000, reversedMinor: 0, state: "pending" },
  });
  expect(first.revisions.map((each) => each.cause)).toEqual(["First decision", `Corrected by hand: ${reason}`]);

  world.clock.advance(1000);
  await propose(await orderOf(world, order.id), bela);
  expect(await earnedBy(anna, order)).toBe(0);
  // The laurel tier earns 15 %.
  expect(await earnedBy(bela, order)).toBe(1500);

  world.clock.advance(1000);
  expect(await propose(await orderOf(world, order.id), null)).toMatchObject({ kind: "remove", from: { id: bela.id } });
  expect(await earnedBy(bela, order)).toBe(0);
  expect((await Orders.receipt(viewer, order.id)).summary).toBe("Nobody: a person decided so.");

  // Back to whom it was at first: as it was earned then, not a second time.
  world.clock.advance(1000);
  await propose(await orderOf(world, order.id), anna);
  expect(await earnedBy(anna, order)).toBe(1000);
  expect((await Orders.receipt(viewer, order.id)).revision).toBe(5);
  const lines = (await Audits.list(viewer, { subject: order.id })).items;
  expect(
    lines.map(({ action, before, after, note }) => [action, before!.ambassadorId, after!.ambassadorId, note]),
  ).toEqual(
    [
      [null, anna.id],
      [bela.id, null],
      [anna.id, bela.id],
      [null, anna.id],
    ].map(([from, to]) => ["order.corrected", from, to, reason]),
  );
  expect((await checkLedger(world.table)).differences).toEqual([]);
});

test("only whom it concerns now reads why; the reasons of before are the team's", async () => {
  const order = await sell(world, { by: anna });
  await propose(order, bela);
  const own = await Orders.receipt(world.ctx(staffAnd(world, bela.id, ["ambassador"])), order.id);
  expect(own.revisions.at(-1)!.cause).toBe(`Corrected by hand: ${reason}`);
  await propose(await orderOf(world, order.id), anna);
  const back = await Orders.receipt(world.ctx(staffAnd(world, anna.id, ["ambassador"])), order.id);
  expect(back.revisions.map((each) => each.cause)).toEqual([
    "First decision",
    "Corrected by hand",
    `Corrected by hand: ${reason}`,
  ]);
  expect(JSON.stringify(back)).not.toContain("Bela");
  // And who has lost it sees it no more.
  expect(await failure(Orders.receipt(world.ctx(staffAnd(world, bela.id, ["ambassador"])), order.id))).toMatchObject({
    kind: "not_found",
  });
});

test("refunds, disputes and payments that come later go on with whom it belongs to", async () => {
  const order = await sell(world, { by: anna, payment: "unpaid" });
  const preview = await Corrections.preview(world.ctx(manager), order.id, { ambassadorId: bela.id });
  expect(preview).toMatchObject({ stakeMinor: 1500, from: { afterMinor: 0 }, to: { afterMinor: 0, state: null } });
  await propose(order, bela);
  const paid = {
    kind: "purchase",
    aliases: order.aliases,
    occurredAt: order.occurredAt,
    payment: "paid",
    currency: "EUR",
  };
  const amounts = { grossMinor: 11_900, baseMinor: 10_000, baseLines: [{ label: "Goods", amountMinor: 10_000 }] };
  // The checkout names Anna's code once more, and a buyer besides: what a person decided stands.
  const signals = { promotionCodeIds: [anna.promotionCodeId], clickId: null, email: "new@example.com" };
  await tell(world, { ...paid, ...amounts, signals } as never);
  expect([await earnedBy(anna, order), await earnedBy(bela, order)]).toEqual([undefined, 1500]);
  const of = { aliases: [aliasOf(order)], currency: "EUR", at: world.clock.now().toISOString() };
  await tell(world, { ...of, kind: "refund", refundId: "re_1", amountMinor: 5950, state: "live" } as never);
  expect(await earnedBy(bela, order)).toBe(750);
  // Moved with a refund on it: the former loses what was left, the next gets what is left.
  const weighed = await Corrections.preview(world.ctx(manager), order.id, { ambassadorId: anna.id });
  expect(weighed.from).toMatchObject({ ambassadorId: bela.id, beforeMinor: 750, afterMinor: 0, state: "reversed" });
  expect(weighed.to).toMatchObject({
    ambassadorId: anna.id,
    beforeMinor: 0,
    afterMinor: 500,
    rateBp: 1000,
    code: anna.code,
  });
  await propose(await orderOf(world, order.id), anna);
  expect([await earnedBy(anna, order), await earnedBy(bela, order)]).toEqual([500, 0]);
  await tell(world, { ...of, kind: "refund", refundId: "re_1", amountMinor: 5950, state: "failed" } as never);
  expect([await earnedBy(anna, order), await earnedBy(bela, order)]).toEqual([1000, 0]);
  await tell(world, { ...of, kind: "refund", refundId: "re_2", amountMinor: 11_900, state: "live" } as never);
  expect([await earnedBy(anna, order), await earnedBy(bela, order)]).toEqual([0, 0]);
  expect((await checkLedger(world.table)).differences).toEqual([]);
});

test("what was available, or paid already, is taken back all the same", async () => {
  const order = await sell(world, { by: anna });
  world.clock.advance(40 * 86_400_000);
  await releaseDue(world.ctx());
  const [before, belaBefore] = [await balance(anna), await balance(bela)];
  await propose(await orderOf(world, order.id), bela);
  expect((await balance(anna)).available).toBe(before.available - 1000);
  // Its hold is over for whoever has it: the next release takes it up.
  expect((await balance(bela)).pending).toBe(belaBefore.pending + 1500);
  await releaseDue(world.ctx());
  expect((await balance(bela)).available).toBeGreaterThanOrEqual(belaBefore.available + 1500);
  for (const each of [anna, bela])
    for (const account of await accountsOf(world.table, each.id)) expect(isBalanced(balancesOf(account))).toBe(true);
});

test("more than the limit waits for a second person, who is not the first; then it becomes true", async () => {
  const order = await sell(world, { by: anna, baseMinor: 100_000 });
  const proposed = await propose(order, bela);
  expect(proposed).toMatchObject({ state: "proposed", stakeMinor: 15_000, mayApprove: false });
  expect((await orderOf(world, order.id)).attribution?.ambassadorId).toBe(anna.id);
  expect(await failure(propose(order, null))).toMatchObject({ kind: "conflict", code: "correction.waiting" });

  const waiting = await Corrections.list(world.ctx(finance), { state: "proposed" });
  expect(waiting.items).toMatchObject([{ id: proposed.id, mayApprove: true }]);
  const detail = await Corrections.get(world.ctx(finance), proposed.id);
  expect(detail).toMatchObject({ overtaken: null, preview: { to: { afterMinor: 15_000 }, version: order.version } });

  const approve = (by: Context["actor"], version = order.version) =>
    Corrections.approve(world.ctx(by), proposed.id, { version }, async () => []);
  expect(await failure(approve(manager))).toMatchObject({ kind: "forbidden", code: "correction.second_person" });
  expect(await failure(approve(finance, order.version - 1))).toMatchObject({ kind: "conflict", code: "order.changed" });
  for (const concerned of [anna, bela])
    expect(await failure(approve(staffAnd(world, concerned.id)))).toMatchObject({ code: "correction.own" });
  expect(await approve(finance)).toMatchObject({
    state: "applied",
    decidedBy: { id: (finance as { personId: string }).personId },
  });
  expect([await earnedBy(anna, order), await earnedBy(bela, order)]).toEqual([0, 15_000]);
  expect(await failure(approve(world.staff("owner")))).toMatchObject({ kind: "conflict", code: "correction.decided" });
  expect((await Corrections.list(world.ctx(finance), { state: "proposed" })).items).toEqual([]);
});

test("a correction that was rejected, or taken back, leaves the order as it is and lets another come", async () => {
  const order = await sell(world, { by: anna, baseMinor: 120_000 });
  const reject = (id: string, by: Context["actor"]) =>
    Corrections.reject(world.ctx(by), id, { note: "Not shown" }, async () => []);
  const first = await propose(order, bela);
  expect(await failure(reject(first.id, staffAnd(world, bela.id)))).toMatchObject({ code: "correction.own" });
  expect(await reject(first.id, finance)).toMatchObject({ state: "rejected", note: "Not shown" });
  const second = await propose(order, null);
  expect(await reject(second.id, manager)).toMatchObject({ state: "rejected" });
  expect(await earnedBy(anna, order)).toBe(12_000);
});

test("the limit is the program's, by currency: none for a currency is one of nothing", async () => {
  const owner = world.staff("owner");
  const set = async (approveAbove: { currency: string; amountMinor: number }[]) => {
    const { version } = await Program.get(world.ctx(owner));
    await Program.change(world.ctx(owner), { version, approveAbove });
  };
  const order = await sell(world);
  const needs = async () =>
    (await Corrections.preview(world.ctx(manager), order.id, { ambassadorId: anna.id })).needsApproval;
  expect(await needs()).toBe(false);
  await set([{ currency: "EUR", amountMinor: 999 }]);
  expect(await needs()).toBe(true);
  await set([{ currency: "EUR", amountMinor: 1000 }]);
  expect(await needs()).toBe(false);
  await set([{ currency: "USD", amountMinor: 1000 }]);
  expect(await needs()).toBe(true);
  await set([{ currency: "EUR", amountMinor: 10_000 }]);
});

test("nobody corrects what is about themselves: to them, from them, or bought by them", async () => {
  const own = staffAnd(world, anna.id);
  const [theirs, nobodys] = [await sell(world, { by: anna }), await sell(world)];
  const bought = await sell(world, { by: bela, email: anna.email });
  for (const attempt of [
    () => propose(theirs, bela, { by: own }),
    () => propose(theirs, null, { by: own }),
    () => propose(nobodys, anna, { by: own }),
    () => propose(bought, null, { by: own }),
    () => Corrections.preview(world.ctx(own), theirs.id, { ambassadorId: bela.id }),
  ])
    expect(await failure(attempt())).toEqual({ kind: "forbidden", code: "correction.own" });
  expect(await propose(nobodys, bela, { by: own })).toMatchObject({ state: "applied" });
});

test("of two at once one wins and the other is told; the same request twice is one", async () => {
  const order = await sell(world);
  const ends = await Promise.all([
    failure(propose(order, anna)),
    failure(propose(order, bela)),
    failure(propose(order, anna, { by: finance })),
  ]);
  expect(ends.filter((end) => end.kind === "none")).toHaveLength(1);
  for (const end of ends) if (end.kind !== "none") expect(end).toEqual({ kind: "conflict", code: "order.changed" });
  const now = await orderOf(world, order.id);
  expect(now.receipt.revision).toBe(2);

  const other = await sell(world);
  const twice = await Promise.allSettled([propose(other, anna, { key: "k1" }), propose(other, anna, { key: "k1" })]);
  const again = await propose(other, anna, { key: "k1" });
  for (const end of twice)
    if (end.status === "fulfilled") expect(end.value.id).toBe(again.id);
    else expect(end.reason.kind).toBe("conflict");
  expect(twice.some((end) => end.status === "fulfilled")).toBe(true);
  expect((await orderOf(world, other.id)).receipt.revision).toBe(2);
  expect((await checkLedger(world.table)).differences).toEqual([]);
});

test("of two decisions about a waiting correction one wins, also where one approves and one rejects", async () => {
  const order = await sell(world, { by: anna, baseMinor: 200_000 });
  const { id } = await propose(order, bela);
  const none = async () => [];
  const ends = await Promise.all([
    failure(Corrections.approve(world.ctx(finance), id, { version: order.version }, none)),
    failure(Corrections.reject(world.ctx(world.staff("owner")), id, { note: "No, thank you" }, none)),
  ]);
  expect(ends.map((end) => end.kind).sort()).toEqual(["conflict", "none"]);
  const { state } = await Corrections.get(world.ctx(finance), id);
  expect(await earnedBy(bela, order)).toBe(state === "applied" ? 30_000 : undefined);
});

test("what can't be: nothing to change, an unknown ambassador, an order that changed, one that is not there", async () => {
  const order = await sell(world, { by: anna });
  expect(await failure(propose(order, anna))).toMatchObject({ code: "correction.no_change" });
  expect(await failure(propose({ ...order, version: 7 }, bela))).toMatchObject({ code: "order.changed" });
  const stranger = { ...bela, id: world.newId("ambassador") };
  expect(await failure(propose(order, stranger))).toMatchObject({ kind: "invalid" });
  expect(await failure(propose({ ...order, id: world.newId("order") }, bela))).toMatchObject({ kind: "not_found" });
});

test("a customer goes with the order that won them", async () => {
  const email = "loyal@example.com";
  const order = await sell(world, { by: anna, email });
  await propose(order, bela);
  world.clock.advance(60_000);
  const next = await sell(world, { email });
  expect(next.attribution).toMatchObject({ kind: "customer", ambassadorId: bela.id });
});
