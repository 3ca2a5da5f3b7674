import { infiniteQueryOptions } from "@tanstack/react-query";
import { get, type Query } from "./client.ts";

export interface PageOf<T> {
  items: T[];
  cursor: string | null;
}

/** A list of the API, page after page. */
export const pages = <T>(key: readonly unknown[], path: string, query: Query = {}) =>
  infiniteQueryOptions({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) => get<PageOf<T>>(path, { ...query, cursor: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: PageOf<T>) => last.cursor,
  });
