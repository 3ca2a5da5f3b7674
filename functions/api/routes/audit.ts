import { AuditPage, ListAudit } from "@laurel/contract";
import * as Audits from "@laurel/core/audit";
import { route } from "../route.ts";

const list = route({
  method: "get",
  path: "/api/audit",
  summary: "What was done and by whom, newest first",
  description: "Of one thing, by its id as subject, or of all. Personal fields are never in it.",
  tag: "Audit",
  permission: "audit.read",
  query: ListAudit,
  answer: AuditPage,
  handle: ({ ctx, query }) => Audits.list(ctx, query),
});

export const auditRoutes = [list] as const;
