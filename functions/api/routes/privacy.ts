import { ListPrivacyRequests, PrivacyExport, PrivacyRequestPage } from "@laurel/contract";
import * as Privacy from "@laurel/core/privacy";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Privacy";

const list = route({
  method: "get",
  path: "/api/privacy-requests",
  summary: "Requests about personal data that came by checkouts, newest first",
  description: "Each is fulfilled by itself; this is the record of it.",
  tag,
  permission: "privacy.read",
  query: ListPrivacyRequests,
  answer: PrivacyRequestPage,
  handle: ({ ctx, query }) => Privacy.list(ctx, query),
});

const exported = route({
  method: "get",
  path: "/api/privacy-requests/{id}/export",
  summary: "What is kept of a buyer who asked",
  description: "For 30 days, to be handed over to the buyer. 404 for requests of another kind.",
  tag,
  permission: "privacy.read",
  params: z.strictObject({ id: z.string().min(1).max(200) }),
  answer: PrivacyExport,
  handle: ({ ctx, params }) => Privacy.exported(ctx, params.id),
});

export const privacyRoutes = [list, exported] as const;
