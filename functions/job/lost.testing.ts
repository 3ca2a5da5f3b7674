import type { Provider } from "@laurel/contract";
import { recordClick } from "@laurel/core/click/record.ts";
import { sweepEffects } from "@laurel/core/effect-runner";
import { settleEvent } from "@laurel/core/event";
import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { sweepJobs } from "@laurel/core/job-runner";
import type { Posting } from "@laurel/core/ledger";
import type { Item } from "../../packages/core/src/table/read.ts";
import { createShopifyStandIn } from "../../packages/local/src/shopify/index.ts";
import { serveApp } from "../../packages/local/src/shops/testing.ts";
import { createStripeStandIn } from "../../packages/local/src/stripe/index.ts";
import { sdkAt } from "../../packages/local/src/stripe/testing.ts";
import { createWooStandIn } from "../../packages/local/src/woocommerce/index.ts";
import { ambassador } from "../../packages/local/testing/checkout.ts";
import { withoutFlags } from "../../packages/local/testing/flags.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { scan } from "../../packages/local/testing/scan.ts";
import { clientSecrets, openShops, wooSecret } from "../../packages/local/testing/shops.ts";
import type { Runtime } from "../runtime.ts";
import { createWebhook } from "../webhook/app.ts";
import type { Seller, Shops } from "../webhook/fault-stories.testing.ts";
import { createDay } from "./day.ts";

/** A program that hears of the same sales as another one. */
export interface Twin {
  world: World;
  runtime: Runtime;
  /** Their ids here, in the order of the sellers. */
  ambassadors: string[];
}

/** One checkout, played by its stand-in, that sends its webhooks to two programs; to one of them not all of it comes. */
export interface Twins {
  shops: Shops;
  sellers: Seller[];
  whole: Twin;
  torn: Twin;
  /** How many events the checkout has sent to the one that does not get them all, and how many of these were lost. */
  sent(): { events: number; lost: number };
  /** Until nothing is on its way any more. */
  delivered(): Promise<void>;
  /** The same, and all that came has been decided. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

const domain = "example.myshopify.com";
const url = "https://shop.example";
const apiKey = "sk_test_laurel";
const names = ["Anna Muster", "Berta Muster", "Clara Muster", "Dora Muster"];
const minuteMs = 60_000;

/** @param lossOf whether the next event of a kind gets lost */
export async function openTwins(provider: Provider, lossOf: () => boolean): Promise<Twins> {
  const closing: (() => Promise<unknown>)[] = [];
  const start = Date.parse("2026-06-20T10:00:00Z");
  let ms = start;
  const worlds: World[] = [];
  for (let n = 0; n < 2; n++) {
    const world = await openWorld({ programMaxAgeMs: 0, now: new Date(start) });
    closing.push(() => world.close());
    await withoutFlags(world);
    worlds.push(world);
  }
  const setClocks = (at: number): Date => {
    ms = at;
    for (const world of worlds) world.clock.set(new Date(ms));
    return new Date(ms);
  };
  /** Each thing that happens has a second of its own. */
  const now = () => setClocks(ms + 1_000);

  let [events, lost] = [0, 0];
  let tornHooks = "";
  /** Whether a delivery gets lost; only those to the one program do. */
  const lose = (address: string): boolean => {
    if (tornHooks === "" || !address.startsWith(tornHooks)) return false;
    events++;
    if (!lossOf()) return false;
    lost++;
    return true;
  };

  const shopsOf = await Promise.all(worlds.map((world) => openShops(world)));
  const hears: ((request: Request) => Response | Promise<Response>)[] = [];
  const hooks = await Promise.all(worlds.map((_, at) => serveApp({ fetch: (request) => hears[at]!(request) })));
  closing.push(...hooks.map((each) => each.close));
  const stripeHooks = worlds.map(({ program }, at) => `${hooks[at]!.url}/webhooks/stripe/${program.connectionId}`);
  const standIns = {
    stripe: createStripeStandIn({
      now,
      lose: ({ endpointId }) => lose(stripeHooks[Number(/\d+$/.exec(endpointId)?.[0])] ?? ""),
      accounts: [
        {
          apiKey,
          webhooks: worlds.map((world, at) => ({ url: stripeHooks[at]!, secrets: [world.webhookSecrets[0]!] })),
        },
      ],
    }),
    shopify: createShopifyStandIn({
      now,
      lose: ({ hook }) => lose(hookAddress("shopify", hook)),
      shops: [
        {
          domain,
          shopId: 548380009,
          name: "Example",
          token: "shpat_test",
          clientSecret: clientSecrets[0]!,
          currency: "EUR",
          scopes: ["read_orders", "write_discounts"],
        },
      ],
    }),
    woocommerce: createWooStandIn({
      now,
      lose: ({ hook }) => lose(hookAddress("woocommerce", hook)),
      shops: [{ url, name: "Example", apiKey: "ck_test:cs_test", currency: "EUR" }],
    }),
  };
  closing.push(standIns.stripe.close, standIns.shopify.close, standIns.woocommerce.close);
  const addresses = new Map<string, string>();
  function hookAddress(of: "shopify" | "woocommerce", id: string): string {
    if (!addresses.has(id)) {
      for (const each of standIns.shopify.hooks(domain)) addresses.set(`shopify ${each.id}`, String(each.uri));
      for (const each of standIns.woocommerce.hooks(url))
        addresses.set(`woocommerce ${each.id}`, String(each.delivery_url));
    }
    return addresses.get(`${of} ${id}`) ?? "";
  }
  const served = await Promise.all(
    [standIns.stripe.app, standIns.shopify.app, standIns.woocommerce.app].map((app) => serveApp(app)),
  );
  closing.push(...served.map((each) => each.close));
  const [stripeBase, shopifyBase, wooBase] = served.map((each) => each.url);

  const runtimes = worlds.map((world, at): Runtime => {
    const { secrets } = world.ctx().gateways;
    const real = {
      stripe: createStripeGateway({ secrets, apiBase: stripeBase }),
      shopify: createShopifyGateway({ secrets, apiBase: shopifyBase }),
      woocommerce: createWooCommerceGateway({ secrets, apiBase: wooBase }),
    };
    const context: Runtime["context"] = (...all) => {
      const ctx = world.runtime.context(...all);
      return { ...ctx, gateways: { ...ctx.gateways, ...real } };
    };
    const runtime = { ...world.runtime, context };
    hears[at] = createWebhook(runtime).fetch;
    return runtime;
  });

  // Both have the same people with the same codes; what is made at the checkout is made once.
  const { gateways } = runtimes[0]!.context({ kind: "system", name: "test" });
  const ambassadors: string[][] = [[], []];
  const sellers: Seller[] = [];
  const first = { id: worlds[0]!.program.connectionId };
  for (const world of worlds) {
    world.stripe.ensureCoupon = (_, coupon) => gateways.stripe.ensureCoupon(first, coupon);
    world.stripe.createPromotionCode = async (_, input) => {
      const found = await gateways.stripe.findPromotionCode(first, input.code);
      return found ?? gateways.stripe.createPromotionCode(first, input);
    };
  }
  for (const [n, name] of names.entries()) {
    const better = n % 2 === 0;
    const made = [];
    for (const [at, world] of worlds.entries()) {
      const { laurelTierId, starterTierId } = world.program;
      const one = await ambassador(world, name, { tierId: better ? laurelTierId : starterTierId });
      ambassadors[at]!.push(one.id);
      made.push(one);
    }
    const [first, second] = made;
    if (first!.code !== second!.code || first!.promotionCodeId !== second!.promotionCodeId)
      throw new Error("The two programs have other codes");
    const click = worlds[0]!.newId("click");
    for (const [at, world] of worlds.entries())
      await recordClick(
        { table: world.table, now: world.clock.now, newId: (() => click) as never },
        { code: first!.code, ambassadorId: ambassadors[at]![n]! },
      );
    const offer = { id: "laurel-welcome-15", name: "Welcome", percentOff: 15 };
    const input = { code: first!.code, offer, metadata: { laurel_code: first!.code }, idempotencyKey: first!.code };
    await gateways.shopify.createCode(shopsOf[0]!.shopify.connection, input);
    await gateways.woocommerce.createCode(shopsOf[0]!.woo.connection, input);
    sellers.push({
      id: name,
      code: first!.code,
      promotionCodeId: first!.promotionCodeId,
      spare: [],
      click,
      rateBp: better ? 1_500 : 1_000,
    });
  }
  for (const [at, { shopify, woo }] of shopsOf.entries()) {
    const base = hooks[at]!.url;
    if (provider === "shopify")
      await gateways.shopify.ensureWebhooks(
        { shopUrl: `https://${domain}`, apiKey: "shpat_test" },
        base + shopify.path,
        "",
      );
    if (provider === "woocommerce")
      await gateways.woocommerce.ensureWebhooks(
        { shopUrl: url, apiKey: "ck_test:cs_test" },
        base + woo.path,
        wooSecret,
      );
  }
  tornHooks = hooks[1]!.url;

  const delivered = async () => {
    await Promise.all([standIns.stripe.settled(), standIns.shopify.settled(), standIns.woocommerce.settled()]);
  };
  const twins = worlds.map((world, at): Twin => ({ world, runtime: runtimes[at]!, ambassadors: ambassadors[at]! }));
  const stripe = sdkAt(stripeBase!, apiKey);
  return {
    sellers,
    whole: twins[0]!,
    torn: twins[1]!,
    sent: () => ({ events, lost }),
    delivered,
    quiet: async () => {
      await delivered();
      // What is intended is due some minutes later, where no stream tells of it.
      for (let round = 0; round < 12; round++) {
        setClocks(ms + 10 * minuteMs);
        const waiting = await Promise.all(twins.map(goOn));
        if (!waiting.includes(true)) return;
      }
      throw new Error("Something still waits after twelve rounds");
    },
    shops: {
      stripe: { stripe, standIn: standIns.stripe, apiKey },
      shopify: standIns.shopify,
      woocommerce: standIns.woocommerce,
      domain,
      url,
      spare: ({ promotionCodeId }) => promotionCodeId,
      paymentOf: async (invoice) => {
        const { data } = await stripe.invoicePayments.list({ invoice });
        return data[0]!.payment.payment_intent as string;
      },
      // Lets the webhooks go on their way.
      pause: () => new Promise((resolve) => setImmediate(resolve)),
    },
    close: async () => {
      for (const close of closing.reverse()) await close();
    },
  };
}

/** As the stream's consumer and the minute would: what was not decided at once, and what was intended. Whether there was any. */
async function goOn({ world, runtime }: Twin): Promise<boolean> {
  const ctx = () => runtime.context({ kind: "system", name: "minute" });
  const items = await scan(world);
  const done = new Set(items.filter(({ sk }) => sk === "DONE").map(({ pk }) => pk));
  const undecided = items.filter(({ pk, sk }) => sk === "IN" && !done.has(pk));
  for (const { connectionId, eventId } of undecided) await settleEvent(ctx(), { connectionId, eventId });
  await sweepEffects(ctx());
  return undecided.length > 0 || items.some(({ __edb_e__, state }) => __edb_e__ === "effect" && state === "waiting");
}

/** The daily job, once, and the minute that goes on with what it begins. */
export async function runDay({ runtime }: Twin): Promise<void> {
  await createDay(runtime)();
  await sweepJobs(runtime.context({ kind: "system", name: "minute" }), Date.now() + 8 * minuteMs);
}

/**
 * All that was kept of sales, without ids and times of our own: orders as they stand with what was earned by them, what moved
 * on which account by each, what each ambassador has, and whose the customers are. What was earned and taken back in full
 * because the order turned out to be somebody else's stands in the ledger for ever; here it comes to nothing, as it does there.
 */
export async function booksOf({ world, ambassadors }: Twin) {
  const items = await scan(world);
  const of = (entity: string): Item[] => items.filter((item) => item.__edb_e__ === entity);
  const who = (id: string | undefined) => (id === undefined ? "nobody" : names[ambassadors.indexOf(id)]);
  const orders = of("order").filter(({ status }) => status !== "merged");
  const nameOf = new Map(orders.map((order) => [order.id as string, [...order.aliases].sort()[0] as string]));
  // What somebody earned by an order that turned out to be another's is all taken back: it is no difference.
  const holders = new Map(orders.map((order) => [order.id as string, order.attribution?.ambassadorId]));
  const commissions = of("commission").filter(
    (it) => holders.get(it.orderId) === it.ambassadorId || it.reversedMinor !== it.earnedMinor,
  );
  const moved = new Map<string, Record<string, number>>();
  for (const entry of of("entry"))
    for (const { from, to, amountMinor } of entry.postings as Posting[]) {
      const key = `${who(entry.ambassadorId)} ${(entry.orderIds as string[]).map((id) => nameOf.get(id)).join()}`;
      const sums = moved.get(key) ?? {};
      moved.set(key, sums);
      sums[from] = (sums[from] ?? 0) - amountMinor;
      sums[to] = (sums[to] ?? 0) + amountMinor;
    }
  const sorted = <T>(list: [string, T][]) => list.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    orders: sorted(
      orders.map((order) => [
        nameOf.get(order.id)!,
        {
          aliases: [...order.aliases].sort(),
          status: order.status,
          payment: order.payment,
          currency: order.currency,
          grossMinor: order.grossMinor,
          baseMinor: order.baseMinor,
          refundedMinor: order.refundedMinor,
          disputedMinor: order.disputedMinor ?? 0,
          occurredAt: order.occurredAt,
          newCustomer: order.payment === "paid" && order.receipt.inputs?.newCustomer,
          // What nobody has paid earns nothing: whose customer it is by is looked at once it is paid.
          whose:
            order.payment === "paid" || order.attribution?.kind !== "customer"
              ? who(order.attribution?.ambassadorId)
              : "nobody",
        },
      ]),
    ),
    commissions: sorted(
      commissions.map((it) => [
        nameOf.get(it.orderId)!,
        [
          who(it.ambassadorId),
          it.rateBp,
          it.baseMinor,
          it.earnedMinor,
          it.reversedMinor,
          it.place,
          it.state,
          it.releaseDay,
        ],
      ]),
    ),
    moved: sorted(
      [...moved].flatMap(([key, { "program.earned": earned = 0, "program.reversed": reversed = 0, ...sums }]) => {
        const all = Object.entries({ ...sums, program: earned + reversed }).filter(([, sum]) => sum !== 0);
        return all.length > 0 ? [[key, sorted(all)] as [string, unknown]] : [];
      }),
    ),
    accounts: sorted(
      of("account").map(({ ambassadorId, currency, earnedMinor = 0, reversedMinor = 0, ...sums }) => [
        `${who(ambassadorId)} ${currency}`,
        sorted(
          Object.entries({ ...sums, leftMinor: earnedMinor - reversedMinor }).filter(
            ([name, sum]) => name.endsWith("Minor") && sum !== 0,
          ),
        ),
      ]),
    ),
    customers: sorted(
      of("customer").map((item) => [
        nameOf.get(item.firstOrderId) ?? "none",
        [item.orderCount, who(item.boundAmbassadorId), item.boundAt, nameOf.get(item.boundBy)],
      ]),
    ),
  };
}
