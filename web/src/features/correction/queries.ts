import type { Ambassador, Correction, CorrectionDetail, CorrectionState } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";

export const correctionsQuery = (state: CorrectionState) =>
  pages<Correction>(["corrections"], "/api/corrections", { state });

export const correctionPath = (id: string) => `/api/corrections/${encodeURIComponent(id)}`;

export const correctionQuery = (id: string) =>
  queryOptions({
    queryKey: ["corrections", "one", id],
    queryFn: ({ signal }) => get<CorrectionDetail>(correctionPath(id), {}, signal),
  });

/** More than that nobody picks from a list. */
const mostPages = 20;

/** Everybody who may be given an order, by name. */
export const receiversQuery = queryOptions({
  queryKey: ["ambassadors", "receivers"],
  queryFn: async ({ signal }) => {
    const all: Ambassador[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const got = await get<{ items: Ambassador[]; cursor: string | null }>(
        "/api/ambassadors",
        { status: "active", cursor },
        signal,
      );
      all.push(...got.items);
      if (!got.cursor) break;
      cursor = got.cursor;
    }
    return all.toSorted((a, b) => a.name.localeCompare(b.name));
  },
  staleTime: 60_000,
});
