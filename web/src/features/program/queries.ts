import type { Program } from "@laurel/contract";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { isStaff, meQuery } from "../session/session.ts";

/** All settings; for staff. */
export const programQuery = queryOptions({
  queryKey: ["program", "settings"],
  queryFn: ({ signal }) => get<Program>("/api/program", {}, signal),
});

/** The zone of the program's calendar, for whoever may know it; undefined means the viewer's own zone. */
export function useProgramZone(): string | undefined {
  const { data: me } = useQuery(meQuery);
  const { data: program } = useQuery({ ...programQuery, enabled: isStaff(me) });
  return program?.timeZone;
}
