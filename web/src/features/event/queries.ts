import {
  type Event,
  type EventCount,
  type EventDetail,
  type EventStatus,
  eventSources,
  eventStatuses as statuses,
} from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";

export const eventStatuses: readonly EventStatus[] = statuses;

/** An event's id holds a ~ and whatever the provider put into its own. */
export const eventPath = (id: string): string => `/api/events/${encodeURIComponent(id)}`;

/** What stands in the address: days are the reader's own. */
export interface EventSearch {
  status?: string;
  source?: string;
  connectionId?: string;
  from?: string;
  to?: string;
}

/** The same as the API takes it; what it does not know is left out. */
export function filterOf({ status, source, connectionId, from, to }: EventSearch) {
  return {
    status: [...eventStatuses, "dead" as const].find((each) => each === status),
    source: eventSources.find((each) => each === source),
    connectionId: /^con_[0-9a-z]{26}$/.test(connectionId ?? "") ? connectionId : undefined,
    from: instantOf(from, "T00:00:00.000"),
    to: instantOf(to, "T23:59:59.999"),
  };
}
type Filter = ReturnType<typeof filterOf>;

function instantOf(day: string | undefined, time: string): string | undefined {
  const at = new Date(`${day}${time}`);
  return day && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}

export const eventsQuery = (filter: Filter) => pages<Event>(["events"], "/api/events", filter);

export const eventCountQuery = (filter: Filter) =>
  queryOptions({
    queryKey: ["events", "count", filter],
    queryFn: ({ signal }) => get<EventCount>("/api/events/count", filter, signal),
    staleTime: 0,
  });

export const eventQuery = (id: string) =>
  queryOptions({ queryKey: ["event", id], queryFn: ({ signal }) => get<EventDetail>(eventPath(id), {}, signal) });
