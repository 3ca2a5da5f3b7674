import type { Connection } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";

/** Something is being done there: it is looked at again until that has come to its end. */
const isBusy = (connection: Connection): boolean =>
  (connection.state === "connecting" && connection.problem === null) ||
  connection.webhook.renewing ||
  connection.codes?.state === "running" ||
  connection.codes?.state === "waiting";

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: async ({ signal }) => (await get<{ items: Connection[] }>("/api/connections", {}, signal)).items,
  refetchInterval: (query) => {
    const items = query.state.data ?? [];
    if (items.some((each) => each.state === "connecting" || each.webhook.renewing)) return 2000;
    return items.some(isBusy) ? 10_000 : false;
  },
});

export const connectionPath = (id: string): string => `/api/connections/${encodeURIComponent(id)}`;
