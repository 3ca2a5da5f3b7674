import type { Campaign, Tier } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { PageOf } from "../../api/pages.ts";

export const campaignsQuery = queryOptions({
  queryKey: ["campaigns"],
  queryFn: async ({ signal }) => (await get<PageOf<Campaign>>("/api/campaigns", {}, signal)).items,
  staleTime: 60_000,
});

/** From the lowest step up. */
export const tiersQuery = queryOptions({
  queryKey: ["tiers"],
  queryFn: async ({ signal }) =>
    (await get<PageOf<Tier>>("/api/tiers", {}, signal)).items.toSorted((a, b) => a.position - b.position),
  staleTime: 60_000,
});
