import type { Campaign as CampaignAnswer, ScheduleCampaign } from "@laurel/contract";
import { recordAudit } from "../audit/audit.ops.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { parse } from "../table/entity.ts";
import { getItem, type Page } from "../table/read.ts";
import { write } from "../table/transact.ts";
import { type Campaign, CampaignEntity, offerOf } from "./campaign.entity.ts";

/** All campaigns, the default one first, the others by name; so few that one page holds them. */
export async function list(ctx: Context): Promise<Page<CampaignAnswer>> {
  authorize(ctx.actor, "campaign.read");
  const campaigns = [...(await ctx.program()).campaigns].sort(
    (a, b) => Number(b.isDefault) - Number(a.isDefault) || a.name.localeCompare(b.name, "en"),
  );
  return { items: campaigns.map(serialize), cursor: null };
}

/** Says when a campaign runs. @throws AppError not_found */
export async function schedule(
  ctx: Context,
  id: string,
  { startsOn, endsOn }: ScheduleCampaign,
): Promise<CampaignAnswer> {
  authorize(ctx.actor, "program.change");
  const before = parse(CampaignEntity, await getItem(ctx.table, { pk: "PROGRAM", sk: `CAMPAIGN#${id}` }));
  if (!before) throw notFound();
  const next: Campaign = { ...before, startsOn: startsOn ?? undefined, endsOn: endsOn ?? undefined };
  await commit(ctx, [
    write.put("campaign", CampaignEntity.put(next).params({ table: ctx.table.name })),
    recordAudit(ctx, {
      action: "campaign.scheduled",
      subject: id,
      before: { startsOn: before.startsOn ?? null, endsOn: before.endsOn ?? null },
      after: { startsOn, endsOn },
    }),
  ]);
  return serialize(next);
}

export const serialize = (campaign: Campaign): CampaignAnswer => ({
  id: campaign.id,
  name: campaign.name,
  objective: campaign.objective,
  offer: offerOf(campaign),
  percentOff: campaign.percentOff,
  landingUrl: campaign.landingUrl,
  isDefault: campaign.isDefault,
  startsOn: campaign.startsOn ?? null,
  endsOn: campaign.endsOn ?? null,
});
