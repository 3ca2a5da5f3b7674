import type { Ambassador, AmbassadorDetail, AmbassadorStatus, Balance } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";

export const ambassadorsQuery = (status: AmbassadorStatus) =>
  pages<Ambassador>(["ambassadors"], "/api/ambassadors", { status });

const path = (id: string) => `/api/ambassadors/${encodeURIComponent(id)}`;

export const ambassadorQuery = (id: string) =>
  queryOptions({
    queryKey: ["ambassador", id],
    queryFn: ({ signal }) => get<AmbassadorDetail>(path(id), {}, signal),
    // A code is being made at the checkout: look again until it is there or has failed.
    refetchInterval: (query) => (query.state.data?.codes.some((code) => code.state === "activating") ? 4000 : false),
  });

export const balancesQuery = (id: string) =>
  queryOptions({
    queryKey: ["ambassador", id, "balances"],
    queryFn: async ({ signal }) => (await get<{ items: Balance[] }>(`${path(id)}/balances`, {}, signal)).items,
  });
