import { BatchWriteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  event,
  openCheckout,
  providerId,
  purchase,
  type StripeEvent,
  session,
  withCode,
  withEmail,
} from "../../../local/testing/checkout.ts";
import { conflicting } from "../../../local/testing/conflicting.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { type Call, runtimeOn, wrapped } from "../../../local/testing/wrap.ts";
import { chooseCode, get as getAmbassador } from "../ambassador/index.ts";
import { CustomerEntity } from "../customer/index.ts";
import { type Actor, type AppError, emailKey, monthOf } from "../kernel/index.ts";
import { visit } from "../order/books.testing.ts";
import { AliasEntity, aliasKey, markedForMs, OrderEntity, type OrderItem, orderKey } from "../order/index.ts";
import { getItem, parse, type Table } from "../table/index.ts";
import { type Item, queryAll } from "../table/read.ts";
import { undoWithinMs } from "./application.ts";
import { approve } from "./approve.ops.ts";
import { confirmed, firstName, refusalOf, warm } from "./testing.ts";
import { undo } from "./undo.ops.ts";

let world: World;
let manager: Actor;
beforeAll(async () => {
  world = await openWorld();
  await warm(world.ctx());
  manager = world.staff("manager");
  await openCheckout(world).tell(told({}));
});
afterAll(() => world.close());

interface Newcomer {
  applicationId: string;
  id: string;
  code: string;
  promotionCodeId: string;
}

let came = 0;
/** People who were approved a moment ago and whose codes work. */
async function newcomers(count: number): Promise<Newcomer[]> {
  const all = await Promise.all(
    Array.from({ length: count }, async () => {
      const application = await confirmed(world, { name: `${firstName(came++)} Newcomer` });
      const { ambassador, code } = await approve(world.ctx(manager), application.id);
      return { applicationId: application.id, id: ambassador.id, code: code.code };
    }),
  );
  await world.settle();
  const made = new Map([...world.stripe.promotionCodes.values()].map(({ code, id }) => [code, id]));
  return all.map((each) => ({ ...each, promotionCodeId: made.get(each.code)! }));
}

const told = (more: Item, currency = "eur"): StripeEvent => {
  const of = purchase(world.clock.now(), { currency });
  return event("checkout.session.completed", session(of, more), of.at);
};
const clickOf = ({ code }: Newcomer) => visit(world, { code: { code } } as never);
const unpaid = { payment_status: "unpaid" };

/** Each way in which a first order becomes somebody's; `last` is told where it takes more than the event. */
const ways: [string, (who: Newcomer) => Promise<StripeEvent>, { looksUp: true }?][] = [
  ["by code, in the program's currency", async (who) => told(withCode(who.promotionCodeId))],
  ["by code, in another currency", async (who) => told(withCode(who.promotionCodeId), "jpy")],
  ["by code, and not paid yet", async (who) => told({ ...withCode(who.promotionCodeId), ...unpaid })],
  ["by a click", async (who) => told({ client_reference_id: await clickOf(who) }, "usd")],
  ["by a click, and not paid yet", async (who) => told({ client_reference_id: await clickOf(who), ...unpaid })],
  [
    "by a known customer",
    async (who) => {
      const email = `${who.code.toLowerCase()}.buyer@example.com`;
      // Bound to them by what is not in this table, as an import would.
      const key = emailKey(world.ctx().keys, email);
      const bound = { key, firstOrderId: world.newId("order"), orderCount: 1, boundCode: who.code, version: 1 };
      const at = { table: world.table.name };
      const item = CustomerEntity.put({ ...bound, boundAmbassadorId: who.id }).params(at);
      await world.table.client.send(new PutCommand(item as never));
      return told(withEmail(email), "usd");
    },
  ],
  [
    "by a promotion code that must be looked up first",
    async (who) => {
      const id = providerId("promo_other");
      const known = world.stripe.promotionCodes.get(who.promotionCodeId)!;
      world.stripe.promotionCodes.set(id, { ...known, id, active: false });
      return told({ ...withCode(id), ...unpaid });
    },
    { looksUp: true },
  ],
];

const undoOn = (table: Table, who: Newcomer) => undo({ ...world.ctx(manager), table }, who.applicationId);
const hasOrders = { kind: "conflict", code: "application.undo_has_orders" };
const statusOf = async (who: Newcomer) => (await getAmbassador(world.ctx(manager), who.id)).status;

async function orderOf(bought: StripeEvent): Promise<OrderItem> {
  const { namespace } = (await world.ctx().program()).connections[0]!;
  const alias = parse(AliasEntity, await getItem(world.table, aliasKey(namespace, bought.data.object.id as string)));
  return parse(OrderEntity, await getItem(world.table, orderKey(alias!.orderId!)))!;
}

/** Tells a purchase over one table, to the end of what follows from it. */
async function sell(table: Table, bought: StripeEvent, { looksUp }: { looksUp?: true } = {}): Promise<void> {
  expect((await openCheckout(world, runtimeOn(world.runtime, table)).tell(bought)).status).toBe(200);
  if (looksUp) await world.settle();
}

const writesOrder = ({ name, input }: Call): boolean =>
  name === "TransactWrite" && JSON.stringify(input).includes('"ORDERS#');
const writesUndo = ({ name, input }: Call): boolean =>
  name === "TransactWrite" && JSON.stringify(input).includes('"application.undone"');

/** The table on which something happens just before the first call of a kind goes out. */
function justBefore(which: (call: Call) => boolean, happens: () => Promise<unknown>): Table {
  let over = false;
  return wrapped(world.table, async (call, send) => {
    if (!over && which(call)) {
      over = true;
      await happens();
    }
    return send();
  });
}

test("orders are marked for as long as an approval can be undone, and five minutes longer", () => {
  expect(markedForMs).toBe(undoWithinMs + 5 * 60_000);
});

describe.each(ways)("an order %s", (_, prepare, more) => {
  test("that was first is seen, at once and at the end of the ten minutes", async () => {
    const [soon, late, between] = (await newcomers(3)) as [Newcomer, Newcomer, Newcomer];
    await sell(world.table, await prepare(soon), more);
    expect(await refusalOf(undoOn(world.table, soon))).toMatchObject(hasOrders);

    // It has looked, and found none.
    const bought = await prepare(between);
    const table = justBefore(writesUndo, () => sell(world.table, bought, more));
    expect(await refusalOf(undoOn(table, between))).toMatchObject(hasOrders);
    expect(await orderOf(bought)).toMatchObject({ attribution: { ambassadorId: between.id } });

    world.clock.advance(undoWithinMs - 1);
    await sell(world.table, await prepare(late), more);
    expect(await refusalOf(undoOn(world.table, late))).toMatchObject(hasOrders);
    for (const who of [soon, late, between]) expect(await statusOf(who)).toBe("active");
  });

  test("that came second is theirs, and an approval that follows can't be undone over it", async () => {
    const [before, between] = (await newcomers(2)) as [Newcomer, Newcomer];
    const purchases = new Map<Newcomer, StripeEvent>();
    for (const who of [before, between]) purchases.set(who, await prepare(who));
    await undoOn(world.table, before);
    await sell(world.table, purchases.get(before)!, more);
    // It was decided as a sale of somebody active.
    const table = justBefore(writesOrder, () => undoOn(world.table, between));
    if (more?.looksUp) {
      await sell(world.table, purchases.get(between)!);
      await undoOn(world.table, between);
      await world.settle();
    } else await sell(table, purchases.get(between)!);
    for (const who of [before, between]) {
      expect(await orderOf(purchases.get(who)!)).toMatchObject({ attribution: { ambassadorId: who.id } });
      expect(await statusOf(who)).toBe("left");
      world.clock.advance(30 * 60_000);
      await approve(world.ctx(manager), who.applicationId);
      expect(await refusalOf(undoOn(world.table, who))).toMatchObject(hasOrders);
    }
  });
});

/** Lets an order's transaction and an undo's wait for each other, each of them once, and begin in the same moment. */
function meeting(table: Table, orderFirst: boolean): Table {
  const there = { order: Promise.withResolvers<void>(), undo: Promise.withResolvers<void>() };
  const seen = new Set<string>();
  return wrapped(table, async (call, send) => {
    const kind = writesOrder(call) ? "order" : writesUndo(call) ? "undo" : undefined;
    if (!kind || seen.has(kind)) return send();
    seen.add(kind);
    there[kind].resolve();
    await Promise.all([there.order.promise, there.undo.promise]);
    if ((kind === "order") !== orderFirst) await Promise.resolve();
    return send();
  });
}

/** Where an order's transaction is in flight for longer than the tries of an undo last, its maker is told to press again. */
async function pressedAgain<T>(undoing: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left--) {
    try {
      return await undoing();
    } catch (error) {
      if (left === 0 || (error as AppError).code !== "table.busy") throw error;
    }
  }
}

describe("an order and an undo at once", () => {
  test.each(ways)("%s: an undo that goes through was before the order", async (_, prepare, more) => {
    const people = await newcomers(6);
    const { client } = world.table;
    const inTheWay = conflicting({ ...world.table, client });
    const undone: boolean[] = [];
    for (const [round, who] of people.entries()) {
      const bought = await prepare(who);
      // The stream's consumer looks it up, so it is this one that the undo meets.
      if (more?.looksUp) await sell(world.table, bought);
      world.table.client = meeting(inTheWay.table, round % 2 === 0).client;
      const [sold, end] = await Promise.allSettled([
        more?.looksUp ? world.settle() : sell(world.table, bought),
        pressedAgain(() => undoOn(world.table, who)),
      ]);
      if (sold.status === "rejected") throw sold.reason;
      // On a busy machine the request's time may be over before it has its turn; then the stream decides the order.
      world.table.client = inTheWay.table.client;
      await world.settle();
      world.table.client = client;
      if (end.status === "rejected") expect(end.reason).toMatchObject(hasOrders);
      undone.push(end.status === "fulfilled");
      // Transactions that share an item are never in flight together here, so they are listed in the order of their ends.
      const ends = inTheWay.written
        .filter((keys) => keys.includes(`AMB#${who.id} ATTRIBUTED`))
        .map((keys) => (keys.includes(`APP#${who.applicationId} APPLICATION`) ? "undo" : "order"));
      expect(ends).toEqual(undone[round] ? ["undo", "order"] : ["order"]);
      expect(await orderOf(bought)).toMatchObject({ attribution: { ambassadorId: who.id } });
      expect(await statusOf(who)).toBe(undone[round] ? "left" : "active");
    }
    expect(inTheWay.conflicts()).toBeGreaterThan(0);
    expect(new Set(undone).size, "each of them was first at times").toBe(2);
  });
});

test("an unpaid order is found behind more than a thousand others", async () => {
  const [who] = (await newcomers(1)) as [Newcomer];
  const bought = told({ ...withCode(who.promotionCodeId), ...unpaid });
  await sell(world.table, bought);
  const theirs = await getItem(world.table, orderKey((await orderOf(bought)).id));
  const { attribution: __, ...nobodys } = theirs!;
  const later = new Date(world.clock.now().getTime() + 60_000).toISOString();
  const others = Array.from({ length: 1100 }, () => {
    const id = world.newId("order");
    return { ...nobodys, ...orderKey(id), id, occurredAt: later, gsi1sk: `${later}#${id}` };
  });
  for (let at = 0; at < others.length; at += 25)
    await world.table.client.send(
      new BatchWriteCommand({
        RequestItems: { [world.table.name]: others.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } })) },
      }),
    );
  const listed = await queryAll(world.table, { index: "gsi1", pk: `ORDERS#${monthOf(later)}` }, { atMost: 5000 });
  expect(listed.filter((key) => key.gsi1sk > theirs!.gsi1sk).length).toBeGreaterThanOrEqual(1100);
  world.clock.advance(5 * 60_000);
  expect(await refusalOf(undoOn(world.table, who))).toMatchObject(hasOrders);
});

test("somebody who came in again is new again, and so is a code of their own choice", async () => {
  const [byCode, byLink, byOwn] = (await newcomers(3)) as [Newcomer, Newcomer, Newcomer];
  for (const who of [byCode, byLink]) await undoOn(world.table, who);
  await world.settle();
  world.clock.advance(24 * 3_600_000);
  for (const who of [byCode, byLink]) await approve(world.ctx(manager), who.applicationId);
  await world.settle();
  await sell(world.table, told({ ...withCode(byCode.promotionCodeId), ...unpaid }));
  await sell(world.table, told({ client_reference_id: await clickOf(byLink), ...unpaid }));
  for (const who of [byCode, byLink]) expect(await refusalOf(undoOn(world.table, who))).toMatchObject(hasOrders);

  const [choosing] = (await newcomers(1)) as [Newcomer];
  const self: Actor = { ...world.staff("viewer"), roles: ["ambassador"], ambassadorId: choosing.id as never };
  await chooseCode(world.ctx(self), "NELESOWN");
  await world.settle();
  const own = [...world.stripe.promotionCodes.values()].find((each) => each.code === "NELESOWN")!;
  await sell(world.table, told({ ...withCode(own.id), ...unpaid }));
  expect(await refusalOf(undoOn(world.table, choosing))).toMatchObject(hasOrders);
  // Chosen long after its ambassador came in, it leaves no marks.
  const late: Actor = { ...self, ambassadorId: byOwn.id as never };
  await chooseCode(world.ctx(late), "NELESLATE");
  await world.settle();
  const second = [...world.stripe.promotionCodes.values()].find((each) => each.code === "NELESLATE")!;
  await sell(world.table, told(withCode(second.id)));
  expect(await getItem(world.table, { pk: `AMB#${byOwn.id}`, sk: "ATTRIBUTED" })).toBeUndefined();
});

test("an order of somebody who came in long ago leaves no mark, whoever looks", async () => {
  const [who] = (await newcomers(1)) as [Newcomer];
  world.clock.advance(markedForMs + 1);
  await sell(world.table, told(withCode(who.promotionCodeId)));
  expect(await getItem(world.table, { pk: `AMB#${who.id}`, sk: "ATTRIBUTED" })).toBeUndefined();
});
