import { recordClick } from "@laurel/core/click/record.ts";
import type { Context } from "@laurel/core/kernel";
import { takeAtTheShop } from "./demo-ambassadors.ts";
import { type Bought, concernsOf } from "./demo-bought.ts";
import {
  asyncEnded,
  chargeRefunded,
  completed,
  type DemoEvent,
  type DemoSale,
  disputed,
  free,
  invoiced,
  refunded,
  refundFailed,
  subscribed,
  totalsOf,
} from "./demo-events.ts";
import type { Step } from "./demo-steps.ts";
import { after, dayMs, hourMs, type Year } from "./demo-year.ts";

type Receive = (ctx: Context, told: DemoEvent) => Promise<void>;

/** What happens to one sale: each part of it at its time after the purchase. */
type Story = (sale: DemoSale, total: number) => [afterMs: number, tell: (at: Date) => DemoEvent][];

const unpaid = (sale: DemoSale): DemoSale => ({ ...sale, payment: "unpaid" });

/** Stories of sales by an ambassador's code. */
const byCode: Record<string, Story> = {
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
  "a purchase for nothing": (sale) => [[0, () => free(sale)]],
};

/**
 * What seldom happens to purchases, each as often as the size says. The sales that it happens to are taken out of the rest,
 * so that the number of orders stays what it is.
 */
export async function rareSales(
  year: Year,
  sales: readonly Bought[],
  receive: Receive,
): Promise<{ taken: ReadonlySet<number>; steps: Step[] }> {
  const { rare } = year.size;
  const taken = new Set<number>();
  const steps: Step[] = [];
  if (rare === 0) return { taken, steps };
  // Long enough ago for all of a story to be over by today.
  const old = sales.filter(({ sale }) => sale.at < year.daysAgo(50));
  const take = (fits: (bought: Bought) => boolean): Bought => {
    const found = old.find((each) => !taken.has(each.sale.n) && each.sale.payment === "paid" && fits(each));
    if (!found) throw new Error("The demo has too few sales for all that may happen to them");
    taken.add(found.sale.n);
    return found;
  };
  const tell = (bought: Bought, name: string, at: Date, run: Step["run"]) =>
    steps.push({ at, name: `${name} ${bought.sale.n}`, concerns: concernsOf(bought), run });

  for (const [name, story] of Object.entries(byCode))
    for (let n = 0; n < rare; n++) {
      const bought = take(({ sale, owner }) => owner !== undefined && sale.promotionCodeId !== undefined);
      for (const [afterMs, event] of story(bought.sale, totalsOf(bought.sale).total)) {
        const at = after(bought.sale.at, afterMs);
        tell(bought, `${name} ${afterMs}`, at, (ctx) => receive(ctx, event(at)));
      }
    }

  for (let n = 0; n < rare; n++) {
    // A code that the shop made itself: it is looked up, and the order decided again, for nobody or for the link.
    const shops = await takeAtTheShop(year, `SHOPSOWN${n + 1}`);
    for (const withClick of [false, true]) {
      const bought = take(({ owner }) => owner !== undefined);
      const { sale, owner } = bought;
      tell(bought, "a code of the shop's own", sale.at, async (ctx) => {
        const before = year.at(after(sale.at, -hourMs), `click of ${sale.n}`);
        const clickId =
          withClick && owner ? await recordClick(before, { code: owner.code, ambassadorId: owner.id }) : undefined;
        await receive(ctx, completed({ ...sale, promotionCodeId: shops, clickId }));
      });
    }
    // A link that was opened too long before, and one that nobody knows any more.
    const late = take(({ owner }) => owner !== undefined);
    tell(late, "a late click", late.sale.at, async (ctx) => {
      const { sale, owner } = late;
      const before = year.at(after(sale.at, -33 * dayMs), `late click ${sale.n}`);
      const clickId = await recordClick(before, { code: owner!.code, ambassadorId: owner!.id });
      await receive(ctx, completed({ ...sale, promotionCodeId: undefined, clickId, email: `late${n}@example.com` }));
    });
    const unknown = take(() => true);
    tell(unknown, "an unknown click", unknown.sale.at, (ctx) =>
      receive(
        ctx,
        completed({
          ...unknown.sale,
          promotionCodeId: undefined,
          clickId: `clk_0${String(n).repeat(25)}`,
          email: `unknown${n}@example.com`,
        }),
      ),
    );
    // By code and by the link of somebody else: the code wins, the click is the weaker signal.
    const both = take(({ sale, owner }) => owner !== undefined && sale.promotionCodeId !== undefined);
    const other = sales.find(({ owner }) => owner && owner.id !== both.owner!.id && owner.since < both.sale.at)?.owner;
    tell(both, "two signals", both.sale.at, async (ctx) => {
      const before = year.at(after(both.sale.at, -hourMs), `other click ${both.sale.n}`);
      const clickId = other && (await recordClick(before, { code: other.code, ambassadorId: other.id }));
      await receive(ctx, completed({ ...both.sale, clickId }));
    });
    // Two sales as two payments of one subscription: the later one follows.
    const first = take(({ sale, owner }) => owner !== undefined && sale.promotionCodeId !== undefined);
    const next = take(({ sale }) => sale.at > first.sale.at && sale.currency === first.sale.currency);
    tell(first, "a subscription", first.sale.at, async (ctx) => {
      await receive(ctx, subscribed(first.sale));
      await receive(ctx, invoiced(first.sale, first.sale));
    });
    const ofBoth = [...concernsOf(first), ...concernsOf(next)];
    const renewal = (ctx: Context) => receive(ctx, invoiced(next.sale, first.sale));
    steps.push({ at: next.sale.at, name: `a renewal ${next.sale.n}`, concerns: ofBoth, run: renewal });
    // A refund whose purchase is never told.
    const at = year.daysAgo(70 + n);
    steps.push({
      at,
      name: `a refund of nothing ${n}`,
      concerns: [`refund of nothing ${n}`],
      run: (ctx) => receive(ctx, refunded({ ...sales[0]!.sale, n: 80_000 + n }, at, 1000)),
    });
  }
  return { taken, steps };
}
