import { TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ambassador, type TestAmbassador } from "../../../local/testing/checkout.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { findAmbassador } from "../ambassador/index.ts";
import type { Context } from "../kernel/index.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { getItem, type Item } from "../table/read.ts";
import type { Fact } from "./fact.ts";
import { changeOrder, decideCustomer, eraseBuyer, handedOver, type OrderItem, take } from "./index.ts";
import { customerItemKey, orderKey } from "./keys.ts";

let world: World;
let anna: TestAmbassador;
let bela: TestAmbassador;
beforeAll(async () => {
  world = await openWorld();
  await withoutFlags(world);
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Beispiel", { tierId: world.program.laurelTierId });
  world.clock.advance(86_400_000);
});
afterAll(() => world.close());

let buyers = 0;
const buyer = () => `buyer${++buyers}@example.com`;

interface Bought {
  email: string;
  /** Hours ago. */
  ago: number;
  code?: TestAmbassador | undefined;
  subscription?: { id: string; part: "start" | "renewal" };
}

let made = 0;
/** A paid purchase of 100.00, told now. */
async function buy({ email, ago, code, subscription }: Bought): Promise<string> {
  const { connections } = await world.ctx().program();
  const occurredAt = new Date(world.clock.now().getTime() - ago * 3_600_000).toISOString();
  const signals = { promotionCodeIds: code ? [code.promotionCodeId] : [], clickId: null, email };
  const aliases = [`in_${++made}`];
  const tell = (fact: Fact) => take(world.ctx(), { connection: connections[0]!, fact });
  if (subscription?.part === "start")
    await tell({
      kind: "subscription_start",
      aliases,
      subscriptionId: subscription.id,
      occurredAt,
      signals,
      complete: true,
    });
  const { outcome } = await tell({
    kind: "purchase",
    aliases,
    payment: "paid",
    occurredAt,
    currency: "EUR",
    grossMinor: 10_000,
    baseMinor: 10_000,
    baseLines: [{ label: "Goods", amountMinor: 10_000 }],
    signals,
    subscription,
    attributedElsewhere: subscription !== undefined,
  });
  return outcome!.orderId!;
}

const find = async (entity: string): Promise<Item[]> => (await scan(world)).filter((item) => item.__edb_e__ === entity);
const order = async (id: string) => (await getItem(world.table, orderKey(id))) as unknown as OrderItem;
const customerOf = (email: string) => getItem(world.table, customerItemKey(emailKey(world.ctx().keys, email)));
const intended = async () => (await find("effect")).filter((item) => item.kind === "customer.decide").length;
async function whose(...ids: string[]) {
  const orders = await Promise.all(ids.map(order));
  return orders.map(({ attribution, receipt }) => [
    attribution && [attribution.ambassadorId === anna.id ? "anna" : "bela", attribution.kind],
    receipt.inputs?.newCustomer,
  ]);
}
/** What is left of what an ambassador earned by an order. */
async function leftOf(orderId: string, { id }: TestAmbassador): Promise<number> {
  const all = (await find("commission")).filter((item) => item.orderId === orderId && item.ambassadorId === id);
  return all.reduce((sum, item) => sum + item.earnedMinor - item.reversedMinor, 0);
}

test("purchases that come in order intend nothing", async () => {
  const email = buyer();
  const before = await intended();
  for (const ago of [5, 4, 3]) await buy({ email, ago, ...(ago === 5 ? { code: anna } : {}) });
  expect(await intended()).toBe(before);
  expect((await customerOf(email))?.orders).toHaveLength(3);
});

test("a first purchase that comes late moves what follows from it, and what has its own code stays", async () => {
  const email = buyer();
  const second = await buy({ email, ago: 4, code: bela });
  const third = await buy({ email, ago: 3 });
  expect(await whose(second, third)).toEqual([
    [["bela", "promotion_code"], true],
    [["bela", "customer"], false],
  ]);
  const first = await buy({ email, ago: 5, code: anna });
  await world.settle();
  expect(await whose(first, second, third)).toEqual([
    [["anna", "promotion_code"], true],
    [["bela", "promotion_code"], false],
    [["anna", "customer"], false],
  ]);
  expect([await leftOf(third, bela), await leftOf(third, anna), await leftOf(second, bela)]).toEqual([0, 1000, 1500]);
  expect((await order(third)).receipt.cause).toBe("An earlier purchase of the customer became known");
  expect(await customerOf(email)).toMatchObject({ boundAmbassadorId: anna.id, boundBy: first, firstOrderId: first });
  // A second lateness is one of its own.
  const zeroth = await buy({ email, ago: 6, code: bela });
  await world.settle();
  expect(await whose(zeroth, first, second, third)).toEqual([
    [["bela", "promotion_code"], true],
    [["anna", "promotion_code"], false],
    [["bela", "promotion_code"], false],
    [["bela", "customer"], false],
  ]);
  // It is again whose it was, and earns what it did.
  expect([await leftOf(third, bela), await leftOf(third, anna)]).toEqual([1500, 0]);
});

// Nearly a hundred sales: on a busy machine they take longer than a test is given.
test("in whatever order four purchases come, they end as if they had come in their own", {
  timeout: 60_000,
}, async () => {
  const orders = (of: number[]): number[][] =>
    of.length < 2 ? [of] : of.flatMap((one) => orders(of.filter((each) => each !== one)).map((rest) => [one, ...rest]));
  const codes = [undefined, anna, bela, undefined];
  const all = await Promise.all(
    orders([0, 1, 2, 3]).map(async (arrival) => {
      const email = buyer();
      const ids: string[] = [];
      for (const n of arrival) ids[n] = await buy({ email, ago: 9 - n, code: codes[n] });
      return { arrival, email, ids };
    }),
  );
  await world.settle();
  for (const { arrival, email, ids } of all) {
    expect([arrival, await whose(...ids)]).toEqual([
      arrival,
      [
        [undefined, true],
        [["anna", "promotion_code"], false],
        [["bela", "promotion_code"], false],
        [["anna", "customer"], false],
      ],
    ]);
    expect(await customerOf(email)).toMatchObject({ firstOrderId: ids[0], boundBy: ids[1], orderCount: 4 });
  }
});

test("what a person decided stays, and moves nothing else", async () => {
  const email = buyer();
  const second = await buy({ email, ago: 4 });
  const third = await buy({ email, ago: 3 });
  const to = await findAmbassador(world.ctx(), bela.id);
  await changeOrder(world.ctx(), second, (loaded, snapshot) =>
    handedOver(world.ctx(), snapshot, loaded.order, { to, reason: "It was agreed so" }),
  );
  await world.settle();
  expect((await order(third)).attribution).toBeUndefined();
  const first = await buy({ email, ago: 5, code: anna });
  await world.settle();
  expect((await whose(first, second, third)).map(([who]) => who)).toEqual([
    ["anna", "promotion_code"],
    ["bela", "manual"],
    ["anna", "customer"],
  ]);
});

test("a subscription moves with its first payment, and its later payments follow", async () => {
  const email = buyer();
  const start = await buy({ email, ago: 4, subscription: { id: "sub_late", part: "start" } });
  const renewal = await buy({ email, ago: 3, subscription: { id: "sub_late", part: "renewal" } });
  expect(await whose(start, renewal)).toEqual([
    [undefined, true],
    [undefined, true],
  ]);
  await buy({ email, ago: 5, code: bela });
  await world.settle();
  expect(await whose(start, renewal)).toEqual([
    [["bela", "customer"], false],
    [["bela", "subscription"], false],
  ]);
});

test("of a customer with more orders than are kept together, only the latest are decided again", async () => {
  const email = buyer();
  const ids = [];
  for (let ago = 60; ago > 38; ago--) ids.push(await buy({ email, ago }));
  const entries = (await customerOf(email))!.orders as string[];
  expect(entries).toHaveLength(20);
  await buy({ email, ago: 50.5, code: anna });
  await world.settle();
  const names = (await whose(...ids)).map(([who]) => (who ? 1 : 0));
  expect(names).toEqual([...Array(10).fill(0), ...Array(12).fill(1)]);
});

test("an order whose buyer is erased is not on the list any more", async () => {
  const email = buyer();
  const second = await buy({ email, ago: 4 });
  const third = await buy({ email, ago: 3 });
  await eraseBuyer(world.ctx(), second, { everywhere: false });
  expect((await customerOf(email))!.orders.join()).not.toContain(second);
  await buy({ email, ago: 5, code: anna });
  await world.settle();
  expect((await order(second)).attribution).toBeUndefined();
  expect((await order(third)).customerKey).toBeDefined();
});

test("a customer is forgotten with the last of their orders, in its own transaction", async () => {
  const email = buyer();
  const ids = [await buy({ email, ago: 4 }), await buy({ email, ago: 3 })];
  await eraseBuyer(world.ctx(), ids[0]!, { everywhere: false });
  expect(await customerOf(email)).toBeDefined();
  expect(await eraseBuyer(world.ctx(), ids[1]!, { everywhere: false })).toMatchObject({ customers: 1 });
  expect(await customerOf(email)).toBeUndefined();
  const again = await buy({ email, ago: 2 });
  await buy({ email, ago: 1 });
  expect(await eraseBuyer(world.ctx(), again, { everywhere: true })).toMatchObject({ customers: 1 });
  expect(await customerOf(email)).toBeUndefined();
});

/** A context whose process dies at its n-th transaction, before or after it was written. */
function dying(n: number, when: "before" | "after"): Context {
  const ctx = world.ctx();
  let count = 0;
  const send = async (command: never) => {
    const fatal = (command as object) instanceof TransactWriteCommand && ++count === n;
    if (fatal && when === "before") throw new Error("died");
    const answer = await ctx.table.client.send(command);
    if (fatal) throw new Error("died");
    return answer;
  };
  return { ...ctx, table: { ...ctx.table, client: { send } as never } };
}

test.each(["before", "after"] as const)("it may die %s each of its writes, and run twice at once", async (when) => {
  for (let n = 1; n <= 7; n++) {
    const email = buyer();
    const second = await buy({ email, ago: 4, code: bela });
    const third = await buy({ email, ago: 3 });
    const fourth = await buy({ email, ago: 2, code: bela });
    const fifth = await buy({ email, ago: 1 });
    const first = await buy({ email, ago: 5, code: anna });
    const died = await decideCustomer(dying(n, when), first).then(
      () => false,
      () => true,
    );
    // All five orders and the customer are written.
    expect([n, died]).toEqual([n, n <= 6]);
    await Promise.all([decideCustomer(world.ctx(), first), decideCustomer(world.ctx(), third)]);
    expect((await whose(first, second, third, fourth, fifth)).map(([who]) => (who as string[])[0])).toEqual([
      "anna",
      "bela",
      "anna",
      "bela",
      "anna",
    ]);
    const versions = async () =>
      (await Promise.all([first, second, third, fourth, fifth].map(order))).map((it) => it.version);
    const [stands, customer] = [await versions(), await customerOf(email)];
    await decideCustomer(world.ctx(), fifth);
    expect([await versions(), await customerOf(email)]).toEqual([stands, customer]);
  }
  expect((await checkLedger(world.table)).differences).toEqual([]);
});
