import { AmbassadorDetail, AmbassadorPage, CodePage, cursor, idSchema, ListAmbassadors } from "@laurel/contract";
import * as Ambassadors from "@laurel/core/ambassador";
import * as Codes from "@laurel/core/code";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Ambassadors";

const list = route({
  method: "get",
  path: "/api/ambassadors",
  summary: "The ambassadors of one status, newest first",
  tag,
  permission: "ambassador.read",
  query: ListAmbassadors,
  answer: AmbassadorPage,
  handle: ({ ctx, query }) => Ambassadors.list(ctx, query),
});

const get = route({
  method: "get",
  path: "/api/ambassadors/{id}",
  summary: "One ambassador, with address and codes",
  tag,
  permission: "ambassador.read",
  params: z.strictObject({ id: idSchema("ambassador") }),
  answer: AmbassadorDetail,
  handle: ({ ctx, params }) => Ambassadors.get(ctx, params.id),
});

const ownCodes = route({
  method: "get",
  path: "/api/me/codes",
  summary: "One's own codes, the oldest first",
  tag: "Me",
  permission: "me.earnings",
  query: z.strictObject({ cursor: cursor.optional() }),
  answer: CodePage,
  handle: ({ ctx, query }) => Codes.listOwn(ctx, query),
});

export const ambassadorRoutes = [list, get, ownCodes] as const;
