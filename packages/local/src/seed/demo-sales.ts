import { recordClick } from "@laurel/core/click/record.ts";
import { releaseDue } from "@laurel/core/commission";
import { sweepEffects } from "@laurel/core/effect-runner";
import { sweepFlags } from "@laurel/core/flag";
import type { Context } from "@laurel/core/kernel";
import type { DemoAmbassador } from "./demo-ambassadors.ts";
import type { Bought } from "./demo-bought.ts";
import { claimSteps, correctionSteps } from "./demo-by-hand.ts";
import { completed, garbled, refunded, totalsOf, unimportant } from "./demo-events.ts";
import { fraudSteps } from "./demo-fraud.ts";
import { byCodeBeside, castOf, mainConnection, type Play, tillOf } from "./demo-play.ts";
import { poolOf } from "./demo-pool.ts";
import { rareSales } from "./demo-rare-sales.ts";
import { ordinaryIn, ruleSteps } from "./demo-rules.ts";
import { inOrder, type Step, telling } from "./demo-steps.ts";
import type { Team } from "./demo-team.ts";
import { whoseSteps } from "./demo-whose.ts";
import { after, dayMs, hourMs, type Year } from "./demo-year.ts";

/** Purchases, refunds and monthly releases, each at its time; those that concern the same people in the order of time. */
export async function seedSales(
  year: Year,
  team: Team,
  ambassadors: readonly DemoAmbassador[],
  stories: (play: Play) => Promise<Step[]> = async () => [],
): Promise<void> {
  const { size } = year;
  const till = tillOf(mainConnection(await year.at(year.end, "program").program()));
  const sales = Array.from({ length: size.orders }, (_, n) => saleOf(year, ambassadors, n));
  const cast = castOf(ambassadors, size.rare);
  const pool = poolOf(year, sales, size.rare > 0 ? ordinaryIn(year) : () => true);
  const play: Play = { year, team, pool, till, ambassadors, cast, byCode: byCodeBeside(cast) };
  const steps: Step[] = [...correctionSteps(play), ...claimSteps(play), ...fraudSteps(play)];
  if (size.rare > 0)
    steps.push(...whoseSteps(play), ...(await rareSales(play)), ...ruleSteps(year, team), ...(await stories(play)));

  const newsEvery = size.rare > 0 ? 25 : 10;
  for (const each of sales.filter(({ sale }) => !pool.taken.has(sale.n))) {
    const { sale, owner } = each;
    steps.push(
      telling(each, "sale", sale.at, async (ctx) => {
        const before = year.at(after(sale.at, -hourMs), `click ${sale.n}`);
        const code = owner && { ...owner, ...owner.now };
        const clickId =
          sale.byLink && code ? await recordClick(before, { code: code.code, ambassadorId: code.id }) : undefined;
        await till.receive(
          ctx,
          completed({ ...sale, clickId, promotionCodeId: sale.promotionCodeId && code?.promotionCodeId }),
        );
        if (sale.n % newsEvery === 0) await till.receive(ctx, unimportant(sale));
      }),
    );
  }
  const paid = sales.filter(({ sale }) => sale.payment === "paid" && !pool.taken.has(sale.n));
  for (let n = 0; n < size.refunds; n++) {
    const each = paid[Math.floor(((n + 0.5) / size.refunds) * paid.length)]!;
    const { sale } = each;
    const { total } = totalsOf(sale);
    const amount = n % 2 === 0 ? total : Math.max(1, Math.floor(total * (0.2 + year.random() * 0.5)));
    const latest = year.end.getTime() - sale.at.getTime();
    const at = after(sale.at, Math.min(latest, (2 + year.random() * 40) * dayMs));
    steps.push(telling(each, "refund", at, (ctx) => till.receive(ctx, refunded(sale, at, amount))));
  }
  for (let n = 0; n < Math.max(2, size.rare); n++) {
    const at = year.daysAgo(3 + n * 30);
    const run = (ctx: Context) => till.receive(ctx, garbled(n, at));
    steps.push({ at, name: `garbled ${n}`, concerns: [`garbled ${n}`], run });
  }
  for (let month = 11; month >= 0; month--)
    steps.push({
      at: year.daysAgo(month * 30.4),
      name: `release ${month}`,
      concerns: [],
      run: async (ctx) => {
        if (size.rare > 0) await sweepFlags(ctx);
        await releaseDue(ctx);
        if (size.rare > 0) while ((await sweepEffects(ctx)) > 0);
      },
    });
  await inOrder(year, steps);
}

/** The n-th purchase: most by an ambassador's code, some by a link alone, some by nobody; busier towards today. */
function saleOf(year: Year, ambassadors: readonly DemoAmbassador[], n: number): Bought {
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
  return {
    owner,
    sale: {
      n,
      at,
      currency,
      // A yen has no smaller unit, and is worth less than a cent.
      goodsMinor: Math.floor((19 + random() ** 2 * 240) * (currency === "jpy" ? 15 : 10)) * 10,
      percentOff: byCode ? owner.percentOff : 0,
      promotionCodeId: byCode ? owner.promotionCodeId : undefined,
      byLink: owner !== undefined && !byCode && how < 0.9,
      clickId: undefined,
      email: `buyer${Math.floor(random() * 0.6 * size.orders)}@example.com`,
      payment: n % 75 === 40 ? "unpaid" : "paid",
    },
  };
}
