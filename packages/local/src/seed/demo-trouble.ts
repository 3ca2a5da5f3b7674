import { sweepEffects } from "@laurel/core/effect-runner";
import * as Events from "@laurel/core/event";
import { takeAtTheShop } from "./demo-ambassadors.ts";
import type { Reached } from "./demo-beside.ts";
import { type Bought, concernsOf } from "./demo-bought.ts";
import { completed, invoiced, thinWarning } from "./demo-events.ts";
import type { Play } from "./demo-play.ts";
import { type Step, sweeping } from "./demo-steps.ts";
import { after, hourMs, minuteMs } from "./demo-year.ts";

/** What could not be done, since something outside refused; it is left for the team to look at. */
export async function troubleSteps(play: Play, { stripeFaults }: Reached): Promise<Step[]> {
  const { year, pool, till, byCode } = play;
  const steps: Step[] = [];
  const refusing = async (path: string, work: () => Promise<unknown>) => {
    const fault = {
      matches: (method: string, at: string) => method === "GET" && at.startsWith(path),
      answer: "refuse" as const,
      status: 403,
      times: Number.POSITIVE_INFINITY,
    };
    stripeFaults.push(fault);
    await work();
    stripeFaults.splice(stripeFaults.indexOf(fault), 1);
  };
  const unread = async (at: Date, n: number, tries: number) => {
    const told = thinWarning(n, at);
    await till.receive(year.at(at, `thin ${n}`), told);
    const ref = { connectionId: till.connection.id, eventId: told.eventId };
    for (let attempt = 0; attempt < tries; attempt++)
      await Events.settleEvent(year.at(after(at, 20_000 * 2 ** attempt), `thin ${n} ${attempt}`), ref);
  };
  for (let n = 0; n < year.size.rare; n++) {
    // The key may not read promotion codes: whose code it was stays unknown until somebody has it tried again.
    const text = `SHOPSLOST${n + 1}`;
    const promotionCodeId = await takeAtTheShop(year, text);
    const unknown = pool.take(byCode);
    steps.push(
      outside(
        unknown.sale.at,
        `a code that is not told ${n}`,
        (ctx) =>
          refusing(`/v1/promotion_codes/${promotionCodeId}`, async () => {
            await till.receive(ctx, completed({ ...unknown.sale, promotionCodeId }));
            await sweepEffects(year.at(after(unknown.sale.at, 5 * minuteMs), `look for ${text}`));
          }),
        unknown,
      ),
    );
    // Nor what paid an invoice: its order waits for the checkout that it came from.
    const invoice = pool.take(byCode);
    steps.push(
      outside(
        invoice.sale.at,
        `an invoice that nobody explains ${n}`,
        (ctx) =>
          refusing("/v1/invoice_payments", async () => {
            await till.receive(ctx, invoiced(invoice.sale));
            await sweepEffects(year.at(after(invoice.sale.at, 5 * minuteMs), `look for a checkout ${n}`));
          }),
        invoice,
      ),
    );
    // What an event only names, and the stand-in does not have: given up after hours, or soon to be.
    const failed = after(year.daysAgo(9), n * hourMs);
    steps.push(outside(failed, `an event that can't be read ${n}`, () => unread(failed, n, manyTries)));
    const waits = after(year.daysAgo(0.3), n * minuteMs);
    steps.push(outside(waits, `an event that waits ${n}`, () => unread(waits, 100 + n, 2)));
  }
  return steps;
}

const manyTries = 8;

const outside = (at: Date, name: string, run: Step["run"], bought?: Bought): Step => ({
  at,
  name,
  concerns: [sweeping, ...(bought ? concernsOf(bought) : [])],
  run,
});
