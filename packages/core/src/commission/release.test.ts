import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  type Purchase,
  purchase,
  refund,
  session,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { wrapped } from "../../../local/testing/wrap.ts";
import { accountsOf, balancesOf, type Posting, post } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import * as Orders from "../order/index.ts";
import { parse } from "../table/entity.ts";
import { getItems, queryAll } from "../table/read.ts";
import { transact } from "../table/transact.ts";
import { type Commission, CommissionEntity } from "./commission.entity.ts";
import { releaseDue } from "./release.ops.ts";

const dayMs = 86_400_000;

let world: World;
let checkout: Checkout;
let made = 0;
beforeAll(async () => {
  world = await openWorld();
  await withoutFlags(world);
  checkout = openCheckout(world);
});
afterAll(async () => {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const newcomer = (): Promise<TestAmbassador> => ambassador(world, `Newcomer ${"abcdefghijklm"[made++]}`);

async function sell(to: TestAmbassador, count: number, more: Partial<Purchase> = {}): Promise<Purchase[]> {
  const sold = Array.from({ length: count }, () => purchase(world.clock.now(), more));
  await Promise.all(
    sold.map((of) =>
      checkout.tell(event("checkout.session.completed", session(of, withCode(to.promotionCodeId)), of.at)),
    ),
  );
  return sold;
}
const back = (of: Purchase, amountMinor: number) =>
  checkout.tell(event("refund.created", refund(of, amountMinor), world.clock.now()));
const balance = async (of: TestAmbassador, currency = "EUR") =>
  balancesOf((await accountsOf(world.table, of.id)).find((each) => each.currency === currency)!);
const entriesOf = (of: TestAmbassador) => queryAll(world.table, { pk: `AMB#${of.id}`, skPrefix: "LED#" });
const orderOf = async (of: Purchase) => (await Orders.list(world.ctx(), { externalId: of.session })).items[0]!;
const afterTheHold = () => world.clock.advance(31 * dayMs);

test("commissions are released when their hold has ended, 25 an entry, and not a moment before", async () => {
  const anna = await newcomer();
  const sold = await sell(anna, 53);
  const { releaseAt } = (await orderOf(sold[0]!)).commission!;
  world.clock.set(new Date(Date.parse(releaseAt) - 1));
  expect(await releaseDue(world.ctx())).toBe(0);
  world.clock.set(releaseAt);
  expect(await releaseDue(world.ctx())).toBe(53);
  expect(await balance(anna)).toMatchObject({ pendingMinor: 0, availableMinor: 53_000, earnedMinor: 53_000 });
  const releases = (await entriesOf(anna)).filter((entry) => entry.kind === "release");
  expect(releases.map((entry) => [entry.orderIds.length, entry.postings.length]).sort()).toEqual([
    [25, 1],
    [25, 1],
    [3, 1],
  ]);
  expect(await releaseDue(world.ctx())).toBe(0);
  expect((await orderOf(sold[9]!)).commission).toMatchObject({ state: "available" });
});

test("each currency is released by itself, and a commission of nothing with the others", async () => {
  const anna = await newcomer();
  await sell(anna, 2);
  await sell(anna, 2, { currency: "jpy" });
  const [nothing] = await sell(anna, 1, { currency: "jpy", totalMinor: 0 });
  afterTheHold();
  expect(await releaseDue(world.ctx())).toBe(5);
  expect([(await balance(anna)).availableMinor, (await balance(anna, "JPY")).availableMinor]).toEqual([2000, 2000]);
  expect((await orderOf(nothing!)).commission).toMatchObject({ earnedMinor: 0, state: "available" });
});

test("run five times at once, each is released once", async () => {
  const anna = await newcomer();
  await sell(anna, 40);
  afterTheHold();
  const runs = await Promise.all(Array.from({ length: 5 }, () => releaseDue(world.ctx())));
  // Who lost a batch left it to whoever won it; what nobody finished is for the next minute.
  const later = await releaseDue(world.ctx());
  expect(runs.reduce((sum, count) => sum + count, later)).toBe(40);
  expect(await balance(anna)).toMatchObject({ pendingMinor: 0, availableMinor: 40_000 });
});

test("a run that is cut off in the middle is finished by the next one", async () => {
  const anna = await newcomer();
  await sell(anna, 60);
  afterTheHold();
  let transactions = 0;
  const table = wrapped(world.table, async (call, send) => {
    if (call.name === "TransactWrite" && ++transactions > 1)
      throw Object.assign(new Error("gone"), { code: "ECONNRESET" });
    return send();
  });
  await expect(releaseDue({ ...world.ctx(), table })).rejects.toMatchObject({ kind: "unavailable" });
  expect((await balance(anna)).availableMinor).toBe(25_000);
  expect(await releaseDue(world.ctx(), Date.now() - 1)).toBe(0);
  expect(await releaseDue(world.ctx())).toBe(35);
  expect((await balance(anna)).availableMinor).toBe(60_000);
});

test("refunds that race with the release end where they would have ended one after the other", async () => {
  const anna = await newcomer();
  const sold = await sell(anna, 30);
  afterTheHold();
  await Promise.all([
    ...sold.map((of, n) => back(of, n % 3 === 0 ? 11_900 : n % 3 === 1 ? 5950 : 1)),
    releaseDue(world.ctx()),
    releaseDue(world.ctx()),
  ]);
  await world.settle();
  await releaseDue(world.ctx());
  await releaseDue(world.ctx());
  expect(await balance(anna)).toMatchObject({
    pendingMinor: 0,
    availableMinor: 10 * 500 + 10 * 1000,
    reversedMinor: 10 * 1000 + 10 * 500,
  });
  const states = await Promise.all(sold.map(async (of) => (await orderOf(of)).commission!.state));
  expect(states.filter((state) => state === "reversed")).toHaveLength(10);
  expect(states.filter((state) => state === "available")).toHaveLength(20);
});

test("what was reversed in full is not released; what comes back after the hold needs no release", async () => {
  const anna = await newcomer();
  const [of] = await sell(anna, 1);
  const whole = refund(of!, 11_900);
  await checkout.tell(event("refund.created", whole, world.clock.now()));
  afterTheHold();
  expect(await releaseDue(world.ctx())).toBe(0);
  await checkout.tell(event("refund.failed", { ...whole, status: "failed" }, world.clock.now()));
  expect((await orderOf(of!)).commission).toMatchObject({ state: "available", reversedMinor: 0 });
  expect(await balance(anna)).toMatchObject({ pendingMinor: 0, availableMinor: 1000, reversedMinor: 0 });
});

test("a refund after the release takes from what is available; after it was paid, available is negative", async () => {
  const anna = await newcomer();
  const [first, second] = await sell(anna, 2);
  afterTheHold();
  await releaseDue(world.ctx());
  await back(first!, 5950);
  expect(await balance(anna)).toMatchObject({ availableMinor: 1500, reversedMinor: 500 });

  // The payout's own two movements, by the ledger's function.
  const move = async (kind: "payout" | "payout_paid", posting: Posting) => {
    const { program } = await world.ctx().program();
    await transact(
      world.table,
      post(world.ctx(), program.timeZone, {
        ambassadorId: anna.id,
        currency: "EUR",
        kind,
        postings: [posting],
        orderIds: [],
      }),
    );
  };
  await move("payout", { from: "ambassador.available", to: "ambassador.inPayout", amountMinor: 1500 });
  await back(second!, 1190);
  expect(await balance(anna)).toMatchObject({ availableMinor: -100, inPayoutMinor: 1500 });
  await move("payout_paid", { from: "ambassador.inPayout", to: "ambassador.paid", amountMinor: 1500 });
  await back(second!, 10_710);
  expect(await balance(anna)).toMatchObject({
    availableMinor: -1000,
    inPayoutMinor: 0,
    paidMinor: 1500,
    reversedMinor: 1500,
  });
  // It is made up by what is earned next.
  await sell(anna, 3);
  afterTheHold();
  await releaseDue(world.ctx());
  expect((await balance(anna)).availableMinor).toBe(2000);
});

test("the index of what is due knows pending commissions only", async () => {
  const due = (
    await Promise.all([0, 1, 2, 3].map((shard) => queryAll(world.table, { index: "gsi1", pk: `DUE#${shard}` })))
  ).flat();
  const items = await getItems(world.table, due as never);
  const commissions = items.map((item) => parse(CommissionEntity, item) as Commission);
  expect(commissions.every((each) => each.state === "pending")).toBe(true);
});
