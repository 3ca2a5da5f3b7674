import { findAmbassadors } from "../ambassador/index.ts";
import { type EffectItem, newEffect } from "../effect/index.ts";
import { type Found, raiseAll, screen } from "../flag/index.ts";
import type { Context } from "../kernel/context.ts";
import { assert } from "../kernel/errors.ts";
import { errorOf } from "../kernel/failure.ts";
import { derivedId } from "../kernel/ids.ts";
import type { Entry } from "../ledger/index.ts";
import { findOrders } from "../order/index.ts";
import { fraudOf } from "../program/index.ts";
import { type Subject, situationsOf } from "./situation.ts";

/**
 * The screening of a sale: an effect whose id derives from the entry that it earned by. None for entries of seeds and imports,
 * for what a person gave to somebody by a claim, and for anything that earned nothing.
 */
export function screeningEffect(ctx: Context, entry: Entry): EffectItem | undefined {
  const [orderId] = entry.orderIds;
  if (entry.kind !== "earn" || entry.silent || !orderId) return undefined;
  const id = derivedId("effect", entry.id, "order.screen");
  return newEffect(ctx, "order.screen", orderId, { ambassadorId: entry.ambassadorId }, { id });
}

/** An order that is to be screened, for the ambassador who earned by it. */
export interface Screening {
  orderId: string;
  ambassadorId: string;
}

/** Applies the rules to an order and raises what they see. Doing it again raises nothing anew. */
export async function screenOrder(ctx: Context, orderId: string, ambassadorId: string): Promise<void> {
  const [end] = await screenOrders(ctx, [{ orderId, ambassadorId }]);
  if (end?.status === "rejected") throw end.reason;
}

/**
 * The same of several orders, which come together in a burst: what they share is read once.
 * @returns of each, in their order, how it ended
 */
export async function screenOrders(
  ctx: Context,
  asked: readonly Screening[],
): Promise<PromiseSettledResult<unknown>[]> {
  if (asked.length === 0) return [];
  assert(ctx.actor.kind === "system", "only the program itself screens orders");
  let found: Found[];
  try {
    found = await findIn(ctx, asked);
  } catch (error) {
    if (asked.length === 1) return [{ status: "rejected", reason: error }];
    // What can't be read of one holds up nothing but itself.
    ctx.log.warn("order.not_screened_together", { orders: asked.length, ...errorOf(error) });
    const ends = [];
    for (const each of asked) ends.push(...(await screenOrders(ctx, [each])));
    return ends;
  }
  const flagged = found.filter(({ findings }) => findings.length > 0);
  const ends = await raiseAll(ctx, flagged);
  return found.map((each) => ends[flagged.indexOf(each)] ?? { status: "fulfilled", value: [] });
}

/** What the rules see in each of several orders: nothing where it is not theirs any more. */
async function findIn(ctx: Context, asked: readonly Screening[]): Promise<Found[]> {
  const [orders, ambassadors] = await Promise.all([
    findOrders(
      ctx,
      asked.map(({ orderId }) => orderId),
    ),
    findAmbassadors(
      ctx,
      asked.map(({ ambassadorId }) => ambassadorId),
    ),
  ]);
  const subjects = asked.map(({ ambassadorId }, at): Subject | undefined => {
    const [order, ambassador] = [orders[at], ambassadors.get(ambassadorId)];
    return order?.attribution?.ambassadorId === ambassadorId && ambassador ? { order, ambassador } : undefined;
  });
  const situations = await situationsOf(
    ctx,
    subjects.filter((each) => each !== undefined),
  );
  const { program } = await ctx.program();
  return asked.map(({ orderId, ambassadorId }, at) => {
    const subject = subjects[at];
    const findings = subject ? screen(situations.get(subject)!, fraudOf(program)) : [];
    return { orderId: subject?.order.id ?? orderId, ambassadorId, findings };
  });
}
