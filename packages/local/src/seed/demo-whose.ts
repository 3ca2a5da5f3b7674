import { recordClick } from "@laurel/core/click/record.ts";
import type { Context } from "@laurel/core/kernel";
import { completed, invoiced, subscribed } from "./demo-events.ts";
import { given, type Play, soldFor } from "./demo-play.ts";
import { formerCustomer, trialSpans } from "./demo-rules.ts";
import { type Step, telling } from "./demo-steps.ts";
import { after, dayMs, hourMs } from "./demo-year.ts";

/** Orders that are not whose one would think at first: what each rule is for, as often as the size says. */
export function whoseSteps({ year, pool, till, ambassadors, byCode, cast }: Play): Step[] {
  const { receive } = till;
  const steps: Step[] = [];
  const free = ambassadors.filter((each) => !Object.values(cast).flat().includes(each));
  const tell = (sale: Parameters<typeof completed>[0]) => (ctx: Context) => receive(ctx, completed(sale));
  for (let n = 0; n < year.size.rare; n++) {
    // By one's own code, under one's own address.
    const own = pool.take(byCode);
    const bySelf = { ...own.sale, email: own.owner!.email };
    steps.push(telling(own, "an own purchase", own.sale.at, tell(bySelf)));

    // Two codes at one checkout, while the rules believed neither.
    const two = pool.take(byCode, trialSpans.severalCodes);
    const other = ambassadors.find((each) => each.id !== two.owner!.id && each.since < two.sale.at)!;
    const withTwo = { ...two.sale, otherPromotionCodeId: other.promotionCodeId };
    steps.push(telling(two, "two codes", two.sale.at, tell(withTwo), given(two, other)));

    // By a link, while no link counted.
    const link = pool.take(byCode, trialSpans.severalCodes);
    const byLink = async (ctx: Context) => {
      const { sale, owner } = link;
      const before = year.at(after(sale.at, -hourMs), `click that does not count ${sale.n}`);
      const clickId = await recordClick(before, { code: owner!.code, ambassadorId: owner!.id });
      await receive(ctx, completed({ ...sale, promotionCodeId: undefined, clickId, email: `link${n}@example.com` }));
    };
    steps.push(telling(link, "a link that does not count", link.sale.at, byLink));

    // Somebody who had bought before the program began, while it counted new customers only.
    const known = pool.take(byCode, trialSpans.newCustomers);
    const byKnown = { ...known.sale, email: formerCustomer(n) };
    steps.push(telling(known, "a former customer", known.sale.at, tell(byKnown)));

    // Brought by a code, and back without one when that was longer ago than the rules then said.
    const brought = pool.take(byCode, [350, 262]);
    const email = `regular${n}@example.com`;
    const back = pool.take(() => true, trialSpans.bindings);
    const again = { ...back.sale, promotionCodeId: undefined, percentOff: 0, email };
    steps.push(telling(brought, "a regular's first", brought.sale.at, tell({ ...brought.sale, email })));
    steps.push(telling(back, "a regular's next", back.sale.at, tell(again), brought));

    // By the code of a campaign that was over.
    const late = free.filter((each) => each.percentOff === 10 && each.since < year.daysAgo(140))[n]!;
    const missed = given(pool.take(soldFor(late), trialSpans.campaignOver), late);
    steps.push(telling(missed, "a campaign that was over", missed.sale.at, tell(missed.sale)));

    // A subscription that had gone on for longer than the rules then said.
    const first = pool.take(byCode, [109, 105]);
    const renewal = pool.take(
      ({ sale }) => sale.currency === first.sale.currency && sale.at.getTime() > first.sale.at.getTime() + 32 * dayMs,
      trialSpans.subscriptions,
    );
    steps.push(
      telling(first, "a long subscription", first.sale.at, async (ctx) => {
        await receive(ctx, subscribed(first.sale));
        await receive(ctx, invoiced(first.sale, first.sale));
      }),
      telling(
        renewal,
        "a renewal too many",
        renewal.sale.at,
        (ctx) => receive(ctx, invoiced(renewal.sale, first.sale)),
        first,
      ),
    );
  }
  return steps;
}
