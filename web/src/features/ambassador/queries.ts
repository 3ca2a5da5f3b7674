import type { Ambassador, AmbassadorDetail, AmbassadorStatus, Balance } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";

/** Those of a status, or those who have no code that works. */
export const ambassadorsQuery = (which: AmbassadorStatus | "code_failed") =>
  pages<Ambassador>(
    ["ambassadors"],
    "/api/ambassadors",
    which === "code_failed" ? { codes: "failed" } : { status: which },
  );

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
