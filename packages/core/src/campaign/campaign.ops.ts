import type { Campaign as CampaignAnswer } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { authorize } from "../kernel/permission.ts";
import type { Page } from "../table/read.ts";
import { type Campaign, offerOf } from "./campaign.entity.ts";

/** All campaigns, the default one first, the others by name; so few that one page holds them. */
export async function list(ctx: Context): Promise<Page<CampaignAnswer>> {
  authorize(ctx.actor, "campaign.read");
  const campaigns = [...(await ctx.program()).campaigns].sort(
    (a, b) => Number(b.isDefault) - Number(a.isDefault) || a.name.localeCompare(b.name, "en"),
  );
  return { items: campaigns.map(serialize), cursor: null };
}

export const serialize = (campaign: Campaign): CampaignAnswer => ({
  id: campaign.id,
  name: campaign.name,
  objective: campaign.objective,
  offer: offerOf(campaign),
  percentOff: campaign.percentOff,
  landingUrl: campaign.landingUrl,
  isDefault: campaign.isDefault,
});
