import type { FraudSignal, Program, SavedRules } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";

/** All settings; for staff. */
export const programQuery = queryOptions({
  queryKey: ["program", "settings"],
  queryFn: ({ signal }) => get<Program>("/api/program", {}, signal),
});

/** All versions of the rules, the newest first. */
export const rulesQuery = pages<SavedRules>(["program", "rules"], "/api/program/rules");

/** The fraud signals with their defaults; they change with a new release only. */
export const fraudSignalsQuery = queryOptions({
  queryKey: ["fraud-signals"],
  queryFn: async ({ signal }) => (await get<{ items: FraudSignal[] }>("/api/fraud-signals", {}, signal)).items,
  staleTime: Number.POSITIVE_INFINITY,
});
