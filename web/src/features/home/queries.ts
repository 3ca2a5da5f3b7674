import type { Balance, Code, Commission } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import type { PageOf } from "../../api/pages.ts";

export const ownCodesQuery = queryOptions({
  queryKey: ["me", "codes"],
  queryFn: async ({ signal }) => (await get<PageOf<Code>>("/api/me/codes", {}, signal)).items,
  // A new code is being made at the checkout: look again until it is there.
  refetchInterval: (query) => (query.state.data?.some((code) => code.state === "activating") ? 4000 : false),
});

export const ownBalancesQuery = queryOptions({
  queryKey: ["me", "balances"],
  queryFn: async ({ signal }) => (await get<{ items: Balance[] }>("/api/me/balances", {}, signal)).items,
});

const mostPages = 10;

/** The commissions that still wait. They come newest first, so once a whole page has been released none is behind it. */
export const pendingCommissionsQuery = queryOptions({
  queryKey: ["me", "commissions", "pending"],
  queryFn: async ({ signal }) => {
    const pending: Commission[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const answer = await get<PageOf<Commission>>("/api/me/commissions", { cursor }, signal);
      const waiting = answer.items.filter((each) => each.state === "pending");
      pending.push(...waiting);
      if (answer.cursor === null || (waiting.length === 0 && answer.items.length > 0)) break;
      cursor = answer.cursor;
    }
    return pending;
  },
});
