import * as Claims from "@laurel/core/claim";
import type { Connection } from "@laurel/core/connection";
import { sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { wooIdentity } from "@laurel/core/gateway/woocommerce";
import type { Context } from "@laurel/core/kernel";
import { findConnection } from "@laurel/core/program";
import { makeOrder as makeShopifyOrder } from "../shopify/order.ts";
import { demoDomain } from "../shops/names.ts";
import type { Json } from "../shops/store.ts";
import { gmt, makeOrder as makeWooOrder } from "../woocommerce/order.ts";
import type { Reached } from "./demo-beside.ts";
import type { Bought } from "./demo-bought.ts";
import { connect, storeInput } from "./demo-connections.ts";
import { type Play, soldFor } from "./demo-play.ts";
import { type Step, telling } from "./demo-steps.ts";
import { asAmbassador } from "./demo-team.ts";
import { after, dayMs, hourMs, minuteMs, type Span } from "./demo-year.ts";

/** Since when the demo sells through its shops, too. */
const connectedDaysAgo = 96;
const sold: Span = [94, 45];
const lately: Span = [12, 3];

/** The shops as the program knows them, once they are connected. */
interface Shops {
  shopify: string;
  woocommerce: string;
}

const shopifyId = (n: number): number => 5_390_000_100_000 + n;
/** What the shop calls an order, and its buyer too. */
const shopifyNumber = (n: number): string => `#${10_000 + n}`;

/** Sales by a Shopify shop and a WooCommerce store: called off, taken up again, asked about by ambassadors and their buyers. */
export function shopSteps(play: Play, reached: Reached): Step[] {
  const { year, team, pool, byCode } = play;
  const { rare } = year.size;
  const shops: Shops = { shopify: "", woocommerce: "" };
  const steps: Step[] = [
    {
      at: year.daysAgo(connectedDaysAgo),
      name: "the shops",
      concerns: [],
      run: async (ctx) => {
        const { token: apiKey, clientSecret } = reached.shops.keys.shopify;
        const at = ctx.now();
        const shop = { provider: "shopify" as const, name: "Demo shop", shopUrl: demoDomain, apiKey, clientSecret };
        shops.shopify = await connect(year, team, at, shop);
        shops.woocommerce = await connect(year, team, after(at, hourMs), storeInput(reached));
      },
    },
  ];
  const take = (span: Span = sold) => pool.take((each) => byCode(each) && soldFor(each.owner!)(each), span);
  const connectionOf = async (ctx: Context, kind: keyof Shops): Promise<Connection> =>
    findConnection(await ctx.program(), shops[kind])!;

  const shopify = async (ctx: Context, type: string, body: Json, id: string) =>
    Events.receive(
      ctx,
      await connectionOf(ctx, "shopify"),
      { eventId: `demo-${id}-${type.replace("/", "-")}`, type },
      Buffer.from(JSON.stringify(body)),
      Number.POSITIVE_INFINITY,
    );
  const woo = async (ctx: Context, type: string, body: Json) => {
    const bytes = Buffer.from(JSON.stringify(body));
    const connection = await connectionOf(ctx, "woocommerce");
    await Events.receive(ctx, connection, wooIdentity(bytes, type), bytes, Number.POSITIVE_INFINITY);
  };
  const atShopify = ({ sale, owner }: Bought, withCode = true) =>
    makeShopifyOrder(
      {
        lines: [{ title: "Demo jacket", priceMinor: sale.goodsMinor, quantity: 1 }],
        ...(withCode ? { code: { text: (owner!.now ?? owner!).code, fraction: owner!.percentOff / 100 } } : {}),
        email: withCode ? sale.email : `nobody${sale.n}@example.com`,
        shippingMinor: 590,
      },
      { id: shopifyId(sale.n), number: 10_000 + sale.n, shopId: 548_380_009, currency: "EUR", at: sale.at },
    );
  const atStore = ({ sale, owner }: Bought) =>
    makeWooOrder(
      {
        lines: [{ name: "Demo boots", priceMinor: sale.goodsMinor, quantity: 1 }],
        coupon: { code: (owner!.now ?? owner!).code, fraction: owner!.percentOff / 100 },
        email: sale.email,
      },
      { id: 70_000 + sale.n, currency: "EUR", at: sale.at },
    );
  const buys = (bought: Bought, withCode = true): Step =>
    telling(bought, "at the shop", bought.sale.at, (ctx) =>
      shopify(ctx, "orders/paid", atShopify(bought, withCode), `${bought.sale.n}`),
    );

  for (let n = 0; n < rare; n++) {
    // Called off by the merchant.
    const off = take();
    const offAt = after(off.sale.at, dayMs);
    const cancelled = { cancelled_at: offAt.toISOString(), cancel_reason: "customer", updated_at: offAt.toISOString() };
    steps.push(
      buys(off),
      telling(off, "called off", offAt, (ctx) =>
        shopify(ctx, "orders/cancelled", { ...atShopify(off), ...cancelled }, `${off.sale.n}`),
      ),
    );
    // Called off at the store, and taken up again.
    const back = take();
    const order = atStore(back);
    const stands = (status: string, at: Date) => ({ ...order, status, date_modified_gmt: gmt(at) });
    const [cancelledAt, restoredAt] = [after(back.sale.at, hourMs), after(back.sale.at, 5 * hourMs)];
    steps.push(
      telling(back, "at the store", back.sale.at, (ctx) => woo(ctx, "order.created", order)),
      telling(back, "off at the store", cancelledAt, (ctx) =>
        woo(ctx, "order.updated", stands("cancelled", cancelledAt)),
      ),
      telling(back, "on again", restoredAt, (ctx) => woo(ctx, "order.updated", stands("processing", restoredAt))),
    );
    // Their own, as the ambassador learns who asks about it; and one that was bought without the code.
    const own = take();
    const asked = after(own.sale.at, dayMs);
    steps.push(
      buys(own),
      telling(own, "asks about an own one", asked, async () => {
        const by = year.at(asked, `ask ${own.sale.n}`, asAmbassador(own.owner!));
        const answer = await Claims.ask(by, { orderNumber: shopifyNumber(own.sale.n), orderedOn: dayIn(own) });
        if (answer.answer !== "yours") throw new Error(`The demo's ambassador is told: ${answer.sentence}`);
      }),
    );
    const missed = take(n === rare - 1 ? lately : sold);
    const missedAt = after(missed.sale.at, dayMs);
    steps.push(
      buys(missed, false),
      telling(missed, "asks about a missed one", missedAt, async () => {
        const by = year.at(missedAt, `ask ${missed.sale.n}`, asAmbassador(missed.owner!));
        const answer = await Claims.ask(by, {
          orderNumber: shopifyNumber(missed.sale.n),
          orderedOn: dayIn(missed),
          evidence: { text: "She has sent me a picture of the parcel, and that the field for the code was missing." },
        });
        if (answer.answer !== "not_yours") throw new Error(`The demo's ambassador is told: ${answer.sentence}`);
        if (n === rare - 1) return;
        const decide = year.at(after(missedAt, dayMs), `claim of ${missed.sale.n}`, team.manager);
        await Claims.decline(decide, answer.claim!.id, { reason: "It was bought at the counter of our own shop." });
      }),
    );
    // Buyers ask what is kept of them, and that it be forgotten; a shop leaves that was never connected here.
    for (const topic of ["customers/data_request", "customers/redact", "shop/redact"]) {
      const buyer = take();
      const asksAt = after(buyer.sale.at, 20 * dayMs);
      const named = [shopifyId(buyer.sale.n)];
      const ask: Json =
        topic === "shop/redact"
          ? { shop_id: 1, shop_domain: `demo-elsewhere${n}.myshopify.com` }
          : {
              shop_id: 548_380_009,
              shop_domain: demoDomain,
              customer: { id: 1, email: buyer.sale.email },
              ...(topic === "customers/redact"
                ? { orders_to_redact: named }
                : { orders_requested: named, data_request: { id: 9_000 + n } }),
            };
      steps.push(
        buys(buyer),
        telling(buyer, topic, asksAt, async (ctx) => {
          await shopify(ctx, topic, ask, `privacy${n}`);
          await sweepEffects(year.at(after(asksAt, 5 * minuteMs), `fulfil ${topic} ${n}`));
        }),
      );
    }
  }
  return steps;
}

const dayIn = ({ sale }: Bought): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Berlin" }).format(sale.at);
