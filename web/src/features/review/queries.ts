import type { Application } from "@laurel/contract";
import { type InfiniteData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { type PageOf, pages } from "../../api/pages.ts";
import type { ReviewFilters } from "./filters.ts";

export const applicationsQuery = (filters: ReviewFilters) =>
  pages<Application>(["applications"], "/api/applications", { ...filters });

export const applicationQuery = (id: string) =>
  queryOptions({
    queryKey: ["application", id],
    queryFn: ({ signal }) => get<Application>(`/api/applications/${encodeURIComponent(id)}`, {}, signal),
  });

/** A decided application leaves every list that is on show: the answer has come, so this is no guess. */
export function dropFromLists(client: QueryClient, id: string): void {
  client.setQueriesData<InfiniteData<PageOf<Application>>>(
    { queryKey: ["applications"] },
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) })),
      },
  );
}
