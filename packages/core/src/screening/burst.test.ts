import type { Context } from "@laurel/core/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openRecorder } from "../../../local/bench/recorder.ts";
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
  withEmail,
} from "../../../local/testing/checkout.ts";
import { conflicting } from "../../../local/testing/conflicting.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { CommissionEntity } from "../commission/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import type { OrderItem } from "../order/index.ts";
import { getItem } from "../table/read.ts";
import { screenOrders } from "./index.ts";
import { type Subject, windowsOf } from "./situation.ts";

let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
let recorder: ReturnType<typeof openRecorder>;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  recorder = openRecorder(world.table);
});
afterAll(() => world.close());

let buyers = 0;
/** Sales by one code without a visit, none of them screened yet. Flagged from the twelfth of a day on. */
async function burst(count: number): Promise<{ orderId: string; ambassadorId: string; refunded(): Promise<void> }[]> {
  const sales = [];
  for (let n = 0; n < count; n++) {
    world.clock.advance(1000);
    const of = purchase(world.clock.now());
    const signals = { ...withCode(anna.promotionCodeId), ...withEmail(`buyer${++buyers}@gmx.de`) };
    const told = event("checkout.session.completed", session(of, signals), of.at);
    await checkout.tell(told);
    const done = await getItem(world.table, { pk: `EVT#${world.program.connectionId}#${told.id}`, sk: "DONE" });
    const refunded = async () => {
      await checkout.tell(event("refund.created", refund(of, of.totalMinor), world.clock.now()));
    };
    sales.push({ orderId: done!.orderId as string, ambassadorId: anna.id, refunded });
  }
  return sales;
}
/** What was raised of these orders: what their rule counted, and whether the order's money is held. */
async function raised(sales: readonly { orderId: string }[]) {
  const items = await scan(world);
  const of = (kind: string, orderId: string) =>
    items.filter((item) => item.__edb_e__ === kind && item.orderId === orderId);
  return sales.map(({ orderId }) => [
    of("flag", orderId).map(({ rule, evidence }) => `${rule} ${evidence.orders}`),
    of("commission", orderId).map(({ place }) => place),
    items.filter((item) => item.__edb_e__ === "entry" && item.kind === "hold" && item.orderIds.includes(orderId))
      .length,
  ]);
}
const held = (orders: number) => [[`burst_without_clicks ${orders}`], ["held"], 1];
const free = [[], ["pending"], 0];
const booksAreRight = async () => expect((await checkLedger(world.table)).differences).toEqual([]);
const fulfilled = (ends: PromiseSettledResult<unknown>[]) =>
  expect(ends.filter(({ status }) => status === "rejected")).toEqual([]);

test("a burst is screened in as many calls as one order, and each order is flagged as it would be alone", async () => {
  const ctx = world.ctx();
  await ctx.program();
  const sales = await burst(14);
  recorder.start();
  fulfilled(await screenOrders(ctx, sales));
  const calls = recorder.stop().map(({ operation }) => operation);
  expect(calls.filter((operation) => operation === "Query")).toHaveLength(1);
  expect(calls.filter((operation) => operation === "TransactWriteItems")).toHaveLength(1);
  expect(calls.length, calls.join()).toBeLessThanOrEqual(10);
  expect(await raised(sales)).toEqual([...Array(11).fill(free), held(12), held(13), held(14)]);
  // Once more raises nothing, and writes nothing.
  recorder.start();
  fulfilled(await screenOrders(ctx, sales));
  expect(recorder.stop().filter(({ operation }) => operation === "TransactWriteItems")).toEqual([]);
  await booksAreRight();
});

/** A context whose process dies at its first transaction, before or after it was written; nothing is done after that. */
function dying(when: "before" | "after"): Context {
  const ctx = world.ctx();
  let dead = false;
  const send = async (command: object) => {
    const fatal = command.constructor.name === "TransactWriteCommand";
    if (dead || (fatal && when === "before")) {
      dead = true;
      throw new Error("died");
    }
    const answer = await ctx.table.client.send(command as never);
    dead = fatal;
    if (dead) throw new Error("died");
    return answer;
  };
  return { ...ctx, table: { ...ctx.table, client: { send } as never } };
}

test.each(["before", "after"] as const)(
  "whoever dies %s the flags of a burst were raised, they are raised once",
  async (when) => {
    const before = buyers;
    const sales = await burst(2);
    const ends = await screenOrders(dying(when), sales);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fulfilled(await screenOrders(world.ctx(), sales));
    expect(await raised(sales)).toEqual([held(before + 1), held(before + 2)]);
    await booksAreRight();
  },
);

test("screened twice at once, and with a refund in the middle, each order is held once and for what is left of it", async () => {
  const before = buyers;
  const sales = await burst(3);
  const ctx = world.ctx();
  const { table } = conflicting(ctx.table);
  let refunded: Promise<void> | undefined;
  const client = {
    send: async (command: object) => {
      // Whoever would write finds that one of the orders has changed since it was read.
      if (command.constructor.name === "TransactWriteCommand") {
        refunded ??= sales[1]!.refunded();
        await refunded;
      }
      return table.client.send(command as never);
    },
  };
  const racing: Context = { ...ctx, table: { ...table, client: client as never } };
  for (const ends of await Promise.all([screenOrders(racing, sales), screenOrders(racing, [...sales].reverse())]))
    fulfilled(ends);
  expect(await raised(sales)).toEqual([held(before + 1), [[], ["pending"], 0], held(before + 3)]);
  await booksAreRight();
});

test("the stream has a burst screened together: few calls a sale, whatever else it does for it", async () => {
  await world.settle();
  world.clock.advance(3_600_000);
  const before = buyers;
  const sales = await burst(20);
  recorder.start();
  await world.settle();
  const calls = recorder.stop();
  expect(await raised(sales)).toEqual(sales.map((_, n) => held(before + n + 1)));
  expect(calls.filter(({ operation }) => operation === "Query").length).toBeLessThanOrEqual(sales.length / 3);
  // Of which 10 are the thanks for it.
  console.log(`a sale in a burst, until it is held: ${calls.length / sales.length} calls`);
  expect(calls.length / sales.length).toBeLessThanOrEqual(16);
  await booksAreRight();
});

test("what is read once for several orders is of each what would be read for it alone", async () => {
  const time = (n: number) => new Date(Date.UTC(2026, 5, 1) + n * 60_000).toISOString();
  const items = Array.from({ length: 560 }, (_, n) => {
    const { Item } = CommissionEntity.put({
      ambassadorId: "amb_1",
      orderId: `ord_${n}`,
      occurredAt: time(n),
      code: `CODE${n % 3}`,
      currency: "EUR",
      baseMinor: 1000,
      rateBp: 1000,
      tierId: "tier_1",
      rulesVersion: 1,
      earnedMinor: 100,
      reversedMinor: n % 7 === 0 ? 100 : 0,
      place: "pending",
      state: "pending",
      releaseAt: time(n),
      releaseDay: "2026-07-01",
      shard: 0,
      version: 1,
    }).params() as { Item: { sk: string } };
    return Item;
  });
  const others = ["AMBASSADOR", "ACC#EUR"].map((sk) => ({ pk: "AMB#amb_1", sk }));
  const newestFirst = [...items.reverse(), ...others];
  let queries = 0;
  const client = {
    send: async ({ input }: { input: { Limit: number; ExpressionAttributeValues: Record<string, string> } }) => {
      queries++;
      const upTo = newestFirst.filter(({ sk }) => sk <= input.ExpressionAttributeValues[":sk"]!);
      return { Items: upTo.slice(0, input.Limit), LastEvaluatedKey: upTo[input.Limit - 1] };
    },
  };
  const ctx = { table: { client, name: "table" } } as unknown as Context;
  const subject = (n: number): Subject =>
    ({ order: { occurredAt: time(n) } as OrderItem, ambassador: { id: "amb_1" } }) as Subject;
  const windows = async (...subjects: Subject[]) => {
    queries = 0;
    const found = await windowsOf(ctx, subjects);
    return { found: subjects.map((each) => found.get(each)), queries };
  };
  for (const [of, expected] of [
    [[559, 558, 545], 1],
    [[559, 459], 1],
    // Too long before the others, and so long that there are no more than these.
    [[559, 458, 3], 3],
    [[399, 398, 0], 1],
    [[400, 399, 398], 1],
  ] as const) {
    const subjects = of.map(subject);
    const together = await windows(...subjects);
    const alone = [];
    for (const each of subjects) alone.push(...(await windows(each)).found);
    expect(together).toEqual({ found: alone, queries: expected });
  }
});
