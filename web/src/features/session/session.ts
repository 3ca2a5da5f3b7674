import type { Me, PublicProgram, StaffRole } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";

const staffRoles: readonly string[] = ["owner", "manager", "finance", "viewer"] satisfies StaffRole[];

const meKey = ["me"];

/** Who is signed in; null is nobody. A session that ended is an error like on any other request, not a page without a person. */
export const meQuery = queryOptions({
  queryKey: meKey,
  queryFn: async ({ client, signal }): Promise<Me | null> => {
    try {
      return await get<Me>("/api/me", {}, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401 && !client.getQueryData(meKey)) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** What anyone may see of the program: its name, voice, niches and documents. */
export const publicProgramQuery = queryOptions({
  queryKey: ["program", "public"],
  queryFn: ({ signal }) => get<PublicProgram>("/api/program/public", {}, signal),
  staleTime: 5 * 60_000,
});

export const isStaff = (me: Me | null | undefined): boolean =>
  me?.roles.some((role) => staffRoles.includes(role)) ?? false;
export const isAmbassador = (me: Me | null | undefined): boolean => me?.roles.includes("ambassador") ?? false;
/** Who decides applications, replays events and retries effects. */
export const canDecide = (me: Me | null | undefined): boolean =>
  me?.roles.some((role) => role === "owner" || role === "manager") ?? false;
export const isOwner = (me: Me | null | undefined): boolean => me?.roles.includes("owner") ?? false;
export const canReadAudit = (me: Me | null | undefined): boolean =>
  me?.roles.some((role) => role === "owner" || role === "manager" || role === "finance") ?? false;

/** Where each person begins. */
export const landingOf = (me: Me | null | undefined): "/applications" | "/home" | "/" =>
  isStaff(me) ? "/applications" : isAmbassador(me) ? "/home" : "/";
