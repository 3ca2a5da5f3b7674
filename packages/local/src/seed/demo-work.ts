import { compareNow } from "@laurel/core/catch-up";
import { sweepJobs } from "@laurel/core/job-runner";
import { replayMany } from "@laurel/core/replay";
import * as Simulations from "@laurel/core/simulation";
import { demoStoreUrl } from "../shops/names.ts";
import type { Reached } from "./demo-beside.ts";
import { concernsOf } from "./demo-bought.ts";
import { mainConnection, type Play, soldFor } from "./demo-play.ts";
import { type Step, sweeping, telling } from "./demo-steps.ts";
import { after, dayMs, hourMs, minuteMs } from "./demo-year.ts";

/** Long work that the team begins by hand: what a store has sold and never told is found, events are decided again, and other rules are tried. */
export function workSteps({ year, team, pool, byCode }: Play, { shops }: Reached): Step[] {
  return Array.from({ length: year.size.rare }, (_, n): Step[] => {
    const found = pool.take((each) => byCode(each) && soldFor(each.owner!)(each), [9, 3]);
    const compared = after(found.sale.at, hourMs);
    const compare = async () => {
      const { goodsMinor, email, at } = found.sale;
      shops.woocommerce.placeOrder(demoStoreUrl, {
        lines: [{ name: "Demo tent", priceMinor: goodsMinor, quantity: 1 }],
        coupon: found.owner!.code,
        email,
        at,
      });
      const by = year.at(compared, `compare ${n}`, team.manager);
      const { connections } = await by.program();
      const store = connections.find(({ provider }) => provider === "woocommerce")!;
      await compareNow(by, store.id);
      await sweepJobs(year.at(after(compared, minuteMs), `comparison ${n}`));
    };
    const refused = after(year.daysAgo(11), n * hourMs);
    const refuse = async () => {
      const by = year.at(refused, `compare in vain ${n}`, team.manager);
      const { connections } = await by.program();
      await compareNow(by, connections.find(({ provider }) => provider === "woocommerce")!.id);
      const body = JSON.stringify({
        code: "woocommerce_rest_cannot_view",
        message: "Sorry, you cannot list resources.",
      });
      shops.woocommerce.faults.push({ matches: () => true, answer: "refuse", status: 403, body, times: 1 });
      await sweepJobs(year.at(after(refused, minuteMs), `comparison in vain ${n}`));
    };
    const replayed = after(year.daysAgo(2), n * hourMs);
    const replay = async () => {
      const by = year.at(replayed, `replay ${n}`, team.manager);
      const { id } = mainConnection(await by.program());
      const from = new Date(replayed.getTime() - 5 * dayMs).toISOString();
      await replayMany(by, { status: "unprocessable", connectionId: id, from });
      await sweepJobs(year.at(after(replayed, minuteMs), `replay of ${n}`));
    };
    const tried = after(year.daysAgo(1), n * hourMs);
    const rules = [{ newCustomersOnly: true }, { clickWindowDays: 7 }, { bindingMonths: 6 }];
    const simulate = async () => {
      const by = year.at(tried, `try other rules ${n}`, team.owner);
      const { id } = (await Simulations.start(by, { days: 7, rules: rules[n % rules.length] })).job;
      await sweepJobs(year.at(after(tried, minuteMs), `trial ${id}`));
    };
    return [
      { at: refused, name: `compare in vain ${n}`, concerns: [sweeping], run: refuse },
      { at: tried, name: `try other rules ${n}`, concerns: [sweeping], run: simulate },
      { ...telling(found, "compare", compared, compare), concerns: [sweeping, ...concernsOf(found)] },
      { at: replayed, name: `replay ${n}`, concerns: [sweeping], run: replay },
    ];
  }).flat();
}
