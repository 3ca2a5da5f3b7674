import { type EffectItem, newEffect } from "../effect/index.ts";
import type { Context } from "../kernel/context.ts";
import type { Entry } from "../ledger/index.ts";

/**
 * The thanks for a sale: an effect whose id derives from the entry, so that it exists once however often the entry is told.
 * None for entries of seeds and imports, for what earned nothing, and for anything that is not a sale.
 */
export function earnedEffect(ctx: Context, entry: Entry): EffectItem | undefined {
  if (entry.kind !== "earn" || entry.silent) return undefined;
  const id = entry.id.replace(/^led_/, "eff_");
  return newEffect(ctx, "mail.you_earned", entry.id, { ambassadorId: entry.ambassadorId }, { id });
}
