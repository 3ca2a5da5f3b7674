import type { Job, JobDetail, JobRow } from "@laurel/contract";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";

export const isOpen = (job: Job): boolean => job.state === "waiting" || job.state === "running";

/** A job with its rows, page after page; asked for again each second until it has ended. */
export const jobQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["job", id],
    queryFn: ({ pageParam, signal }) =>
      get<JobDetail>(`/api/jobs/${encodeURIComponent(id)}`, { cursor: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last: JobDetail) => last.rows.cursor,
    refetchInterval: ({ state }) => {
      const job = state.data?.pages.at(-1);
      return !job || isOpen(job) ? 1000 : false;
    },
  });

/** Refused ones first: they are what somebody has to look at. */
export const sorted = (rows: readonly JobRow[]): JobRow[] =>
  [...rows].sort((a, b) => Number(a.outcome === "done") - Number(b.outcome === "done") || a.row - b.row);
