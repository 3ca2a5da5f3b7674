import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import type { PageOf } from "../api/pages.ts";
import { plural } from "../format/words.ts";
import { Button } from "./button.tsx";
import { Failure, SkeletonRows } from "./states.tsx";
import { announce } from "./toast.tsx";

/** After so many empty pages a person decides whether to look further. */
const mostHollow = 20;

type Listing<T> = UseInfiniteQueryResult<InfiniteData<PageOf<T>>, Error>;

export const rowsOf = <T,>(listing: Listing<T>): T[] => listing.data?.pages.flatMap((page) => page.items) ?? [];

/** A list in each of its states: loading, failed, empty, or rows with a way to more of them. */
export function Pages<T>({
  listing,
  loading,
  empty,
  children,
}: {
  listing: Listing<T>;
  loading?: ReactNode;
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}) {
  const { data, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = listing;
  // Filters are applied page by page, so a page may be empty and still have another behind it.
  const hollow = hasNextPage && data !== undefined && rowsOf(listing).length === 0 && data.pages.length < mostHollow;
  useEffect(() => {
    if (hollow && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [hollow, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (listing.isPending || (hollow && !isFetchNextPageError)) return loading ?? <SkeletonRows />;
  if (listing.isError && !listing.data) return <Failure error={listing.error} retry={() => listing.refetch()} />;
  const rows = rowsOf(listing);
  if (rows.length === 0 && !listing.hasNextPage) return empty;

  const more = async () => {
    const next = await listing.fetchNextPage();
    if (next.isError) return;
    const count = next.data?.pages.at(-1)?.items.length ?? 0;
    announce(`${plural(count, "more row", "more rows")} loaded.`);
  };

  return (
    <>
      {rows.length > 0 && children(rows)}
      {listing.isFetchNextPageError && <Failure error={listing.error} className="mt-4" />}
      {listing.hasNextPage && (
        <div className="mt-5 flex justify-center print:hidden">
          <Button look="outline" busy={listing.isFetchingNextPage} onClick={more}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}
