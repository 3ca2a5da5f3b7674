import type { Program } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";

/** All settings; for staff. */
export const programQuery = queryOptions({
  queryKey: ["program", "settings"],
  queryFn: ({ signal }) => get<Program>("/api/program", {}, signal),
});
