import type { Tier as TierAnswer } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { authorize } from "../kernel/permission.ts";
import type { Page } from "../table/read.ts";
import type { Tier } from "./tier.entity.ts";

/** All tiers, from the lowest step up; so few that one page holds them. */
export async function list(ctx: Context): Promise<Page<TierAnswer>> {
  authorize(ctx.actor, "tier.read");
  return { items: (await ctx.program()).tiers.map(serialize), cursor: null };
}

export const serialize = ({ id, name, rateBp, position }: Tier): TierAnswer => ({ id, name, rateBp, position });
