import { recordClick } from "@laurel/core/click/record.ts";
import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import type { Context } from "@laurel/core/kernel";
import { loadProgram } from "@laurel/core/program";
import type { DemoAmbassador } from "./demo-ambassadors.ts";
import { type Bought, concernsOf } from "./demo-bought.ts";
import { completed, type DemoEvent, garbled, refunded, totalsOf, unimportant } from "./demo-events.ts";
import { rareSales } from "./demo-rare-sales.ts";
import { inOrder, type Step } from "./demo-steps.ts";
import { after, dayMs, hourMs, type Year } from "./demo-year.ts";

/** Purchases, refunds and monthly releases, each at its time; those that concern the same people in the order of time. */
export async function seedSales(year: Year, ambassadors: DemoAmbassador[]): Promise<void> {
  const { size } = year;
  const { connections } = await loadProgram(year.at(year.end, "program").table);
  const connection = connections[0]!;
  const receive = (ctx: Context, told: DemoEvent) =>
    Events.receive(ctx, connection, told, told.body, Number.POSITIVE_INFINITY);
  const steps: Step[] = [];
  const sales = Array.from({ length: size.orders }, (_, n) => saleOf(year, ambassadors, n));
  const rare = await rareSales(year, sales, receive);
  steps.push(...rare.steps);

  for (const each of sales.filter(({ sale }) => !rare.taken.has(sale.n))) {
    const { sale, owner } = each;
    steps.push({
      at: sale.at,
      name: `sale ${sale.n}`,
      concerns: concernsOf(each),
      run: async (ctx) => {
        const before = year.at(after(sale.at, -hourMs), `click ${sale.n}`);
        const clickId =
          sale.byLink && owner ? await recordClick(before, { code: owner.code, ambassadorId: owner.id }) : undefined;
        await receive(ctx, completed({ ...sale, clickId }));
        if (sale.n % 10 === 0) await receive(ctx, unimportant(sale));
      },
    });
  }
  const paid = sales.filter(({ sale }) => sale.payment === "paid" && !rare.taken.has(sale.n));
  for (let n = 0; n < size.refunds; n++) {
    const each = paid[Math.floor(((n + 0.5) / size.refunds) * paid.length)]!;
    const { sale } = each;
    const { total } = totalsOf(sale);
    const amount = n % 2 === 0 ? total : Math.max(1, Math.floor(total * (0.2 + year.random() * 0.5)));
    const latest = year.end.getTime() - sale.at.getTime();
    const at = after(sale.at, Math.min(latest, (2 + year.random() * 40) * dayMs));
    steps.push({
      at,
      name: `refund ${sale.n}`,
      concerns: concernsOf(each),
      run: (ctx) => receive(ctx, refunded(sale, at, amount)),
    });
  }
  for (let n = 0; n < Math.max(2, size.rare); n++) {
    const at = year.daysAgo(3 + n * 30);
    steps.push({ at, name: `garbled ${n}`, concerns: [`garbled ${n}`], run: (ctx) => receive(ctx, garbled(n, at)) });
  }
  for (let month = 11; month >= 0; month--)
    steps.push({
      at: year.daysAgo(month * 30.4),
      name: `release ${month}`,
      concerns: [],
      run: async (ctx) => {
        await releaseDue(ctx);
        if (size.rare > 0) while ((await sweepEffects(ctx)) > 0);
      },
    });
  await inOrder(year, steps);
}

/** The n-th purchase: most by an ambassador's code, some by a link alone, some by nobody; busier towards today. */
function saleOf(year: Year, ambassadors: DemoAmbassador[], n: number): Bought {
  const { random, size } = year;
  const daysAgo = 355 * (1 - Math.sqrt((n + random()) / size.orders)) + 0.2;
  const at = after(year.daysAgo(daysAgo), Math.floor(random() * 4) * hourMs);
  const active = ambassadors.filter((each) => each.since.getTime() + 2 * dayMs < at.getTime());
  // A few bring most of it, as everywhere.
  const owner = active[Math.floor(random() ** 1.7 * active.length)];
  const by = random();
  const currency = by < 0.62 ? "eur" : by < 0.87 ? "usd" : "jpy";
  const how = random();
  const byCode = owner && how < 0.82;
  const unit = currency === "jpy" ? 1000 : 100;
  return {
    owner,
    sale: {
      n,
      at,
      currency,
      goodsMinor: Math.floor((19 + random() ** 2 * 240) * (currency === "jpy" ? 15 : 10)) * (unit / 10),
      percentOff: byCode ? owner.percentOff : 0,
      promotionCodeId: byCode ? owner.promotionCodeId : undefined,
      byLink: owner !== undefined && !byCode && how < 0.9,
      clickId: undefined,
      email: `buyer${Math.floor(random() * 0.6 * size.orders)}@example.com`,
      payment: n % 75 === 40 ? "unpaid" : "paid",
    },
  };
}
