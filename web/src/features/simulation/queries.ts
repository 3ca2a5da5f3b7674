import type { Simulation } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { isOpen } from "../job/queries.ts";

/** Rules on trial, and what came of it; asked for again each second until that is known. */
export const simulationQuery = (id: string) =>
  queryOptions({
    queryKey: ["simulation", id],
    queryFn: ({ signal }) => get<Simulation>(`/api/simulations/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: ({ state }) => (!state.data || isOpen(state.data.job) ? 1000 : false),
  });
