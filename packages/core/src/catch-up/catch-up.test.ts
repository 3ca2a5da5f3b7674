import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { createWebhook } from "@laurel/functions/webhook/app.ts";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openShopify, openWoo, serveApp } from "../../../local/src/shops/testing.ts";
import { ambassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { clientSecrets, openShops, wooSecret } from "../../../local/testing/shops.ts";
import type { Connection } from "../connection/index.ts";
import { list as listEvents } from "../event/index.ts";
import type { ShopGateway } from "../gateway/checkout/index.ts";
import { AppError, type Context } from "../kernel/index.ts";
import { accountsOf, balancesOf } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { list as listOrders } from "../order/index.ts";
import { getItem } from "../table/index.ts";
import { catchUp, pollStores } from "./catch-up.ops.ts";
import { PollEntity } from "./poll.entity.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Shop {
  connection: Connection;
  gateway: ShopGateway;
  buy(code: string, n: number): number;
  refund(id: number, amountMinor: number): void;
  cancel(id: number): void;
  /** Into the bin, and out of it. */
  bin?(id: number, into: boolean): void;
  settled(): Promise<void>;
  /** How many webhooks were lost on their way. */
  lost(): number;
}
interface Opened {
  world: World;
  ctx: Context;
  code: string;
  ambassadorId: string;
  shop: Shop;
}

/** The same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
}

const lines = [{ title: "Shoes", name: "Shoes", priceMinor: 10_000, quantity: 1 }];

/** A shop's stand-in whose webhooks go to a world's own address, and some of them get lost. */
async function open(provider: "shopify" | "woocommerce", lossRate: number): Promise<Opened> {
  const world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
  closing.push(() => world.close());
  const shops = await openShops(world);
  const webhooks = await serveApp(createWebhook(world.runtime));
  closing.push(webhooks.close);
  const { connection, path } = provider === "shopify" ? shops.shopify : shops.woo;
  const dice = chance(42);
  let [lost, clock] = [0, Date.parse("2026-06-20T10:00:00Z")];
  const lose = () => {
    const gone = dice() < lossRate;
    lost += gone ? 1 : 0;
    return gone;
  };
  const now = () => {
    clock = Math.max(clock, world.clock.now().getTime()) + 1000;
    world.clock.set(new Date(clock));
    return new Date(clock);
  };
  const { id: ambassadorId, code } = await ambassador(world, "Anna Muster");
  const offer = { id: "laurel-welcome-15", name: "Welcome", percentOff: 15 };
  const input = { code, offer, metadata: { laurel_code: code }, idempotencyKey: "k" };
  const base = world.ctx();
  const make = async (): Promise<Shop> => {
    if (provider === "shopify") {
      const { standIn, apiBase, close } = await openShopify({
        lose,
        now,
        shops: [
          {
            domain: "example.myshopify.com",
            shopId: 548380009,
            name: "Example",
            token: "shpat_test",
            clientSecret: clientSecrets[0]!,
            currency: "EUR",
            scopes: ["read_orders", "write_discounts"],
          },
        ],
      });
      closing.push(close);
      const gateway = createShopifyGateway({ secrets: base.gateways.secrets, apiBase });
      await gateway.ensureWebhooks({ shopUrl: connection.shopUrl!, apiKey: "shpat_test" }, webhooks.url + path, "");
      await gateway.createCode(connection, input);
      const domain = "example.myshopify.com";
      return {
        connection,
        gateway,
        buy: (text, n) =>
          standIn.placeOrder(domain, { lines, code: text, email: `buyer${n}@example.com`, paid: n % 7 !== 0 }).id,
        refund: (id, amount) => void standIn.refund(domain, id, amount),
        cancel: (id) => void standIn.cancelOrder(domain, id),
        settled: standIn.settled,
        lost: () => lost,
      };
    }
    const { standIn, apiBase, close } = await openWoo({
      lose,
      now,
      shops: [{ url: "https://shop.example", name: "Example", apiKey: "ck_test:cs_test", currency: "EUR" }],
    });
    closing.push(close);
    const gateway = createWooCommerceGateway({ secrets: base.gateways.secrets, apiBase });
    await gateway.ensureWebhooks(
      { shopUrl: connection.shopUrl!, apiKey: "ck_test:cs_test" },
      webhooks.url + path,
      wooSecret,
    );
    await gateway.createCode(connection, input);
    const url = "https://shop.example";
    return {
      connection,
      gateway,
      buy: (text, n) =>
        standIn.placeOrder(url, { lines, coupon: text, email: `buyer${n}@example.com`, paid: n % 7 !== 0 }).id,
      refund: (id, amount) => void standIn.refund(url, id, amount),
      cancel: (id) => void standIn.setStatus(url, id, "cancelled"),
      bin: (id, into) => (into ? standIn.trash(url, id) : standIn.restore(url, id)),
      settled: standIn.settled,
      lost: () => lost,
    };
  };
  const shop = await make();
  const ctx = { ...base, gateways: { ...base.gateways, [provider]: shop.gateway } };
  return { world, ctx, code, ambassadorId, shop };
}

/** More by hand: SHOP_ORDERS=700 gives 2,000 webhooks. */
const count = Number(process.env.SHOP_ORDERS ?? 14);

/** Sales, refunds and cancellations; what becomes of each is told by its number alone. */
async function sell({ world, shop, code }: Opened, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    const id = shop.buy(code, n);
    if (n % 3 === 0 && n % 7 !== 0) shop.refund(id, 1_000 + n);
    if (n % 6 === 0 && n % 7 !== 0) shop.refund(id, 500);
    if (n % 14 === 0) shop.cancel(id);
    if (n % 25 === 0) await shop.settled();
  }
  await shop.settled();
  // What could not be decided in time is decided by the stream's consumers.
  await world.settle();
}

/** What was earned and what was taken back. Which of it a flag holds hangs on when it was looked at, and is left out. */
const balanceOf = async ({ world, ambassadorId }: Opened) =>
  (await accountsOf(world.table, ambassadorId)).map((each) => {
    const { earnedMinor, reversedMinor, pendingMinor, heldMinor, availableMinor } = balancesOf(each);
    return [each.currency, earnedMinor, reversedMinor, pendingMinor + heldMinor + availableMinor];
  });

describe.each(["shopify", "woocommerce"] as const)("%s", (provider) => {
  test("what was lost on its way is found once the orders are looked through: the ledger is as without loss", async () => {
    const [whole, torn] = [await open(provider, 0), await open(provider, count > 100 ? 0.05 : 0.5)];
    await sell(whole, count);
    await sell(torn, count);
    const expected = await balanceOf(whole);
    expect(torn.shop.lost()).toBeGreaterThan(count / 20);
    if (count < 100) expect(await balanceOf(torn)).not.toEqual(expected);

    const since = new Date("2026-06-20T09:00:00Z");
    const found = await catchUp(torn.ctx, torn.shop.connection, since);
    expect(found.next).toBeUndefined();
    // Where many change in one second, pages overlap.
    expect(found.seen).toBeGreaterThanOrEqual(count);
    expect(found.fresh).toBeGreaterThan(0);
    expect(found.fresh).toBeLessThan(count);
    await torn.world.settle();
    expect(await balanceOf(torn)).toEqual(expected);
    expect((await checkLedger(torn.world.table)).differences).toEqual([]);
    // Again, and where nothing was lost, nothing is fetched that is known.
    expect(await catchUp(torn.ctx, torn.shop.connection, since)).toEqual({ seen: expect.any(Number), fresh: 0 });
    expect(await catchUp(whole.ctx, whole.shop.connection, since)).toEqual({ seen: expect.any(Number), fresh: 0 });
    expect(torn.world.logs.filter((each) => each.level === "error")).toEqual([]);
  }, 600_000);
});

test("a hand-written key is the entity's", () => {
  expect(PollEntity.get({ connectionId: "con_1" }).params({ table: "t" }).Key).toEqual({
    pk: "POLL#con_1",
    sk: "POLL",
  });
});

describe("a store that sends nothing twice", () => {
  test("is looked through every 15 minutes, by one at a time", async () => {
    const opened = await open("woocommerce", 1);
    const { ctx, world, shop, code } = opened;
    const id = shop.buy(code, 1);
    await shop.settled();
    expect((await listOrders(world.ctx(), {})).items).toEqual([]);
    const both = await Promise.all([pollStores(ctx), pollStores(ctx)]);
    expect([...both].sort()).toEqual([0, 1]);
    expect((await listOrders(world.ctx(), { externalId: `order_${id}` })).items).toMatchObject([
      { status: "paid", commission: { earnedMinor: 850 } },
    ]);
    // It stands in the inbox as any other.
    expect((await listEvents(world.ctx(), {})).items).toMatchObject([
      { type: "order.updated", provider: "woocommerce", status: "processed" },
    ]);
    shop.refund(id, 500);
    expect(await pollStores(ctx)).toBe(0);
    world.clock.advance(15 * 60_000);
    expect(await pollStores(ctx)).toBe(1);
    expect((await listOrders(world.ctx(), { externalId: `order_${id}` })).items[0]).toMatchObject({
      refundedMinor: 500,
    });
    world.clock.advance(15 * 60_000);
    expect(await pollStores(ctx)).toBe(0);
  });

  test("finds what was put into the bin, and what was taken out of it", async () => {
    const { ctx, world, shop, code } = await open("woocommerce", 1);
    const id = shop.buy(code, 1);
    await pollStores(ctx);
    const order = async () => (await listOrders(world.ctx(), { externalId: `order_${id}` })).items[0];
    for (const [bin, status] of [
      [true, "void"],
      [false, "paid"],
    ] as const) {
      shop.bin?.(id, bin);
      world.clock.advance(15 * 60_000);
      expect(await pollStores(ctx)).toBe(1);
      expect(await order()).toMatchObject({ status });
    }
  });

  test("that does not answer is asked again later, from where it was", async () => {
    const { ctx, world, shop, code } = await open("woocommerce", 1);
    shop.buy(code, 1);
    const broken: ShopGateway = {
      ...shop.gateway,
      listOrdersSince: async () => {
        throw new AppError("unavailable", "woocommerce.unreachable", "The store cannot be reached at the moment.");
      },
    };
    expect(await pollStores({ ...ctx, gateways: { ...ctx.gateways, woocommerce: broken } })).toBe(0);
    for (let hours = 0; hours < 30; hours++) {
      world.clock.advance(3_600_000);
      await pollStores({ ...ctx, gateways: { ...ctx.gateways, woocommerce: broken } });
    }
    world.clock.advance(3_600_000);
    expect(await pollStores(ctx)).toBe(1);
  });

  test("whose time was over goes on with the next minute", async () => {
    const { ctx, world, shop, code } = await open("woocommerce", 1);
    for (let n = 1; n <= 3; n++) shop.buy(code, n);
    // The time is over after each page.
    const real = Date.now;
    let over = false;
    const clock = vi.spyOn(Date, "now").mockImplementation(() => real() + (over ? 3_600_000 : 0));
    onTestFinished(() => clock.mockRestore());
    // Pages of one order each, all of them within the time by which each look begins earlier.
    const slow: ShopGateway = {
      ...shop.gateway,
      listOrdersSince: async (connection, since, after = "bin") => {
        over = true;
        if (after === "bin") return { orders: [], next: "0" };
        const bin = await shop.gateway.listOrdersSince(connection, since);
        const { orders } = await shop.gateway.listOrdersSince(connection, since, bin.next);
        const next = Number(after) + 1;
        return { orders: orders.slice(next - 1, next), ...(next < orders.length ? { next: `${next}` } : {}) };
      },
    };
    const late = { ...ctx, gateways: { ...ctx.gateways, woocommerce: slow } };
    expect(await catchUp(late, shop.connection, new Date("2026-06-20T09:00:00Z"), { deadline: 0 })).toEqual({
      seen: 0,
      fresh: 0,
      next: "0",
    });
    const begunAt = world.ctx().now().toISOString();
    const found = [];
    for (let minutes = 0; minutes < 5; minutes++) {
      over = false;
      found.push(await pollStores(late));
      world.clock.advance(60_000);
    }
    // A page of the bin and three of orders; then it waits.
    expect(found).toEqual([0, 1, 1, 1, 0]);
    // Known is what changed until it was begun.
    const poll = await getItem(ctx.table, { pk: `POLL#${shop.connection.id}`, sk: "POLL" });
    expect(poll).toMatchObject({ seenUntil: begunAt });
    expect(poll).not.toHaveProperty("begun");
  });
});
