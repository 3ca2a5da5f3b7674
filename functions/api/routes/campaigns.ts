import { Campaign, CampaignPage, idSchema, ScheduleCampaign } from "@laurel/contract";
import * as Campaigns from "@laurel/core/campaign";
import * as z from "zod";
import { route } from "../route.ts";

const list = route({
  method: "get",
  path: "/api/campaigns",
  summary: "All campaigns, the default one first",
  tag: "Program",
  permission: "campaign.read",
  answer: CampaignPage,
  handle: ({ ctx }) => Campaigns.list(ctx),
});

const schedule = route({
  method: "put",
  path: "/api/campaigns/{id}/schedule",
  summary: "Say when a campaign runs",
  description: "By the rules of the program its codes and links count in that time only.",
  tag: "Program",
  permission: "program.change",
  params: z.strictObject({ id: idSchema("campaign") }),
  body: ScheduleCampaign,
  answer: Campaign,
  handle: async ({ ctx, params, body, runtime }) => {
    const campaign = await Campaigns.schedule(ctx, params.id, body);
    runtime.forgetProgram();
    return campaign;
  },
});

export const campaignRoutes = [list, schedule] as const;
