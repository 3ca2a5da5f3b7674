import { TierPage } from "@laurel/contract";
import * as Tiers from "@laurel/core/tier";
import { route } from "../route.ts";

const list = route({
  method: "get",
  path: "/api/tiers",
  summary: "All tiers, from the lowest step up",
  tag: "Program",
  permission: "tier.read",
  answer: TierPage,
  handle: ({ ctx }) => Tiers.list(ctx),
});

export const tierRoutes = [list] as const;
