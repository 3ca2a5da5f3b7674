import type { Context } from "@laurel/core/kernel";
import { type Bought, concernsOf } from "./demo-bought.ts";
import type { Year } from "./demo-year.ts";

/** Something that happens in the demo's year, at its time. */
export interface Step {
  at: Date;
  name: string;
  /** Whom and what it concerns: steps that share nothing may be done side by side. Nothing named: it waits for all, and all for it. */
  concerns: string[];
  run: (ctx: Context) => Promise<unknown>;
}

/** Concerned by whatever does what waits to be done outside: one at a time. */
export const sweeping = "what waits to be done outside";

/** What happens to a purchase. @param others purchases that it concerns too */
export const telling = (bought: Bought, name: string, at: Date, run: Step["run"], ...others: Bought[]): Step => ({
  at,
  name: `${name} ${bought.sale.n}`,
  concerns: [...new Set([bought, ...others].flatMap(concernsOf))],
  run,
});

/** As many are begun; those that wait for an earlier one are among them. */
const begunAtOnce = 40;

/** Does steps in the order of time, side by side where they concern nobody in common. */
export async function inOrder(year: Year, steps: readonly Step[]): Promise<void> {
  const under = new Set<Promise<unknown>>();
  const latest = new Map<string, Promise<unknown>>();
  for (const step of steps.toSorted((a, b) => a.at.getTime() - b.at.getTime())) {
    const alone = step.concerns.length === 0;
    if (alone) await Promise.all(under);
    while (under.size >= begunAtOnce) await Promise.race(under);
    const before = step.concerns.map((each) => latest.get(each));
    const work = Promise.all(before)
      .then(() => step.run(year.at(step.at, step.name)))
      .finally(() => under.delete(work));
    // Whoever waits for it is told of its failure; nobody else is.
    work.catch(() => {});
    under.add(work);
    for (const each of step.concerns) latest.set(each, work);
    if (alone) await work;
  }
  await Promise.all(under);
}
