import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { epochS } from "../kernel/time.ts";
import { jitter, transact, write } from "../table/transact.ts";
import { RolledEntity, RollupEntity } from "./rollup.entity.ts";
import { type Fact, sumOf } from "./rollup.ts";

/** At most so many facts a transaction: a marker and up to two sums for each leave room in its hundred items. */
export const factsAtOnce = 12;
const keptMarkerS = 8 * 86_400;
const rounds = 8;

/** Counts facts into their days, each exactly once however often it is told. */
export async function rollUp(ctx: Context, facts: readonly Fact[]): Promise<void> {
  for (let at = 0; at < facts.length; at += factsAtOnce) await rollUpFew(ctx, facts.slice(at, at + factsAtOnce));
}

async function rollUpFew(ctx: Context, facts: readonly Fact[]): Promise<void> {
  const at = { table: ctx.table.name };
  let left = [...new Map(facts.map((fact) => [fact.id, fact])).values()];
  for (let round = 0; left.length > 0; round++) {
    if (round === rounds)
      throw new AppError("unavailable", "rollup.busy", "The rollups change too fast to be counted now.");
    if (round > 0) await jitter(round);
    const expiresAtEpochS = epochS(ctx.now()) + keptMarkerS;
    const done = await transact(ctx.table, [
      ...left.map((fact) => write.put(fact.id, RolledEntity.create({ factId: fact.id, expiresAtEpochS }).params(at))),
      ...sumOf(left).map(({ scope, day, currency, figures }) =>
        write.update(
          `${scope} ${day} ${currency}`,
          RollupEntity.upsert({ scope, day, currency }).add(figures).params(at),
        ),
      ),
    ]);
    if (done.ok) return countSales(ctx, left);
    // A marker that exists says that its fact is counted already.
    const counted = new Set(done.refusals.map((refusal) => refusal.name));
    left = left.filter((fact) => !counted.has(fact.id));
  }
}

/** Of facts that were counted just now, and never again: what the program as a whole sees of them. */
async function countSales(ctx: Context, facts: readonly Fact[]): Promise<void> {
  const all = facts.flatMap(({ deltas }) => deltas).filter(({ scope }) => scope === "program");
  const sales = all.reduce((sum, { figures }) => sum + (figures.sales ?? 0), 0);
  const reversals = all.filter(({ figures }) => (figures.reversedMinor ?? 0) > 0).length;
  if (reversals > 0) ctx.metrics.record("Reversals", reversals);
  if (sales === 0) return;
  const { program } = await ctx.program();
  const own = all.filter(({ currency }) => currency === program.currency);
  ctx.metrics.record("Sales", sales);
  ctx.metrics.record(
    "CommissionsMinor",
    own.reduce((sum, { figures }) => sum + (figures.earnedMinor ?? 0), 0),
  );
}
