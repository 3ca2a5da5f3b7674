import { findAmbassador } from "../ambassador/index.ts";
import { type EffectItem, newEffect } from "../effect/index.ts";
import { raiseFound, screen } from "../flag/index.ts";
import type { Context } from "../kernel/context.ts";
import { assert } from "../kernel/errors.ts";
import { derivedId } from "../kernel/ids.ts";
import type { Entry } from "../ledger/index.ts";
import { findOrder } from "../order/index.ts";
import { fraudOf } from "../program/index.ts";
import { situationOf } from "./situation.ts";

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

/** Applies the rules to an order and raises what they see. Doing it again raises nothing anew. */
export async function screenOrder(ctx: Context, orderId: string, ambassadorId: string): Promise<void> {
  assert(ctx.actor.kind === "system", "only the program itself screens orders");
  const [order, ambassador] = await Promise.all([findOrder(ctx, orderId), findAmbassador(ctx, ambassadorId)]);
  if (!order || !ambassador || order.attribution?.ambassadorId !== ambassadorId) return;
  const { program } = await ctx.program();
  const found = screen(await situationOf(ctx, order, ambassador), fraudOf(program));
  if (found.length > 0) await raiseFound(ctx, order.id, ambassadorId, found);
}
