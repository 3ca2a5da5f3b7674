import { CampaignPage } from "@laurel/contract";
import * as Campaigns from "@laurel/core/campaign";
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

export const campaignRoutes = [list] as const;
