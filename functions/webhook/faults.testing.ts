import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { approve } from "@laurel/core/application";
import { findCode, promotionCodesOf } from "@laurel/core/code";
import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createStripeGateway } from "@laurel/core/gateway/stripe";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import { change } from "@laurel/core/program";
import type { DynamoDBRecord } from "aws-lambda";
import { confirmed } from "../../packages/core/src/application/testing.ts";
import type { Item } from "../../packages/core/src/table/read.ts";
import { createShopifyStandIn } from "../../packages/local/src/shopify/index.ts";
import { serveApp } from "../../packages/local/src/shops/testing.ts";
import { consumersOf } from "../../packages/local/src/stream/consumers.ts";
import { type Consumer, deliver } from "../../packages/local/src/stream/deliver.ts";
import { createPoller } from "../../packages/local/src/stream/poller.ts";
import { openPositions } from "../../packages/local/src/stream/positions.ts";
import { createStripeStandIn } from "../../packages/local/src/stripe/index.ts";
import { type StripeSdk, sdkAt } from "../../packages/local/src/stripe/testing.ts";
import { createWooStandIn } from "../../packages/local/src/woocommerce/index.ts";
import { withoutFlags } from "../../packages/local/testing/flags.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { endLeases } from "../../packages/local/testing/machine.ts";
import { scan } from "../../packages/local/testing/scan.ts";
import { clientSecrets, openShops, wooSecret } from "../../packages/local/testing/shops.ts";
import { streamOf } from "../../packages/local/testing/stream.ts";
import { openStormyTable, serveInWeather, type Weather } from "../../packages/local/testing/weather.ts";
import { assemble } from "../assemble.ts";
import { createDay } from "../job/day.ts";
import { createMinute } from "../job/minute.ts";
import { createRedirect } from "../redirect.ts";
import { createWebhook } from "./app.ts";
import type { Seller, Shops } from "./fault-stories.testing.ts";

export interface Storm {
  world: World;
  shops: Shops;
  sellers: Seller[];
  /** How many different events the checkouts have sent so far, and how often they had to be sent. */
  sent(): { events: number; deliveries: number };
  /** Lets the consumers and the minute's job work until nothing waits any more. Returns the rounds that it took. */
  quiet(): Promise<number>;
  /** How many stream records were given up and given back to their consumers, as `npm run redrive` does it. */
  redriven(): number;
  /** How many webhooks Shopify has given up. Where there are any, the day's comparison has to find what they told. */
  givenUp(): number;
  /** How many of them were sent as often as Shopify sends anything; the others ended with their subscription. */
  sentInVain(): number;
  close(): Promise<void>;
}

const domain = "example.myshopify.com";
const url = "https://shop.example";
const apiKey = "sk_test_laurel";
/** The stream is worked off by so many at once, each with items of its own, as Lambda does it. */
const lanes = 6;

const inLanes = (consumer: Consumer): Consumer[] =>
  Array.from({ length: lanes }, (_, lane) => ({
    ...consumer,
    name: `${consumer.name} ${lane}`,
    filter: (record) => {
      const { pk } = record.dynamodb!.Keys!;
      return createHash("sha1").update(pk!.S!).digest()[0]! % lanes === lane && consumer.filter!(record);
    },
  }));

/** A world with three checkouts that are played by their stand-ins, and trouble on every way between them and Laurel. */
export async function openStorm(weather: Weather, people: number): Promise<Storm> {
  const world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
  await withoutFlags(world);
  const { program } = await world.ctx().program();
  await change(world.ctx(), { version: program.version, rules: { renewalMonths: null } });
  const { shopify, woo } = await openShops(world);
  const { connectionId } = world.program;
  let ms = world.clock.now().getTime();
  /** Each thing that happens has a second of its own. */
  const now = () => {
    ms = Math.max(ms, world.clock.now().getTime()) + 1_000;
    world.clock.set(new Date(ms));
    return new Date(ms);
  };
  const closing: (() => Promise<unknown>)[] = [() => world.close()];

  const told = new Set<string>();
  let deliveries = 0;
  let hear: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 });
  const hooks = await serveInWeather(
    {
      fetch: async (request) => {
        const body = await request.arrayBuffer();
        const { headers, method } = request;
        deliveries++;
        const hash = createHash("sha1").update(Buffer.from(body)).digest("base64");
        told.add(headers.get("x-shopify-webhook-id") ?? hash);
        return hear(new Request(request.url, { method, headers, body }));
      },
    },
    weather,
    "webhook",
    ["dropped", "5xx", "dropped after it was done", "5xx after it was done"],
  );
  closing.push(hooks.close);

  const standIns = {
    stripe: createStripeStandIn({
      now,
      backoffMs: [40, 100, 250],
      accounts: [
        {
          apiKey,
          webhooks: [{ url: `${hooks.url}/webhooks/stripe/${connectionId}`, secrets: [world.webhookSecrets[0]!] }],
        },
      ],
    }),
    shopify: createShopifyStandIn({
      now,
      backoffMs: [40, 100, 250, 500],
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
      shops: [{ url, name: "Example", apiKey: "ck_test:cs_test", currency: "EUR" }],
    }),
  };
  const servers = await Promise.all(
    (["stripe", "shopify", "woocommerce"] as const).map((name) => serveInWeather(standIns[name].app, weather, name)),
  );
  const [stripeBase, shopifyBase, wooBase] = servers.map((server) => server.url);
  const calm = await serveApp(standIns.stripe.app);
  closing.push(calm.close, ...servers.map((server) => server.close));
  closing.push(standIns.stripe.close, standIns.shopify.close, standIns.woocommerce.close);

  const { keys, gateways } = world.ctx();
  const { secrets } = gateways;
  const endpoint = world.runtime.env.DYNAMODB_ENDPOINT!;
  const table = openStormyTable(
    { name: world.table.name, endpoint, onRetry: (times) => world.runtime.metrics.record("ThrottledRetries", times) },
    weather,
  );
  closing.push(async () => table.client.destroy());
  const runtime = assemble(
    world.runtime.env,
    {
      secrets,
      stripe: createStripeGateway({ secrets, apiBase: stripeBase }),
      shopify: createShopifyGateway({ secrets, apiBase: shopifyBase }),
      woocommerce: createWooCommerceGateway({ secrets, apiBase: wooBase }),
      mail: gateways.mail,
    },
    { keys, log: world.runtime.log, metrics: world.runtime.metrics, now: world.clock.now, newId: world.newId, table },
  );
  hear = createWebhook(runtime).fetch;

  const reader = await streamOf(world);
  const dead: DynamoDBRecord[] = [];
  let redriven = 0;
  const poller = createPoller({
    reader,
    positions: openPositions(undefined, reader.streamArn),
    consumers: consumersOf(runtime).flatMap(inLanes),
    log: world.runtime.log,
    backoffMs: 20,
    onDead: (record) => void dead.push(record),
  });
  async function redrive(): Promise<void> {
    for (let record = dead.shift(); record; record = dead.shift()) {
      redriven++;
      for (const consumer of consumersOf(runtime))
        if (consumer.filter!(record))
          await deliver(consumer, [record], {
            log: world.runtime.log,
            backoffMs: 20,
            onDead: (again) => void dead.push(again),
          });
    }
  }
  closing.push(() => poller.stop());

  /** The minute's job, which says at its end whether one of its parts has failed. */
  const minute = createMinute(runtime);
  const tryMinute = () => minute().catch(() => {});

  const undelivered = () =>
    standIns.stripe.undelivered() ||
    standIns.shopify.deliveries(domain).some((each) => each.nextAtMs !== null) ||
    standIns.woocommerce.deliveries(url).some((each) => each.nextAtMs !== null);
  async function delivered(): Promise<void> {
    for (const until = Date.now() + 120_000; undelivered() && Date.now() < until; ) await sleep(50);
  }

  const lost = () =>
    standIns.shopify.deliveries(domain).filter(({ status }) => status === null || status < 200 || status > 299);
  const givenUp = (): number => lost().length;
  const day = createDay(runtime);

  async function quiet(): Promise<number> {
    await delivered();
    for (let begun = givenUp() === 0; !begun; )
      begun = await day().then(
        () => true,
        () => false,
      );
    const from = world.clock.now().toISOString();
    await poller.pause();
    for (let round = 1; round <= 30; round++) {
      await redrive();
      await poller.drain();
      const items = await scan(world);
      const polled = items.find((item) => item.__edb_e__ === "poll" && item.connectionId === woo.connection.id);
      if (
        round > 1 &&
        dead.length === 0 &&
        !items.some(waits) &&
        polled &&
        !polled.lastError &&
        polled.seenUntil >= from
      )
        return round;
      await endLeases(world, items);
      world.clock.advance(16 * 60_000);
      await tryMinute();
    }
    const left = (await scan(world)).filter(waits).map((item) => `${item.pk} ${item.sk} ${item.lastError ?? ""}`);
    throw new Error(`Something still waits after thirty rounds: ${left.join("; ")}`);
  }

  const stripe = sdkAt(calm.url, apiKey);
  const access = {
    shopify: { shopUrl: `https://${domain}`, apiKey: "shpat_test" },
    woo: { shopUrl: url, apiKey: "ck_test:cs_test" },
  };
  const calmly = async () => {
    const [a, b] = await Promise.all([serveApp(standIns.shopify.app), serveApp(standIns.woocommerce.app)]);
    await createShopifyGateway({ secrets, apiBase: a.url }).ensureWebhooks(
      access.shopify,
      hooks.url + shopify.path,
      "",
    );
    await createWooCommerceGateway({ secrets, apiBase: b.url }).ensureWebhooks(
      access.woo,
      hooks.url + woo.path,
      wooSecret,
    );
    await Promise.all([a.close(), b.close()]);
  };
  await calmly();
  standIns.stripe.start();
  standIns.shopify.start();
  standIns.woocommerce.start();

  // Their codes are made at all three checkouts, through the same trouble.
  const sellers = await Promise.all(
    Array.from({ length: people }, async (_, n): Promise<Omit<Seller, "promotionCodeId" | "spare" | "click">> => {
      const better = n % 2 === 0;
      const { id } = await confirmed(world, { email: `seller${n}@example.com`, name: `Seller ${"ABCDEFGH"[n]}` });
      const tierId = better ? world.program.laurelTierId : world.program.starterTierId;
      const { ambassador, code } = await approve(world.ctx(world.staff("manager")), id, { tierId });
      return { id: ambassador.id, code: code.code, rateBp: better ? 1_500 : 1_000 };
    }),
  );
  await quiet();
  const redirect = createRedirect({
    table: world.table,
    now: world.clock.now,
    newId: world.newId,
    log: world.runtime.log,
  });
  const ready: Seller[] = [];
  for (const seller of sellers) {
    const item = (await findCode(world.ctx(), seller.code))!;
    const promotionCodeId = promotionCodesOf(item)[connectionId];
    if (item.state !== "active" || !promotionCodeId) throw new Error(`The code ${seller.code} is ${item.state}`);
    const answer = await redirect.request(`/r/${seller.code}`, {
      headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" },
    });
    const click = new URL(answer.headers.get("location")!).searchParams.get("laurel_click")!;
    ready.push({ ...seller, promotionCodeId, click, spare: await spares(stripe, promotionCodeId, seller.code) });
  }
  poller.start();
  // Each minute of the program's clock comes often: every sale takes a few seconds of it.
  let working = true;
  const minutes = (async () => {
    while (working) {
      await sleep(1_000);
      await tryMinute();
    }
  })();

  return {
    world,
    sellers: ready,
    redriven: () => redriven,
    givenUp,
    sentInVain: () => lost().filter(({ attempts }) => attempts > 8).length,
    sent: () => ({ events: told.size, deliveries }),
    quiet: async () => {
      working = false;
      await minutes;
      return quiet();
    },
    shops: {
      stripe: { stripe, standIn: standIns.stripe, apiKey },
      shopify: standIns.shopify,
      woocommerce: standIns.woocommerce,
      domain,
      url,
      spare: ({ spare }) => {
        spare.push(spare.shift()!);
        return spare.at(-1)!;
      },
      paymentOf: async (invoice) => {
        const { data } = await stripe.invoicePayments.list({ invoice });
        return data[0]!.payment.payment_intent as string;
      },
      pause: () => sleep(5),
    },
    close: async () => {
      working = false;
      await minutes;
      for (const close of closing.reverse()) await close();
    },
  };
}

const waits = (item: Item): boolean =>
  (item.__edb_e__ === "effect" && item.state === "waiting") ||
  item.__edb_e__ === "retry" ||
  item.__edb_e__ === "parked" ||
  (item.__edb_e__ === "job" && ["waiting", "running"].includes(item.state));

/** Codes that replaced one another at Stripe, of which Laurel knows the text and not the id. */
async function spares(stripe: StripeSdk, promotionCodeId: string, code: string): Promise<string[]> {
  const { metadata, promotion } = await stripe.promotionCodes.retrieve(promotionCodeId);
  const made: string[] = [];
  await stripe.promotionCodes.update(promotionCodeId, { active: false });
  for (let n = 0; n < 4; n++) {
    const { id } = await stripe.promotionCodes.create({
      promotion: { type: "coupon", coupon: promotion.coupon as string },
      code,
      metadata: metadata ?? {},
    });
    await stripe.promotionCodes.update(id, { active: false });
    made.push(id);
  }
  await stripe.promotionCodes.update(promotionCodeId, { active: true });
  return made;
}
