import type { Event, EventDetail, EventStatus } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";

export const eventStatuses: readonly EventStatus[] = ["processed", "ignored", "waiting", "unprocessable", "failed"];

/** An event's id holds a ~ and whatever the provider put into its own. */
export const eventPath = (id: string): string => `/api/events/${encodeURIComponent(id)}`;

export const eventsQuery = (status: EventStatus | undefined) => pages<Event>(["events"], "/api/events", { status });

export const eventQuery = (id: string) =>
  queryOptions({ queryKey: ["event", id], queryFn: ({ signal }) => get<EventDetail>(eventPath(id), {}, signal) });
