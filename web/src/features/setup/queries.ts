import type { Me, Setup } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { isOwner } from "../session/session.ts";

/** How far the first steps are; asked of owners alone, and once they are behind them not any more. */
export const setupQuery = (me: Me | null | undefined) =>
  queryOptions({
    queryKey: ["setup"],
    queryFn: ({ signal }) => get<Setup>("/api/setup", {}, signal),
    enabled: isOwner(me),
    staleTime: (query) => (query.state.data?.finished ? Number.POSITIVE_INFINITY : 15_000),
    retry: false,
  });
