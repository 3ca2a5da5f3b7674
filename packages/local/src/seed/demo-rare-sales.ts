import { recordClick } from "@laurel/core/click/record.ts";
import type { Context } from "@laurel/core/kernel";
import { takeAtTheShop } from "./demo-ambassadors.ts";
import {
  asyncEnded,
  chargeRefunded,
  completed,
  type DemoEvent,
  type DemoSale,
  disputed,
  free,
  invoiced,
  invoicePaid,
  refunded,
  refundFailed,
  subscribed,
  totalsOf,
  unsubscribed,
  warned,
} from "./demo-events.ts";
import type { Play } from "./demo-play.ts";
import type { Step } from "./demo-steps.ts";
import { telling } from "./demo-steps.ts";
import { after, dayMs, hourMs, minuteMs } from "./demo-year.ts";

/** What happens to one sale: each part of it at its time after the purchase. */
type Story = (sale: DemoSale, total: number) => [afterMs: number, tell: (at: Date) => DemoEvent][];

const unpaid = (sale: DemoSale): DemoSale => ({ ...sale, payment: "unpaid" });

/** Stories of sales by an ambassador's code. */
const stories: Record<string, Story> = {
  "a slow payment that came": (sale) => [
    [0, () => completed(unpaid(sale))],
    [3 * dayMs, (at) => asyncEnded(sale, at, "succeeded")],
  ],
  "a slow payment that failed": (sale) => [
    [0, () => completed(unpaid(sale))],
    [3 * dayMs, (at) => asyncEnded(sale, at, "failed")],
  ],
  "a slow payment still to come": (sale) => [[0, () => completed(unpaid(sale))]],
  "a refund that was told before its purchase": (sale, total) => [
    [0, (at) => refunded(sale, at, Math.floor(total / 2))],
    [hourMs, () => completed(sale)],
  ],
  "a refund that failed": (sale, total) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => refunded(sale, at, total)],
    [9 * dayMs, (at) => refundFailed(sale, at, total)],
  ],
  "a refund that is told as a sum alone": (sale, total) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => chargeRefunded(sale, at, Math.floor(total / 4))],
  ],
  "a refund after the release": (sale, total) => [
    [0, () => completed(sale)],
    [40 * dayMs, (at) => refunded(sale, at, total)],
  ],
  "more refunded than paid": (sale, total) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => refunded(sale, at, total + 100)],
  ],
  "a refund in another currency": (sale, total) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => refunded({ ...sale, currency: sale.currency === "eur" ? "usd" : "eur" }, at, total)],
  ],
  "a purchase told twice with two sums": (sale) => [
    [0, () => completed(sale)],
    [hourMs, () => completed({ ...sale, goodsMinor: sale.goodsMinor + 500 }, "again")],
  ],
  "an inquiry of the buyer's bank": (sale) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => disputed(sale, at, "warning_needs_response")],
  ],
  "a dispute that was lost": (sale) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => disputed(sale, at, "needs_response")],
    [20 * dayMs, (at) => disputed(sale, at, "lost")],
  ],
  "a dispute that was won": (sale) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => disputed(sale, at, "needs_response")],
    [20 * dayMs, (at) => disputed(sale, at, "won")],
  ],
  "a dispute that a refund made good for": (sale, total) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => disputed(sale, at, "prevented")],
    [5 * dayMs, (at) => refunded(sale, at, total)],
  ],
  "a dispute in another currency": (sale) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => disputed(sale, at, "needs_response", sale.currency === "eur" ? "usd" : "eur")],
  ],
  "a dispute of a kind that is new": (sale) => [
    [0, () => completed(sale)],
    [4 * dayMs, (at) => disputed(sale, at, "asked_somebody_else")],
  ],
  "a warning of the card's issuer": (sale) => [
    [0, () => completed(sale)],
    [dayMs, (at) => warned(sale, at)],
  ],
  "a purchase for nothing": (sale) => [[0, () => free(sale)]],
};

/** What seldom happens to purchases, each as often as the size says. */
export async function rareSales(play: Play): Promise<Step[]> {
  const { year, pool, till, ambassadors, byCode } = play;
  const { rare } = year.size;
  const { receive } = till;
  const steps: Step[] = [];
  for (const [name, story] of Object.entries(stories))
    for (let n = 0; n < rare; n++) {
      const bought = pool.take(byCode);
      for (const [afterMs, event] of story(bought.sale, totalsOf(bought.sale).total)) {
        const at = after(bought.sale.at, afterMs);
        steps.push(telling(bought, `${name} ${afterMs}`, at, (ctx) => receive(ctx, event(at))));
      }
    }

  for (let n = 0; n < rare; n++) {
    // A code that the shop made itself: it is looked up, and the order decided again, for nobody or for the link.
    const shops = await takeAtTheShop(year, `SHOPSOWN${n + 1}`);
    for (const withClick of [false, true]) {
      const bought = pool.take(({ owner }) => owner !== undefined);
      const { sale, owner } = bought;
      const run = async (ctx: Context) => {
        const before = year.at(after(sale.at, -hourMs), `click of ${sale.n}`);
        const clickId =
          withClick && owner ? await recordClick(before, { code: owner.code, ambassadorId: owner.id }) : undefined;
        await receive(ctx, completed({ ...sale, promotionCodeId: shops, clickId }));
      };
      steps.push(telling(bought, "a code of the shop's own", sale.at, run));
    }
    // A link that was opened too long before, and one that nobody knows any more.
    const late = pool.take(({ owner }) => owner !== undefined);
    const comesLate = async (ctx: Context) => {
      const { sale, owner } = late;
      const before = year.at(after(sale.at, -33 * dayMs), `late click ${sale.n}`);
      const clickId = await recordClick(before, { code: owner!.code, ambassadorId: owner!.id });
      await receive(ctx, completed({ ...sale, promotionCodeId: undefined, clickId, email: `late${n}@example.com` }));
    };
    steps.push(telling(late, "a late click", late.sale.at, comesLate));
    const unknown = pool.take();
    const byUnknown = {
      ...unknown.sale,
      promotionCodeId: undefined,
      clickId: `clk_0${String(n).repeat(25)}`,
      email: `unknown${n}@example.com`,
    };
    steps.push(telling(unknown, "an unknown click", unknown.sale.at, (ctx) => receive(ctx, completed(byUnknown))));
    // By code and by the link of somebody else: the code wins, the click is the weaker signal.
    const both = pool.take(byCode);
    const other = ambassadors.find((each) => each.id !== both.owner!.id && each.since < both.sale.at);
    const twoSignals = async (ctx: Context) => {
      const before = year.at(after(both.sale.at, -hourMs), `other click ${both.sale.n}`);
      const clickId = other && (await recordClick(before, { code: other.code, ambassadorId: other.id }));
      await receive(ctx, completed({ ...both.sale, clickId }));
    };
    steps.push(telling(both, "two signals", both.sale.at, twoSignals));
    // Two sales as two payments of one subscription: the later one follows. Then it ends.
    const first = pool.take((each) => byCode(each) && each.sale.at < year.daysAgo(90));
    const next = pool.take(
      ({ sale }) => sale.at.getTime() > first.sale.at.getTime() + dayMs && sale.currency === first.sale.currency,
    );
    const begin = async (ctx: Context) => {
      await receive(ctx, subscribed(first.sale));
      await receive(ctx, invoiced(first.sale, first.sale));
    };
    steps.push(telling(first, "a subscription", first.sale.at, begin));
    steps.push(telling(next, "a renewal", next.sale.at, (ctx) => receive(ctx, invoiced(next.sale, first.sale)), first));
    const end = after(next.sale.at, 10 * dayMs);
    steps.push(telling(next, "its end", end, (ctx) => receive(ctx, unsubscribed(first.sale, end)), first));
    // Told twice, by its invoice and by its checkout, as two purchases; until it shows that they are one.
    const invoice = pool.take(byCode);
    const at = (minutes: number) => after(invoice.sale.at, minutes * minuteMs);
    const checkout = { ...invoice.sale, n: pool.take().sale.n, at: at(1) };
    steps.push(telling(invoice, "an invoice", at(0), (ctx) => receive(ctx, invoiced(invoice.sale))));
    steps.push(telling(invoice, "its checkout", at(1), (ctx) => receive(ctx, completed(checkout))));
    steps.push(
      telling(invoice, "that they are one", at(2), (ctx) => receive(ctx, invoicePaid(invoice.sale, checkout, at(2)))),
    );
    // A refund whose purchase is never told.
    const nothing = year.daysAgo(70 + n);
    steps.push({
      at: nothing,
      name: `a refund of nothing ${n}`,
      concerns: [`refund of nothing ${n}`],
      run: (ctx) => receive(ctx, refunded({ ...first.sale, n: 80_000 + n }, nothing, 1000)),
    });
  }
  return steps;
}
